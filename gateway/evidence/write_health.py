"""Whether the trail can be written, as its writes and its questions to the store have shown."""

from collections.abc import Callable

from gateway.core.errors import Unavailable
from gateway.core.system.steady import Steady
from gateway.evidence.store import StoreFailed

_CHECK_AFTER_S = 0.9  # without a durable batch
_HUNG_S = 0.7  # longer than a refused connection takes, shorter than any time limit of the store
_PAUSE_S = 1.0
_RETRY_AFTER_S = 2


def unavailable() -> Unavailable:
    """What callers get while entries cannot be written."""
    return Unavailable(
        "The audit trail cannot be written, so no request is served. Try again shortly.",
        retry_after=_RETRY_AFTER_S,
    )


class WriteHealth:
    """What the latest writes have shown."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` is monotonic seconds."""
        self.clock = clock
        self._writes = Steady(clock=clock)
        self._written = 0.0
        self._paused_until = 0.0
        self._reason = ""

    @property
    def works(self) -> bool:
        """Whether the latest write, or question, succeeded."""
        return self._writes.works

    @property
    def check_due(self) -> bool:
        """Whether no recent write shows that the store works."""
        return self.clock() - self._written >= _CHECK_AFTER_S

    @property
    def problem(self) -> str | None:
        """Why nothing has been written for some seconds, or None."""
        return None if self._writes.up else f"the trail cannot be written ({self._reason})"

    def succeeded(self, *, durable: bool) -> None:
        """Note that entries are durable, or that the store says it would take some."""
        if durable:
            self._written = self.clock()
        self._writes.observe(works=True)

    def failed(self, failure: StoreFailed, *, since: float) -> bool:
        """Note that the store failed; ``since`` is when that was asked, in monotonic seconds.

        Returns whether it hung, rather than refused.
        """
        self._reason = type(failure.__cause__ or failure).__name__
        self._writes.observe(works=False, since=since)
        return self.clock() - since >= _HUNG_S

    @property
    def paused(self) -> bool:
        """Whether the store hung a moment ago, so that entries are refused without a wait."""
        return self.clock() < self._paused_until

    def pause(self) -> None:
        """Refuse entries for a moment from now on."""
        self._paused_until = self.clock() + _PAUSE_S
