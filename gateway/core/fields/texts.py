"""What a walk hands over: texts, names, and documents with replaceable parts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
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

    def moved(self, by: int) -> "Part":
        """The part in a document in which it is further to the right."""
        return Part(self.start + by, self.end + by, self.value, self.number)


class Document(Protocol):
    """A text that is scanned as a whole; only its parts may be replaced.

    ``parts`` are in order, and worth computing only where something was found.
    """

    @property
    def text(self) -> str: ...

    @property
    def parts(self) -> Sequence[Part]: ...


class Texts(Protocol):
    """Gets every text of a body, in order, and returns what takes its place."""

    def text(self, text: str) -> str:
        """One text of its own, neighbour of the text before it."""
        ...

    def name(self, name: str) -> str:
        """An identifier: what is scanned is its ``name_document``."""
        ...

    def document(self, document: Document) -> Sequence[str] | None:
        """What takes the place of each part; None where all of them stay."""
        ...

    def definition(self, document: Document) -> Sequence[str] | None:
        """The same for a document that defines a tool."""
        ...

    def unsent(self, text: str) -> None:
        """A text that is left out: it counts for the level only."""
        ...


@dataclass(frozen=True, slots=True)
class WholeText:
    """A text, which is the only part."""

    text: str

    @property
    def parts(self) -> Sequence[Part]:
        return (Part(0, len(self.text), self.text),)


class NamedText:
    """The text of a field, behind its name."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        self.text = f"{spaced(name)}: {text}"

    @property
    def parts(self) -> Sequence[Part]:
        size = len(self.text)
        at = size - len(self._text)
        return (Part(0, len(self._name), self._name), Part(at, size, self._text))


class JoinedDocument:
    """Documents, one after another."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        self.text = "\n".join([document.text for document in documents])

    @cached_property
    def parts(self) -> Sequence[Part]:
        parts: list[Part] = []
        at = 0
        for document in self._documents:
            parts += [part.moved(at) for part in document.parts]
            at += len(document.text) + 1
        return parts


class JoinedTexts:
    """Collects the texts of one object as one document.

    Names and what is left out go on as they are. ``definition``: the object defines a tool.
    """

    def __init__(self, texts: Texts, *, definition: bool = False) -> None:
        self._texts = texts
        self._pass = texts.definition if definition else texts.document
        self._documents: list[Document] = []

    def text(self, text: str) -> str:
        self._documents.append(WholeText(text))
        return text

    def name(self, name: str) -> str:
        return self._texts.name(name)

    def document(self, document: Document) -> None:
        self._documents.append(document)

    def definition(self, document: Document) -> None:
        self._documents.append(document)

    def unsent(self, text: str) -> None:
        self._texts.unsent(text)

    def replaced(self) -> "ReplacedTexts | None":
        """What takes the place of the texts; None where all of them stay."""
        if not self._documents:
            return None
        new = self._pass(JoinedDocument(self._documents))
        return None if new is None else ReplacedTexts(self._texts, iter(new))


class ReplacedTexts:
    """Hands out replacements in the order in which the texts came before."""

    def __init__(self, texts: Texts, new: Iterator[str]) -> None:
        self._texts = texts
        self._new = new

    def text(self, text: str) -> str:
        return next(self._new)

    def name(self, name: str) -> str:
        return self._texts.name(name)

    def document(self, document: Document) -> Sequence[str]:
        return [next(self._new) for _ in document.parts]

    def definition(self, document: Document) -> Sequence[str]:
        return self.document(document)

    def unsent(self, text: str) -> None:
        self._texts.unsent(text)


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


def is_number(text: str) -> bool:
    """Whether what takes the place of a number is a whole number itself."""
    return text.isascii() and text.isdecimal() and not text.startswith("0")
