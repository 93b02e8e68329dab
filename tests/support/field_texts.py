"""Texts of a walk over a body, one by one: each part of a document is a text of its own."""

from collections.abc import Callable, Sequence

from gateway.core.fields.texts import Document


class EachText:
    """Passes every text, name and part to one function; keeps what it passed, in order."""

    def __init__(self, replace: Callable[[str], str] = str) -> None:
        self.seen: list[str] = []
        self.documents: list[str] = []
        self._replace = replace

    def text(self, text: str) -> str:
        self.seen.append(text)
        return self._replace(text)

    def name(self, name: str) -> str:
        return self.text(name)

    def document(self, document: Document) -> Sequence[str]:
        self.documents.append(document.text)
        return [self.text(part.value) for part in document.parts]

    def unsent(self, text: str) -> None:
        self.documents.append(text)
