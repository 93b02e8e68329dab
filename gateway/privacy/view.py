"""A text as the rules see it: normalised, with the way back to the original offsets."""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum

from gateway.core.finding import Finding, Kind

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_REMOVED = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u061c\u180e"
_FULL_WIDTH = {chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)}
_REPLACED = (
    dict.fromkeys(_SPACES, " ")
    | dict.fromkeys(_HYPHENS, "-")
    | dict.fromkeys("\u2018\u2019\u02bc\uff07", "'")
    | _FULL_WIDTH
)
_TABLE = {ord(key): value for key, value in _REPLACED.items()}
_NARROW = tuple(key for key in _REPLACED if key not in _FULL_WIDTH)


class Strength(IntEnum):
    """What supports a hit; the stronger one wins where two overlap."""

    PLAIN = 0
    CONTEXT = 1
    CHECKSUM = 2
    SECRET = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding in the normalised text, before overlaps are settled."""

    type: str
    start: int
    end: int
    rule: str
    strength: Strength = Strength.PLAIN
    score: float = 0.8
    kind: Kind = Kind.PERSONAL


class View:
    """The normalised text; ``lower`` has the same length, character for character."""

    __slots__ = ("_removed", "lower", "text")

    def __init__(self, text: str) -> None:
        self._removed: list[int] = []
        self.text = text if text.isascii() else self._normalise(text)
        lower = self.text.lower()
        if len(lower) != len(self.text):
            lower = "".join(c if len(c.lower()) != 1 else c.lower() for c in self.text)
        self.lower = lower

    def _normalise(self, text: str) -> str:
        if any(character in text for character in _NARROW) or any(
            "\uff01" <= character <= "\uff5e" for character in text
        ):
            text = text.translate(_TABLE)
        if not any(character in text for character in _REMOVED):
            return text
        kept = []
        for index, character in enumerate(text):
            if character in _REMOVED:
                self._removed.append(index - len(self._removed))
            else:
                kept.append(character)
        return "".join(kept)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the text as it was given."""
        if not self._removed:
            return start, end
        last = end - 1
        return (
            start + bisect_right(self._removed, start),
            last + bisect_right(self._removed, last) + 1,
        )

    def before(self, start: int, size: int = 45) -> str:
        """Lower-case text left of a place: of its own line, or further where that is empty."""
        left = self.lower[max(0, start - size) : start]
        line = left[left.rfind("\n") + 1 :]
        return line if line.strip(" \t|*>-:\"'") else left

    def after(self, end: int, size: int = 15) -> str:
        """Lower-case text right of a place, to the end of the line."""
        return self.lower[end : end + size].partition("\n")[0]

    def at(self, index: int) -> str:
        """The character there, empty outside of the text."""
        return self.text[index] if 0 <= index < len(self.text) else ""

    def stands_alone(self, start: int, end: int) -> bool:
        """Whether no longer token goes on at either side; a full stop may end the sentence."""
        left, right = self.at(start - 1), self.at(end)
        if left and (is_word(left) or left in "-/\\"):
            return False
        if left in (".", ",") and left and self.at(start - 2).isdigit():
            return False
        if not right:
            return True
        if is_word(right):
            return False
        return not (right in "-/\\.," and self.at(end + 1).isdigit()) and not (
            right in "-/@" and self.at(end + 1).isalnum()
        )


def is_word(character: str) -> bool:
    """Whether it is part of a word (letter, digit, underscore, combining mark); "" is not."""
    return bool(character) and (
        character.isalnum() or character == "_" or unicodedata.combining(character) > 0
    )


def settle(hits: list[Hit]) -> list[Hit]:
    """Drop what overlaps something stronger, longer or of higher score; sorted by start."""
    chosen: list[Hit] = []
    taken: list[tuple[int, int]] = []
    hits.sort(key=lambda h: (-h.strength, h.start - h.end, -h.score, h.start, h.type))
    for hit in hits:
        place = bisect_right(taken, (hit.start, 1 << 62))
        if place and taken[place - 1][1] > hit.start:
            continue
        if place < len(taken) and taken[place][0] < hit.end:
            continue
        taken.insert(place, (hit.start, hit.end))
        chosen.append(hit)
    chosen.sort(key=lambda h: h.start)
    return chosen


def to_finding(hit: Hit, view: View) -> Finding:
    """The hit with offsets of the original text."""
    start, end = view.original(hit.start, hit.end)
    return Finding(hit.kind, hit.type, start, end, hit.score, hit.rule)
