"""A token bucket that refills over a minute, or another time."""

import math


class TokenBucket:
    """``size`` units in so many ``seconds``, with a burst of the same size; ``now`` is in seconds."""

    def __init__(self, size: int, now: float, *, seconds: float = 60.0) -> None:
        self.size = size
        self._seconds = seconds
        self._level = float(size)
        self._at = now

    def resize(self, size: int, now: float) -> None:
        """Takes over another limit; what is used stays used."""
        self._refill(now)
        self._level += size - self.size
        self.size = size

    def take(self, amount: int, now: float) -> int:
        """Takes ``amount``; gives 0, or the whole seconds until it would be possible.

        An amount above the size is allowed on a full bucket, else it could never pass.
        """
        self._refill(now)
        needed = min(amount, self.size)
        if self._level >= needed and self.size > 0:
            self._level -= amount
            return 0
        if self.size <= 0:
            return math.ceil(self._seconds)
        return max(1, math.ceil((needed - self._level) * self._seconds / self.size))

    def full(self, now: float) -> bool:
        """Whether it is as if nothing had been taken."""
        self._refill(now)
        return self._level >= self.size

    def give(self, amount: int, now: float) -> None:
        """Gives back (or, when negative, takes) after the fact."""
        self._refill(now)
        self._level = min(float(self.size), self._level + amount)

    def headers(self, kind: str, now: float) -> dict[str, str]:
        """``x-ratelimit-*`` of this bucket; reset is in seconds."""
        self._refill(now)
        left = max(0, int(self._level))
        missing = (self.size - self._level) / self.size if self.size else 1.0
        reset = math.ceil(missing * self._seconds)
        return {
            f"x-ratelimit-limit-{kind}": str(self.size),
            f"x-ratelimit-remaining-{kind}": str(left),
            f"x-ratelimit-reset-{kind}": f"{max(0, reset)}s",
        }

    def _refill(self, now: float) -> None:
        gained = (now - self._at) * self.size / self._seconds
        self._level = min(float(self.size), self._level + gained)
        self._at = now
