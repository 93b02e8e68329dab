"""A value and its place in a text."""

from typing import NamedTuple


class TextSpan(NamedTuple):
    """A part of a text."""

    text: str
    start: int
    end: int

    @property
    def value(self) -> str:
        """The text of the part."""
        return self.text[self.start : self.end]
