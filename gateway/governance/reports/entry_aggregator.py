"""Counts the entries of a period one by one, in memory that does not grow with their number.

A request ends with its closing entry or its refusal. A closing entry holds only fields that changed
since the last departure, so that departures are kept until their request is closed. A departure
before the read range is looked up. The end of a request decides whether it is in the period;
departures are counted by their own time.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Protocol

import msgspec
import orjson

from gateway.evidence import CLOSE, INTENT
from gateway.evidence.difference import read_lines
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import Value, values_of
from gateway.evidence.export_row import ExportRow
from gateway.governance.reports.cases import EVENTS, add_case
from gateway.governance.reports.counts import (
    ERASED,
    NONE,
    WITHHELD,
    Cases,
    Change,
    Counts,
    DepartureCount,
    FindingCount,
    Latency,
    Purpose,
    Tally,
    UsageCount,
)
from gateway.governance.reports.decisions import decided_by
from gateway.governance.usage.definition import (
    CRASHED,
    bucket_of,
    is_answer,
    names_of,
    number_of,
    quantiles_of,
)
from gateway.governance.usage.samples import COUNTED, REFUSAL

_MAX_CHANGES = 500
_MAX_LINES = 20  # of a difference; the trail has them all
_QUARTER_MS = 900_000
# The fields of an entry of the control plane that a report shows: never a reason or a comment.
SHOWN = (
    "key",
    "name",
    "person",
    "kind",
    "model",
    "version",
    "tag",
    "digest",
    "proposal",
    "author",
    "author_name",
    "author_person",
    "proposed_by",
    "basis",
    "door",
    "of_request",
    "since",
    "until",
    "entries",
    "root",
    "subjects",
    "values",
    "report",
    "language",
    "format",
    "sections",
    "file_sha256",
    "team_of_key",
    "clearance",
    "one_person",
    "hold",
    "state",
    "incident",
    "complaint",
    "article",
    "deadline",
    "reported",
    "outcome",
)
_NOT_LISTED = ("request:", "trail:", "models:", "privacy:", "access:")  # counted, not listed
Values = Mapping[str, Value]


class EntryLookup(Protocol):
    """Looks up the entries of a request outside the read range."""

    async def departure(self, request: str) -> Values | None:
        """The values of its last departure; None when they were erased, empty when it had none."""
        ...

    async def first_close(self, request: str) -> tuple[str, int]:
        """Log and number of its first closing entry."""
        ...


class _Open(msgspec.Struct, frozen=True):
    values: Values | None
    in_period: bool


class EntryAggregator:
    """Counts the entries of a range, added in order; ``done`` gives the figures."""

    def __init__(
        self,
        since: int,
        until: int,
        *,
        zone: tzinfo,
        others: EntryLookup,
        profile: DisclosureProfile = DisclosureProfile.FULL,
    ) -> None:
        """The period in epoch milliseconds, ``until`` exclusive; ``zone`` is that of its days.

        ``profile`` is that of the rows: a withheld field may or may not have had a value.
        """
        self._since = since
        self._until = until
        self._zone = zone
        self._others = others
        self._profile = profile
        self._counts = Counts()
        self._open: dict[str, _Open] = {}
        self._usage: dict[tuple[str, str], UsageCount] = {}
        self._departed: dict[tuple[str, str, str, str], DepartureCount] = {}
        self._latency: dict[str, Counter[int]] = {}
        self._quarter, self._day = -1, ""

    async def add(self, row: ExportRow) -> None:
        """Count an entry. Outside the period only departures matter."""
        leaf = orjson.loads(row.leaf)
        values = None if row.disclosure is None else values_of(row.disclosure)
        event, request, time = leaf["event"], leaf["request"], leaf["time"]
        in_period = self._since <= time < self._until
        if in_period:
            self._entry(event, values, leaf["bundle"])
        if event == INTENT:
            if request not in self._open or "guardrail" not in (values or {}):
                self._open[request] = _Open(values, in_period)
            if in_period:
                self._departure(values)
        elif event == CLOSE:
            await self._closed(row, leaf, values, in_period=in_period)
        elif in_period and event == REFUSAL:
            self._refused(values, time)
        elif in_period and event == COUNTED:
            self._refused(values, time, number=number_of(values or {}, "count"))
        elif in_period and not event.startswith(_NOT_LISTED):
            self._change(time, event, values)

    def done(self) -> Counts:
        """All figures."""
        counts = self._counts
        counts.open += sum(one.in_period for one in self._open.values())
        counts.usage = [self._usage[key] for key in sorted(self._usage)]
        counts.changes.sort(key=lambda change: change.time)
        counts.departed = [self._departed[key] for key in sorted(self._departed)]
        every: Counter[int] = Counter()
        for name, seen in sorted(self._latency.items()):
            counts.latencies[name] = _latency(seen)
            every.update(seen)
        counts.latency = _latency(every)
        return counts

    def _entry(self, event: str, values: Values | None, bundle: str) -> None:
        counts = self._counts
        counts.entries += 1
        _add(counts.events, event)
        if bundle:
            _add(counts.bundles, bundle)
        if values is None:
            counts.erased += 1
            _add(counts.erased_events, event)
            return
        fields = counts.fields.setdefault(event, {})
        for name in values:
            _add(fields, name)

    async def _closed(
        self, row: ExportRow, leaf: dict[str, Any], values: Values | None, *, in_period: bool
    ) -> None:
        request = leaf["request"]
        opened = self._open.pop(request, None)
        if not in_period:
            if opened is not None and opened.in_period and leaf["time"] >= self._until:
                self._counts.open += 1
            return
        known = values or {}
        if "of_log" in known and await self._others.first_close(request) != (row.log, row.seq):
            return  # its process had closed it before it died
        before: Values | None = opened.values if opened is not None else {}
        if opened is None and "principal" not in known:
            before = await self._others.departure(request)
        outcome = ERASED if values is None else str(known.get("outcome", NONE))
        erased = before is None or (values is None and not before)
        self._end({**(before or {}), **known}, outcome, leaf["time"], erased=erased)

    def _refused(self, values: Values | None, time: int, *, number: int = 1) -> None:
        known = values or {}
        self._counts.refused += number
        for rule in names_of(known.get("refused_by")):
            _add(self._counts.refused_by, rule)
        outcome = ERASED if values is None else str(known.get("outcome", NONE))
        self._end(known, outcome, time, erased=values is None, refused=True, number=number)

    def _end(
        self,
        facts: Values,
        outcome: str,
        time: int,
        *,
        erased: bool,
        refused: bool = False,
        number: int = 1,
    ) -> None:
        """Count the end of requests; with ``erased`` the unknown fields were erased."""
        counts, unknown = self._counts, ERASED if erased else NONE
        team, purpose, zone, level = (
            str(facts.get(name) or self._absent(name, unknown))
            for name in ("team", "purpose", "zone", "level")
        )
        answered = is_answer(outcome)
        counts.requests += number
        counts.answered += answered
        counts.crashed += outcome == CRASHED
        counts.estimated += bool(facts.get("usage_estimated"))
        _add(counts.outcomes, outcome, number)
        _add(counts.zones.setdefault(zone, {}), level, number)
        _add(counts.days.setdefault(self._day_of(time), {}), zone, number)
        _add(counts.detectors, str(facts.get("detectors") or unknown), number)
        for tally, name in ((counts.fired, "rules"), (counts.failed, "failed")):
            for item in names_of(facts.get(name)):
                _add(tally, item)
        if facts.get("rerouted"):
            _add(counts.rerouted, str(facts["rerouted"]))
        usage = self._usage.get((team, purpose))
        if usage is None:
            usage = self._usage[team, purpose] = UsageCount(team, purpose)
        _use(usage, facts, answered=answered, refused=refused, number=number)
        self._purpose(purpose, facts, level, number)
        if answered:
            deployment = str(facts.get("deployment") or unknown)
            counter = self._latency.setdefault(deployment, Counter())
            counter[bucket_of(number_of(facts, "latency_ms"))] += 1

    def _purpose(self, name: str, facts: Values, level: str, number: int) -> None:
        purpose = self._counts.purposes.setdefault(name, Purpose())
        purpose.requests += number
        _add(purpose.levels, level, number)
        if facts.get("deployment"):
            _add(purpose.deployments, str(facts["deployment"]))
        findings = facts.get("findings")
        if not isinstance(findings, dict):
            return
        left_redacted = number_of(facts, "redacted") > 0
        for type_, seen in findings.items():
            found = self._counts.found.setdefault(type_, FindingCount())
            found.requests += 1
            found.values += seen
            found.redacted += seen if left_redacted else 0
            _add(purpose.types, type_)

    def _departure(self, values: Values | None) -> None:
        counts = self._counts
        counts.departures += 1
        if values is None:
            key = (ERASED, ERASED, ERASED, ERASED)
        else:
            key = (
                str(values.get("deployment") or NONE),
                str(values.get("provider") or NONE),
                str(values.get("zone") or NONE),
                str(values.get("model_digest") or ""),
            )
        departed = self._departed.get(key)
        if departed is None:
            departed = self._departed[key] = DepartureCount(*key)
        departed.departures += 1
        taken = number_of(values or {}, "redacted")
        if taken:
            counts.redacted_departures += 1
            counts.redacted_values += taken
            departed.redacted += 1
            departed.values += taken

    def _change(self, time: int, event: str, values: Values | None) -> None:
        counts = self._counts
        if event in EVENTS:
            if counts.cases is msgspec.UNSET:
                counts.cases = Cases()
            add_case(counts.cases, event, values)
        if (by := decided_by(event, values)) is not None:
            if counts.decisions is msgspec.UNSET:
                counts.decisions = {}
            _add(counts.decisions, by)
        if len(counts.changes) >= _MAX_CHANGES:
            counts.changes_left_out += 1
            return
        known = values or {}
        about = {name: _text_of(known[name]) for name in SHOWN if known.get(name) not in (None, "")}
        if isinstance(lines := known.get("lines"), list):
            about["lines"] = "; ".join(map(str, read_lines(lines[:_MAX_LINES])))
            about |= {"more": str(len(lines) - _MAX_LINES)} if len(lines) > _MAX_LINES else {}
        unknown = ERASED if values is None else self._absent("principal", NONE)
        actor = str(known.get("principal", unknown))
        counts.changes.append(Change(time, event, actor, about))

    def _absent(self, name: str, unknown: str) -> str:
        return unknown if self._profile.opens(name) else WITHHELD

    def _day_of(self, time: int) -> str:
        """The day of a time, cached by quarter of an hour: offsets from UTC are whole quarters."""
        quarter = time // _QUARTER_MS
        if quarter != self._quarter:
            self._quarter = quarter
            self._day = datetime.fromtimestamp(time / 1000, self._zone).date().isoformat()
        return self._day


def _use(usage: UsageCount, facts: Values, *, answered: bool, refused: bool, number: int) -> None:
    usage.requests += number
    usage.answered += answered
    usage.refused += number if refused else 0
    usage.input_tokens += number_of(facts, "input_tokens")
    usage.output_tokens += number_of(facts, "output_tokens")
    cost = number_of(facts, "cost_micros")
    if cost:
        _add(usage.cost_micros, str(facts.get("currency") or NONE), cost)


def _latency(seen: Counter[int]) -> Latency:
    found = quantiles_of(seen)
    return Latency(sum(seen.values()), found.get(50), found.get(95), found.get(99))


def _add(tally: Tally, name: str, number: int = 1) -> None:
    tally[name] = tally.get(name, 0) + number


def _text_of(value: Value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in sorted(value.items()))
    return ", ".join(value) if isinstance(value, list) else str(value)
