"""Text that known clients send with every request, reviewed and recognised by digest.

A coding agent sends its own instructions with each turn. They hold no data of the organisation, so
a reviewer lists the digests of their paragraphs in ``policies/boilerplate.yaml``, one release of
a client at a time. A paragraph that a client changes for a user or a project has another digest and
is scanned like any other text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Annotated, Any

import msgspec

SHORTEST_PARAGRAPH = 40  # characters; a shorter paragraph may be a sentence of a user
_BREAK = re.compile(r"\n[ \t]*\n\s*")
_PERSONALISATION = b"sluis boilerplat"  # 16 bytes: no other digest of a text reads like this one

Span = tuple[int, int]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
_Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]


class ClientRelease(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The reviewed paragraphs of one version of a client, as digests; who read them, and when."""

    client: _Name
    version: _Name
    reviewed_by: _Name
    reviewed_on: date
    digests: tuple[_Digest, ...]


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    releases: tuple[ClientRelease, ...] = ()


class Boilerplate:
    """The paragraphs that need no scan."""

    def __init__(self, releases: Sequence[ClientRelease] = ()) -> None:
        self.releases = tuple(releases)
        self._digests = frozenset(digest for one in releases for digest in one.digests)

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

    def spans(self, text: str) -> list[Span]:
        """Return the stretches of the reviewed paragraphs, in order."""
        if not self._digests:
            return []
        return [
            (start, end)
            for start, end in paragraphs(text)
            if digest_of(text[start:end]) in self._digests
        ]


def paragraphs(text: str) -> Iterator[Span]:
    """Yield the paragraphs of a text without the white space around them; short ones are left out.

    Blank lines separate paragraphs.
    """
    at = 0
    for cut in [*(match.span() for match in _BREAK.finditer(text)), (len(text), len(text))]:
        paragraph = text[at : cut[0]]
        start = at + len(paragraph) - len(paragraph.lstrip())
        end = at + len(paragraph.rstrip())
        if end - start >= SHORTEST_PARAGRAPH:
            yield start, end
        at = cut[1]


def digest_of(paragraph: str) -> str:
    """Return the digest of a paragraph: BLAKE2b, 16 bytes, with a personalisation (RFC 7693)."""
    data = paragraph.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=16, person=_PERSONALISATION).hexdigest()


def common_digests(recordings: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the digests of the paragraphs that each recording holds, in the order of the first.

    A recording is the texts of one session. What differs between two sessions depends on the user
    or the project, so it is no boilerplate.
    """
    each = [
        dict.fromkeys(digest_of(text[a:b]) for text in texts for a, b in paragraphs(text))
        for texts in recordings
    ]
    if not each:
        return ()
    first, *others = each
    return tuple(digest for digest in first if all(digest in other for other in others))
