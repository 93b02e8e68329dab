"""Choices that look random and are the same wherever and whenever they are made."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Digest(Protocol):
    """A keyed one-way function of at least 16 bytes."""

    def __call__(self, seed: str) -> bytes: ...


class DeterministicChoice:
    """The choices of one candidate."""

    __slots__ = ("_left",)

    def __init__(self, digest: bytes) -> None:
        self._left = int.from_bytes(digest, "big")

    def number(self, least: int, most: int) -> int:
        """Return a number of a range, both ends included."""
        self._left, rest = divmod(self._left, most - least + 1)
        return least + rest

    def one_of(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.number(0, len(choices) - 1)]

    def digits(self, count: int) -> str:
        """Return ``count`` digits."""
        return f"{self.number(0, 10**count - 1):0{count}d}"
