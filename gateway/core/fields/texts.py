"""What a walk hands over: texts, names, and documents of which only some parts are texts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

_SEPARATORS = str.maketrans("_-./:", "     ")


class Part(NamedTuple):
    """A replaceable part of a document.

    ``value`` is what takes its place: for text the characters from ``start`` to ``end``, for a
    ``number`` its token as it was written, which is replaced as a whole.
    """

    start: int
    end: int
    value: str
    number: bool = False


class Texts(Protocol):
    """Gets every text of a body, in order, and returns what takes its place."""

    def text(self, text: str) -> str:
        """One text of its own, neighbour of the text before it."""
        ...

    def name(self, name: str) -> str:
        """An identifier: what is scanned is its ``name_document``."""
        ...

    def parts(self, document: str, parts: Sequence[Part]) -> Sequence[str]:
        """A text that is scanned as a whole, and of which only the parts may be replaced."""
        ...


def spaced(name: str) -> str:
    """An identifier with its separators as spaces, character for character: words are separate."""
    return name.translate(_SEPARATORS)


def name_document(name: str) -> str:
    """An identifier as it is scanned: with spaces, and as it is where it may hold an address."""
    words = spaced(name)
    whole = words != name and any(sign.isdecimal() or sign == "@" for sign in name)
    return f"{words}\n{name}" if whole else words


def name_places(name: str, spans: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Spans of the document of a name as places in the name, in order and without overlap."""
    size = len(name) + 1
    places: list[tuple[int, int, str]] = []
    for start, end, type_ in sorted((s % size, e - s + s % size, t) for s, e, t in spans):
        if places and start < places[-1][1]:
            first, last, other = places[-1]
            places[-1] = (first, max(last, end), other)
        else:
            places.append((start, min(end, len(name)), type_))
    return places


class JoinedTexts:
    """Joins the texts of one object into one document, so that they are scanned together.

    Names and what has no parts go on as they are.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._documents: list[str] = []
        self._parts: list[Part] = []
        self._size = 0

    def text(self, text: str) -> str:
        return self.parts(text, [Part(0, len(text), text)])[0]

    def name(self, name: str) -> str:
        return self._texts.name(name)

    def parts(self, document: str, parts: Sequence[Part]) -> Sequence[str]:
        if not parts:
            return self._texts.parts(document, parts)
        at = self._size
        self._parts += [part._replace(start=part.start + at, end=part.end + at) for part in parts]
        self._documents.append(document)
        self._size += len(document) + 1
        return [part.value for part in parts]

    def replaced(self) -> "ReplacedTexts | None":
        """What takes the place of the texts; None where all of them stay."""
        if not self._parts:
            return None
        new = self._texts.parts("\n".join(self._documents), self._parts)
        changed = any(one != part.value for one, part in zip(new, self._parts, strict=True))
        return ReplacedTexts(self._texts, iter(new)) if changed else None


class ReplacedTexts:
    """Hands out replacements in the order in which the texts came before."""

    def __init__(self, texts: Texts, new: Iterator[str]) -> None:
        self._texts = texts
        self._new = new

    def text(self, text: str) -> str:
        return next(self._new)

    def name(self, name: str) -> str:
        return self._texts.name(name)

    def parts(self, document: str, parts: Sequence[Part]) -> Sequence[str]:
        return [next(self._new) for _ in parts]


def is_number(text: str) -> bool:
    """Whether what takes the place of a number is a whole number itself."""
    return text.isascii() and text.isdecimal() and not text.startswith("0")
