"""The time that clients and requests under way have once their process stops."""

from collections.abc import Callable

from gateway.request.watching import EVERY_S


class Drain:
    """Leaving begins with the signal that stops the process; draining after the time to leave."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        """``seconds`` is all of it; ``clock`` is monotonic seconds."""
        # The last of it is for error events and closing entries: each request looks once a second.
        self._waits_s = max(seconds - 2 * EVERY_S, seconds / 2)
        self._clock = clock
        self._ends: float | None = None
        self._leaving = False

    @property
    def problem(self) -> str | None:
        """Why this process takes no more clients; None before a signal stops it."""
        return "this process is stopping" if self._leaving else None

    def leave(self) -> None:
        """Note that the process stops soon."""
        self._leaving = True

    def begin(self) -> None:
        """Note that requests under way have to end."""
        if self._ends is None:
            self._ends = self._clock() + self._waits_s

    def over(self) -> bool:
        """Whether what is still under way must end now."""
        return self._ends is not None and self._clock() >= self._ends
