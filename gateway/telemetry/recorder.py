"""What a gateway records of its requests: metrics, and spans where there is a collector."""

from collections.abc import Callable, Mapping, Sequence
from operator import sub
from typing import NamedTuple, Protocol

from gateway.telemetry.destination import Destination
from gateway.telemetry.exposition import exposition
from gateway.telemetry.instruments import Counter, Histogram, HistogramSeries, Instrument, Observed
from gateway.telemetry.metric import Values
from gateway.telemetry.table import gateway as table
from gateway.telemetry.timeline import STAGE_NAMES, Timeline

_ANSWERED = ("ok", "content_filter")
_MICROS = 1_000_000


class Exchange(NamedTuple):
    """A request and its answer as HTTP; ``status`` is 0 where none went out.

    ``route`` is one of our own paths, "" for an unknown one.
    """

    method: str
    route: str
    scheme: str
    status: int
    headers: Sequence[tuple[bytes, bytes]]


class Spans(Protocol):
    """What makes spans of requests that have ended."""

    def record(
        self, timeline: Timeline, exchange: Exchange, fields: Mapping[str, object], *, now: float
    ) -> None:
        """One span of the request, one below it for each attempt; ``now`` is monotonic seconds."""
        ...


class _CallSeries(NamedTuple):
    """The series of attempts at one deployment."""

    values: Values
    duration: HistogramSeries
    first_chunk: HistogramSeries
    each_chunk: HistogramSeries
    input_tokens: HistogramSeries
    output_tokens: HistogramSeries


