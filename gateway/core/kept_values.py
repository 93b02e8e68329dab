"""Values made of texts, which are made again only when a text is another one."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

Text = TypeVar("Text", bound=Hashable)
Value = TypeVar("Value")


class KeptValues(Generic[Text, Value]):
    """The values of one list of texts, kept until the next list.

    The whole text is the key, so that a kept value is that of the present text whoever wrote it.
    """

    def __init__(self, make: Callable[[Text], Value]) -> None:
        self._make = make
        self._known: dict[Text, Value] = {}

    def of(self, texts: Iterable[Text]) -> list[Value]:
        """The values of these texts; those of others are forgotten."""
        known = self._known
        texts = list(texts)
        self._known = kept = {
            text: known[text] if text in known else self._make(text)
            for text in dict.fromkeys(texts)
        }
        return [kept[text] for text in texts]
