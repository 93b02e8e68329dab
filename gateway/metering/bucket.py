"""A token bucket that refills over a minute."""

import math


class Bucket:
    """``size`` units a minute, with a burst of the same size."""

    def __init__(self, size: int, now: float) -> None:
        self.size = size
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
            return 60
        return max(1, math.ceil((needed - self._level) * 60 / self.size))

    def give(self, amount: int, now: float) -> None:
        """Gives back (or, when negative, takes) after the fact."""
        self._refill(now)
        self._level = min(float(self.size), self._level + amount)

    def headers(self, kind: str, now: float) -> dict[str, str]:
        """``x-ratelimit-*`` of this bucket; reset is in seconds."""
        self._refill(now)
        left = max(0, int(self._level))
        reset = math.ceil((self.size - self._level) * 60 / self.size) if self.size else 60
        return {
            f"x-ratelimit-limit-{kind}": str(self.size),
            f"x-ratelimit-remaining-{kind}": str(left),
            f"x-ratelimit-reset-{kind}": f"{max(0, reset)}s",
        }

    def _refill(self, now: float) -> None:
        self._level = min(float(self.size), self._level + (now - self._at) * self.size / 60)
        self._at = now
