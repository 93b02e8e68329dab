"""What reads one text of an answer as it streams, beside the patterns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

HELD = 63  # characters of a stream that a reader holds back, at most


@dataclass(frozen=True, slots=True)
class FoundPart:
    """A match of a rule after ``at`` characters, of which ``free`` may be released."""

    rule: str
    at: int
    free: int


class TextReader(Protocol):
    """Finds what rules are about. Where it finds something depends on the text, not on pieces."""

    @property
    def free(self) -> int:
        """How many characters of the text so far may be released."""
        ...

    def feed(self, text: str) -> Iterator[FoundPart]:
        """What is found; the text is read as far as the iteration goes."""
        ...

    def finish(self) -> Iterator[FoundPart]:
        """What is found at the end."""
        ...
