"""Values that two neighbouring texts hold together: what a scan of each text alone cannot see.

Only the end of the one text and the beginning of the other are read again, so a seam costs the same
whatever the size of the texts.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from gateway.core.finding import Finding, FindingKind

SPLIT_RULE = "rule:split-value"
_REACH = 64  # characters on either side of a seam
_LONGEST_WORD = 40
_CLOSING = ".,;)]}>\"'"  # a text that ends so is complete, or a value in it is
_NAMING = "?:=-("  # after these the next text may be the value that this one names
_DIGIT = re.compile(r"\d")
_DIGIT_OR_AT = re.compile(r"[\d@]")
# Of these types a text that answers the one before it is a value by itself.
_NAMED_BY_CONTEXT = frozenset({"PERSON", "CITY", "STREET_ADDRESS"})


class Seam(NamedTuple):
    """Two neighbouring texts, joined by ``sign``."""

    left: str
    right: str
    sign: str

    @property
    def text(self) -> str:
        """The end of the one and the beginning of the other."""
        return f"{self.left[-_REACH:]}{self.sign}{self.right[:_REACH]}"

    def findings(self, found: Sequence[Finding], known: Sequence[Finding]) -> "SplitFindings":
        """The findings of ``text`` that the texts owe to one another, as findings of each text.

        ``known`` are those of the left text alone.
        """
        split = SplitFindings([], [], [])
        end = min(len(self.left), _REACH)
        begin = end + len(self.sign)
        to_left = len(self.left) - end
        for one in found:
            if one.kind is FindingKind.UNREAD:
                split.right.append(one)
            if not one.redactable or one.end <= begin:
                continue
            right = replace(one, start=max(one.start - begin, 0), end=one.end - begin)
            answers = one.start >= begin
            if answers and self.sign and one.type not in _NAMED_BY_CONTEXT:
                split.right.append(right)
            if answers or self.sign:
                continue
            left = replace(one, start=one.start + to_left, end=len(self.left))
            if self._goes_on(left, right, known):
                split.values.append((one.type, self.text[one.start : one.end]))
                split.left.append(replace(left, detector=SPLIT_RULE))
                split.right.append(replace(right, detector=SPLIT_RULE))
        return split

    def _goes_on(self, left: Finding, right: Finding, known: Sequence[Finding]) -> bool:
        """Whether a value goes on in the right text; one known in the left needs a digit there."""
        found = any(one.redactable and one.end > left.start for one in known)
        return not found or any(map(str.isdecimal, self.right[: right.end]))


class SplitFindings(NamedTuple):
    """Findings of two neighbouring texts, and the values that are whole only in both."""

    left: list[Finding]
    right: list[Finding]
    values: list[tuple[str, str]]


def seams_of(left: str, right: str) -> Iterator[Seam]:
    """Yield the ways in which two texts are worth reading together; mostly there is none."""
    last = left[-1:]
    if last in _CLOSING:  # also of an empty text
        return
    if _may_be_one(left, right):
        yield Seam(left, right, "")
    if (last in _NAMING or last.isalnum()) and _DIGIT.search(right, 0, _REACH):
        yield Seam(left, right, "\n" if last == "?" else " ")


def _may_be_one(left: str, right: str) -> bool:
    """Whether the last word of one text and the first of the other may be parts of one value."""
    words = left[-_LONGEST_WORD:].split()[-1:] + right[:_LONGEST_WORD].split()[:1]
    return len(words) == 2 and any(map(_DIGIT_OR_AT.search, words))


def with_split(findings: tuple[Finding, ...], split: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings of a text and those of its seams that it does not hold already."""
    new = [
        one
        for one in split
        if not any(f.redactable and f.start <= one.start and one.end <= f.end for f in findings)
    ]
    return tuple(sorted((*findings, *new), key=lambda f: f.start)) if new else findings
