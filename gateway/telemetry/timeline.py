"""Where the time of one request goes."""

from array import array
from collections.abc import Callable

from gateway.telemetry.destination import Destination

# Stages, in the order of a request. In those of WAITING the gateway has nothing to do for it.
STAGE_NAMES = (
    "admit",  # credential, and limits of requests
    "receive",  # until its body has come
    "compose",  # stored conversation, fields, documents
    "classify",
    "decide",
    "guardrail",  # until the guardrails of content rules have answered
    "redact",  # and the rest of what is done before an attempt departs
    "record",  # until an audit entry is durable
    "upstream",  # until a provider has answered
    "inspect",
    "deliver",  # until the client has taken a part of a streamed answer
)
ADMIT, RECEIVE, COMPOSE, CLASSIFY, DECIDE, GUARDRAIL, REDACT = range(7)
RECORD, UPSTREAM, INSPECT, DELIVER = range(7, 11)
WAITING = (RECEIVE, GUARDRAIL, UPSTREAM, DELIVER)


class ProviderCall:
    """One attempt that departed; times are monotonic seconds, ``error`` a code, "" for none.

    ``chunks`` are the times at which the chunks of a streamed answer were there.
    """

    __slots__ = ("chunks", "destination", "ended", "error", "first_chunk", "started")

    def __init__(self, destination: Destination, started: float) -> None:
        self.destination = destination
        self.started = started
        self.first_chunk: float | None = None
        self.chunks = array("d")
        self.ended: float | None = None
        self.error = ""


class Timeline:
    """The time of one request: each moment of it counts for the stage that ends next.

    ``spent`` are seconds by stage. ``operation`` and ``model`` are those of the request once they
    are known to be configured ones; ``error`` is the outcome on record where it failed, ``code``
    what its caller received.
    """

    __slots__ = (
        "_clock",
        "_mark",
        "calls",
        "code",
        "error",
        "model",
        "operation",
        "spent",
        "started",
    )

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` is monotonic seconds; the request has arrived now."""
        self._clock = clock
        self.started = self._mark = clock()
        self.spent = [0.0] * len(STAGE_NAMES)
        self.calls: list[ProviderCall] = []
        self.operation = self.model = self.error = self.code = ""

    def lap(self, stage: int) -> None:
        """Ends a stage: the time since the last one that ended is its own."""
        now = self._clock()
        self.spent[stage] += now - self._mark
        self._mark = now

    def depart(self, destination: Destination) -> None:
        """An attempt departs now, where the last stage has ended."""
        self.calls.append(ProviderCall(destination, self._mark))

    def begun(self) -> None:
        """The first chunk of a streamed answer has come."""
        self.lap(UPSTREAM)
        self.calls[-1].first_chunk = self._mark

    def chunk(self) -> None:
        """A chunk of a streamed answer is there: a lap, without the cost of another call."""
        now = self._clock()
        self.spent[UPSTREAM] += now - self._mark
        self._mark = now
        self.calls[-1].chunks.append(now)

    def answered(self, error: str = "") -> None:
        """The attempt has ended, well or with the code of an error."""
        self.lap(UPSTREAM)
        call = self.calls[-1]
        if call.ended is None:
            call.ended, call.error = self._mark, error

    def close(self, error: str) -> None:
        """Nothing more comes; an attempt that is still open ends now, by this error."""
        self.error = error
        if self.calls and self.calls[-1].ended is None:
            self.calls[-1].ended, self.calls[-1].error = self._mark, error

    @property
    def elapsed(self) -> float:
        """Seconds since the request has arrived."""
        return self._clock() - self.started

    @property
    def ended(self) -> float:
        """When the last stage ended."""
        return self._mark

    @property
    def overhead(self) -> float:
        """Seconds of all stages but those of waiting."""
        return self._mark - self.started - sum(self.spent[stage] for stage in WAITING)

    def microseconds(self) -> dict[str, int]:
        """The stages so far, as they go on record."""
        named = zip(STAGE_NAMES, self.spent, strict=True)
        return {name: int(spent * 1_000_000) for name, spent in named if spent}
