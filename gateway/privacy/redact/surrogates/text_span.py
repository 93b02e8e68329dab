"""Where a value stands."""

from typing import NamedTuple


class TextSpan(NamedTuple):
    """A part of a text."""

    text: str
    start: int
    end: int

    @property
    def value(self) -> str:
        """What stands there."""
        return self.text[self.start : self.end]
