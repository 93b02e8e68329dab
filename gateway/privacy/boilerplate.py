"""Text that known clients send with every request, reviewed and recognised by digest.

A coding agent sends its own instructions with each turn. They hold no data of the organisation, so
a reviewer lists the digests of their paragraphs in ``policies/boilerplate.yaml``, one release of
a client at a time. Of a paragraph that a client fills in for a user or a project, the other lines
are listed. An application lists its prompt templates in the same way, and of a line that it fills
in the other sentences. What has another digest is scanned like any other text.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Annotated, Any, NamedTuple

import msgspec

SHORTEST = 40  # characters of a paragraph or line; a shorter one may be a sentence of a user
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_LINE_END = re.compile(r"\n")
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+")
_SLOT = re.compile(r"\{\{?\s*[\w. -]{1,60}\s*\}?\}")
_PERSONALISATION = b"sluis boilerplat"  # 16 bytes: no other digest of a text reads like this one

Stretch = tuple[int, int]
Stretches = Callable[[str], Sequence[Stretch]]  # of a text that need no scan
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
_Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]


class ClientRelease(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The reviewed text of one version of a client, as digests; who read it, and when.

    ``sentences`` are those of lines that are filled in.
    """

    client: _Name
    version: _Name
    reviewed_by: _Name
    reviewed_on: date
    digests: tuple[_Digest, ...]
    sentences: tuple[_Digest, ...] = ()


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    releases: tuple[ClientRelease, ...] = ()


class Boilerplate:
    """The paragraphs, lines and sentences that need no scan."""

    def __init__(self, releases: Sequence[ClientRelease] = (), digests: Iterable[str] = ()) -> None:
        self.releases = tuple(releases)
        sentences = frozenset[str]().union(*(one.sentences for one in releases))
        self._digests = sentences.union(digests, *(one.digests for one in releases))
        self._has_sentences = bool(sentences)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Boilerplate":
        """Return the paragraphs of a parsed ``policies/boilerplate.yaml``.

        Raises:
            ValueError: a key is unknown or missing, a digest has the wrong form, or a release is
                listed twice.
        """
        try:
            parsed = msgspec.convert(document, _Document)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error
        if parsed.version != 1:
            raise ValueError("version must be 1")
        names = [(one.client, one.version) for one in parsed.releases]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"listed twice: {' '.join(twice[0])}")
        return cls(parsed.releases)

    def spans(self, text: str) -> list[Stretch]:
        """Return the stretches of reviewed paragraphs, lines and sentences, in order."""
        return list(self._known(text)) if self._digests else []

    def without(self, text: str) -> str:
        """Return a text without its reviewed stretches; the same text where it has none."""
        kept, done = [], 0
        for start, end in self.spans(text):
            kept.append(text[done:start])
            done = end
        return "\n".join([*kept, text[done:]]) if done else text

    def _known(self, text: str) -> Iterator[Stretch]:
        for paragraph in paragraphs(text):
            if self._holds(text, paragraph):
                yield paragraph
                continue
            for line in lines(text, paragraph):
                if self._holds(text, line):
                    yield line
                elif self._has_sentences:
                    yield from (one for one in sentences(text, line) if self._holds(text, one))

    def _holds(self, text: str, stretch: Stretch) -> bool:
        return digest_of(text[slice(*stretch)]) in self._digests


def paragraphs(text: str) -> Iterator[Stretch]:
    """Yield the paragraphs of a text, which blank lines separate."""
    return _pieces(text, (0, len(text)), _BLANK_LINE)


def lines(text: str, paragraph: Stretch) -> Iterator[Stretch]:
    """Yield the lines of a paragraph."""
    return _pieces(text, paragraph, _LINE_END)


def sentences(text: str, line: Stretch) -> Iterator[Stretch]:
    """Yield the sentences of a line."""
    return _pieces(text, line, _SENTENCE_END)


def _pieces(
    text: str, within: Stretch, border: re.Pattern[str], shortest: int = SHORTEST
) -> Iterator[Stretch]:
    """Yield what is between borders without the white space around it; no shorter pieces."""
    at, stop = within
    for cut in [*(match.span() for match in border.finditer(text, at, stop)), (stop, stop)]:
        piece = text[at : cut[0]]
        start = at + len(piece) - len(piece.lstrip())
        end = at + len(piece.rstrip())
        if end - start >= shortest:
            yield start, end
        at = cut[1]


def digest_of(piece: str) -> str:
    """Return the digest of a paragraph or a line: BLAKE2b, 16 bytes, personalised (RFC 7693)."""
    data = piece.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16, person=_PERSONALISATION).hexdigest()


def common(recordings: Iterable[Iterable[str]]) -> dict[str, str]:
    """Return what each recording holds: paragraphs, and lines of other paragraphs, by digest.

    A recording is the texts of one session. What differs between two sessions depends on the user
    or the project, so it is no boilerplate. The order is that of the first recording.
    """
    each = [list(texts) for texts in recordings]
    held = [{digest for text in texts for digest in _digests(text)} for texts in each]
    everywhere = frozenset.intersection(*map(frozenset, held)) if held else frozenset[str]()
    found: dict[str, str] = {}
    for text in each[0] if each else ():
        known = Boilerplate(digests=everywhere)
        found |= {digest_of(piece): piece for a, b in known.spans(text) for piece in [text[a:b]]}
    return found


class Template(NamedTuple):
    """What a prompt template says beside its slots: text by digest, and the parts of lines in it.

    ``sentences`` are the digests of sentences of lines that have a slot; ``unlisted`` are the
    sentences that are scanned all the same: they have a slot, or are short.
    """

    texts: Mapping[str, str]
    sentences: tuple[str, ...]
    unlisted: tuple[str, ...]


def template(text: str) -> Template:
    """Return what is listed of a prompt template, whose slots are ``{name}`` or ``{{ name }}``."""
    found: dict[str, str] = {}
    single, unlisted = [], []

    def listed(stretch: Stretch) -> str | None:
        piece = text[slice(*stretch)]
        if _SLOT.search(piece):
            return None
        found[digest_of(piece)] = piece
        return digest_of(piece)

    for paragraph in _pieces(text, (0, len(text)), _BLANK_LINE, 1):
        if _is_long(paragraph) and listed(paragraph):
            continue
        for line in _pieces(text, paragraph, _LINE_END, 1):
            if _is_long(line) and listed(line):
                continue
            for sentence in _pieces(text, line, _SENTENCE_END, 1):
                digest = listed(sentence) if _is_long(sentence) else None
                if digest:
                    single.append(digest)
                else:
                    unlisted.append(text[slice(*sentence)])
    return Template(found, tuple(single), tuple(unlisted))


def _is_long(stretch: Stretch) -> bool:
    return stretch[1] - stretch[0] >= SHORTEST


def _digests(text: str) -> Iterator[str]:
    for paragraph in paragraphs(text):
        yield digest_of(text[slice(*paragraph)])
        yield from (digest_of(text[slice(*line)]) for line in lines(text, paragraph))
