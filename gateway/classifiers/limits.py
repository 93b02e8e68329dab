"""What a request may cost the classifier tier, and why a text of it was not read."""

import math
from collections.abc import Container
from enum import StrEnum

import msgspec

from gateway.core.finding import UNREAD, UNREAD_SCRIPT

ROOM = 8 << 20


class UnreadReason(StrEnum):
    """Why a text was not read, by the classifier tier or by rules."""

    DEADLINE = "deadline"  # the time was over
    QUEUE_FULL = "queue-full"  # so much waited already
    TOO_LONG = "too-long"  # it cannot be read before the longest deadline
    FAILED = "failed"  # the process ended over it, twice
    RULE_FAULT = "rule-fault"  # a detection rule failed on it
    SCRIPT = "script"  # it has words in a script that no detector reads
    WITHDRAWN = "withdrawn"  # the version of the model is not relied on any more


def unread_by(types: Container[str]) -> UnreadReason | None:
    """Why rules did not read all of a text in which they find these types; None when they did."""
    if UNREAD in types:
        return UnreadReason.RULE_FAULT
    return UnreadReason.SCRIPT if UNREAD_SCRIPT in types else None


class ScanLimits(msgspec.Struct, frozen=True):
    """Bounds for one request; times are in seconds, sizes in characters.

    ``room`` is what may wait in all. ``waits_for_room``: until the deadline, else a full queue
    leaves a request unread at once. ``waits_if_hopeless``: also when the measured pace says that
    the deadline will pass first; what is read until then is known at the next attempt.
    """

    deadline_s: float
    per_kib_s: float = 0.0
    ceiling_s: float = math.inf
    longest: float = math.inf
    room: int = ROOM
    waits_for_room: bool = True
    waits_if_hopeless: bool = True

    def deadline_for(self, characters: int) -> float:
        """Return the time for a request with so many characters that were not read before."""
        return min(self.deadline_s + self.per_kib_s * characters / 1024, self.ceiling_s)