class Telemetry:
    """The telemetry of one gateway."""

    def __init__(
        self,
        spans: Spans | None,
        *,
        clock: Callable[[], float],
        observed: Sequence[Observed] = (),
        old_names: bool = True,
    ) -> None:
        """``clock`` is monotonic seconds; ``observed`` are the metrics of other parts.

        ``old_names``: metrics also have the names of the version before.
        """
        self._spans = spans
        self._clock = clock
        self._old_names = old_names
        self._active = 0
        self._served = Histogram(table.SERVED)
        self._call_time = Histogram(table.CALL_TIME)
        self._first_chunk = Histogram(table.FIRST_CHUNK)
        self._each_chunk = Histogram(table.EACH_CHUNK)
        self._tokens = Histogram(table.TOKENS)
        self._overhead = Histogram(table.OVERHEAD)
        self._stages = Histogram(table.STAGES)
        self._by_stage = [self._stages.at((name,)).record for name in STAGE_NAMES]
        self._by_destination: dict[Values, _CallSeries] = {}
        self._requests = Counter(table.REQUESTS)
        self._refusals = Counter(table.REFUSALS)
        self._failovers = Counter(table.FAILOVERS)
        self._guardrails = Histogram(table.GUARDRAILS)
        self._cost = Counter(table.COST)
        self._unread = Counter(table.UNREAD)
        self._overdue = Counter(table.OVERDUE)
        self._monitored = Counter(table.MONITORED)
        self._redacted = Counter(table.REDACTED)
        self._kept = Counter(table.KEPT)
        self._observed = (Observed(table.ACTIVE, lambda: self._active), *observed)

    def arrived(self) -> Timeline:
        """A request has arrived; ``served`` must follow."""
        self._active += 1
        return Timeline(self._clock)

    def served(self, timeline: Timeline, exchange: Exchange, fields: Mapping[str, object]) -> None:
        """The answer to a request has ended; ``fields`` are those of its entries."""
        self._active -= 1
        if timeline.code and not timeline.error:  # no entry could be written
            self.refused(timeline, timeline.code)
        now = self._clock()
        status = str(exchange.status or "")
        values = (exchange.method, exchange.route, exchange.scheme, status, timeline.error)
        self._served.at(values).record(now - timeline.started)
        if self._spans is not None:
            self._spans.record(timeline, exchange, fields, now=now)

    def refused(self, timeline: Timeline, outcome: str) -> None:
        """Counts a request that was not admitted."""
        timeline.close(outcome)
        self._refusals.add((outcome,))

    def unread(self, reason: str) -> None:
        """Counts a request that the classifier did not read to its end."""
        self._unread.add((reason,))

    def overdue(self, purpose: str) -> None:
        """Counts a request of a use case whose review is overdue."""
        self._overdue.add((purpose,))

    def monitored(self, fields: Mapping[str, object]) -> None:
        """Counts the content rules that matched a request and are monitored only."""
        rules = fields.get("monitored")
        for rule in dict.fromkeys(rules) if isinstance(rules, list) else ():
            self._monitored.add((rule,))

    def failed_over(self, deployment: str, error: str) -> None:
        """Counts a deployment that was given up for the next one."""
        self._failovers.add((deployment, error))

    def guardrail(self, name: str, stage: str, outcome: str, seconds: float) -> None:
        """Counts a question to a guardrail."""
        self._guardrails.at((name, stage, outcome)).record(seconds)

    def finished(self, timeline: Timeline, fields: Mapping[str, object], *, outcome: str) -> None:
        """Counts an admitted request at its end; ``fields`` are those of its closing entry."""
        timeline.close("" if outcome in _ANSWERED else outcome)
        zone = str(fields.get("zone", "none"))
        self._requests.add((zone, outcome))
        for record, spent in zip(self._by_stage, timeline.spent, strict=True):
            if spent:
                record(spent)
        if timeline.calls:
            self._overhead.at((zone,)).record(timeline.overhead)
            self._calls(timeline)
            self._used(timeline, fields)
        redacted = fields.get("redacted")
        if isinstance(redacted, int) and redacted:
            self._redacted.add((zone,), redacted)
        kept = fields.get("kept")
        if isinstance(kept, int) and kept:
            self._kept.add((zone,), kept)

    def instruments(self) -> tuple[Instrument, ...]:
        """Returns all metrics."""
        return (
            self._served,
            self._call_time,
            self._first_chunk,
            self._each_chunk,
            self._tokens,
            self._overhead,
            self._stages,
            self._requests,
            self._refusals,
            self._failovers,
            self._guardrails,
            self._cost,
            self._unread,
            self._overdue,
            self._monitored,
            self._redacted,
            self._kept,
            *self._observed,
        )

    def exposition(self) -> str:
        """Returns all metrics in the text format of Prometheus."""
        return exposition(self.instruments(), old_names=self._old_names)

    def _calls(self, timeline: Timeline) -> None:
        for call in timeline.calls:
            series = self._series_of(timeline.operation, call.destination)
            if call.ended is not None:
                of_error = series.duration if not call.error else self._failed(series, call.error)
                of_error.record(call.ended - call.started)
            if call.first_chunk is not None:
                series.first_chunk.record(call.first_chunk - call.started)
                series.each_chunk.record_all([*map(sub, call.chunks[1:], call.chunks)])

    def _used(self, timeline: Timeline, fields: Mapping[str, object]) -> None:
        """Tokens and cost, for the deployment that answered."""
        destination = timeline.calls[-1].destination
        series = self._series_of(timeline.operation, destination)
        sent, came = fields.get("input_tokens"), fields.get("output_tokens")
        if isinstance(sent, int) and isinstance(came, int):
            series.input_tokens.record(sent)
            series.output_tokens.record(came)
        cost = fields.get("cost_micros")
        if isinstance(cost, int) and cost:
            currency = str(fields.get("currency"))
            self._cost.add((destination.deployment, currency), cost / _MICROS)

    def _series_of(self, operation: str, destination: Destination) -> _CallSeries:
        """The series of attempts at a deployment: looked up once for each attempt."""
        values = (operation, *destination)
        found = self._by_destination.get(values)
        if found is None:
            found = self._by_destination[values] = _CallSeries(
                values,
                self._call_time.at((*values, "")),
                self._first_chunk.at(values),
                self._each_chunk.at(values),
                self._tokens.at((*values, "input")),
                self._tokens.at((*values, "output")),
            )
        return found

    def _failed(self, series: _CallSeries, error: str) -> HistogramSeries:
        return self._call_time.at((*series.values, error))
