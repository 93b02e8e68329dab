"""The time that requests under way have once their process stops."""

from collections.abc import Callable

from gateway.request.watching import EVERY_S


class Drain:
    """Begins with the signal that stops the process."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        """``seconds`` is all of it; ``clock`` is monotonic seconds."""
        # The last of it is for error events and closing entries: each request looks once a second.
        self._waits_s = max(seconds - 2 * EVERY_S, seconds / 2)
        self._clock = clock
        self._ends: float | None = None

    def begin(self) -> None:
        """Note that the process stops."""
        if self._ends is None:
            self._ends = self._clock() + self._waits_s

    def over(self) -> bool:
        """Whether what is still under way must end now."""
        return self._ends is not None and self._clock() >= self._ends
