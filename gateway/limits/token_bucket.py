"""A token bucket."""

import math

from gateway.limits.room import Room


class TokenBucket:
    """``size`` units per ``seconds``, with a burst of the same size; ``now`` is in seconds.

    ``level`` is what was left when it was last asked, below 0 where more was used.
    """

    def __init__(self, size: int, now: float, *, seconds: float = 60.0) -> None:
        self.size = size
        self._seconds = seconds
        self.level = float(size)
        self._refilled_at = now

    def resize(self, size: int, now: float) -> None:
        """Changes the limit; earlier use still counts."""
        self._refill(now)
        self.level += size - self.size
        self.size = size

    def wait(self, amount: int, now: float) -> int:
        """Returns 0 when ``amount`` can be taken now, or the whole seconds until it can.

        A full bucket allows an amount above its size, which otherwise could never pass.
        """
        self._refill(now)
        needed = min(amount, self.size)
        if self.level >= needed and self.size > 0:
            return 0
        if self.size <= 0:
            return math.ceil(self._seconds)
        return max(1, math.ceil((needed - self.level) * self._seconds / self.size))

    def take(self, amount: int, now: float) -> int:
        """Takes ``amount`` if that is possible now; returns what ``wait`` does."""
        wait = self.wait(amount, now)
        if not wait:
            self.charge(amount)
        return wait

    def charge(self, amount: int) -> None:
        """Takes ``amount``, for which ``wait`` has just returned 0."""
        self.level -= amount

    def remaining(self, now: float) -> int:
        """Returns the whole units that are left."""
        self._refill(now)
        return max(0, int(self.level))

    def is_full(self, now: float) -> bool:
        """Returns whether the bucket is full."""
        self._refill(now)
        return self.level >= self.size

    def credit(self, amount: int, now: float) -> None:
        """Returns units to the bucket; a negative ``amount`` takes more."""
        self._refill(now)
        self.level = min(float(self.size), self.level + amount)

    def room(self, now: float) -> Room:
        """Returns how much is left."""
        left = self.remaining(now)
        missing = (self.size - self.level) / self.size if self.size else 1.0
        return Room(self.size, left, max(0, math.ceil(missing * self._seconds)))

    def _refill(self, now: float) -> None:
        refilled = (now - self._refilled_at) * self.size / self._seconds
        self.level = min(float(self.size), self.level + refilled)
        self._refilled_at = now
