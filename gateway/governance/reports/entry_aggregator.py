"""Counting the entries of a period, one by one, with memory that does not grow with their number.

A request has one end: its closing entry, or its refusal. A closing entry holds only what is new since
the last departure, so that what departed is remembered until it is closed; what departed before the
entries that are read is asked for. The end of a request lies in the period or it does not; departures
are counted apart, by their own time.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any, Protocol

import msgspec
import orjson

from gateway.evidence import CLOSE, INTENT
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

REFUSAL = "request:refusal:record"
COUNTED = "request:refusal:count"  # of callers whom nobody knows: so many, in one second
_MOST_CHANGES = 500
_QUARTER_MS = 900_000
_ANSWERED = ("ok", "content_filter")
_CRASHED = "unknown_crash"
# What of an entry of the control plane is said in a report: never a reason or a comment.
SAID = (
    "key",
    "name",
    "kind",
    "model",
    "version",
    "tag",
    "digest",
    "proposal",
    "author",
    "proposed_by",
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
_APART = ("request:", "trail:", "models:", "privacy:", "access:")  # counted, not listed
Values = Mapping[str, Value]


class EntryLookup(Protocol):
    """What is asked of the trail about a request whose entries were not all read."""

    async def departure(self, request: str) -> Values | None:
        """The values of its last departure; None when they were erased, empty when it had none."""
        ...

    async def first_close(self, request: str) -> tuple[str, int]:
        """Log and number of its first closing entry."""
        ...


class _Open(msgspec.Struct, frozen=True):
    values: Values | None
    inside: bool


class EntryAggregator:
    """Give it every entry of a range in its order, then ask for ``done``."""

    def __init__(
        self,
        since: int,
        until: int,
        *,
        zone: tzinfo,
        others: EntryLookup,
        profile: DisclosureProfile = DisclosureProfile.FULL,
    ) -> None:
        """The period in epoch milliseconds, ``until`` exclusive; ``zone`` says when a day begins.

        ``profile`` is that of the rows: of what it withholds nobody can tell whether it was there.
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
        """Counts one entry; those outside the period only tell what departed."""
        leaf = orjson.loads(row.leaf)
        values = None if row.disclosure is None else values_of(row.disclosure)
        event, request, time = leaf["event"], leaf["request"], leaf["time"]
        inside = self._since <= time < self._until
        if inside:
            self._entry(event, values, leaf["bundle"])
        if event == INTENT:
            self._open[request] = _Open(values, inside)
            if inside:
                self._departure(values)
        elif event == CLOSE:
            await self._closed(row, leaf, values, inside=inside)
        elif inside and event == REFUSAL:
            self._refused(values, time)
        elif inside and event == COUNTED:
            self._refused(values, time, number=_number(values or {}, "count"))
        elif inside and not event.startswith(_APART):
            self._change(time, event, values)

    def done(self) -> Counts:
        """All figures."""
        counts = self._counts
        counts.open += sum(one.inside for one in self._open.values())
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
        self, row: ExportRow, leaf: dict[str, Any], values: Values | None, *, inside: bool
    ) -> None:
        request = leaf["request"]
        opened = self._open.pop(request, None)
        if not inside:
            if opened is not None and opened.inside and leaf["time"] >= self._until:
                self._counts.open += 1
            return
        known = values or {}
        if "of_log" in known and await self._others.first_close(request) != (row.log, row.seq):
            return  # its process closed it after all, before it died
        before: Values | None = opened.values if opened is not None else {}
        if opened is None and "principal" not in known:
            before = await self._others.departure(request)
        outcome = ERASED if values is None else str(known.get("outcome", NONE))
        gone = before is None or (values is None and not before)
        self._end({**(before or {}), **known}, outcome, leaf["time"], gone=gone)

    def _refused(self, values: Values | None, time: int, *, number: int = 1) -> None:
        known = values or {}
        self._counts.refused += number
        for rule in _names(known.get("refused_by")):
            _add(self._counts.refused_by, rule)
        outcome = ERASED if values is None else str(known.get("outcome", NONE))
        self._end(known, outcome, time, gone=values is None, refused=True, number=number)

    def _end(
        self,
        facts: Values,
        outcome: str,
        time: int,
        *,
        gone: bool,
        refused: bool = False,
        number: int = 1,
    ) -> None:
        """A request, or so many alike, came to an end; ``gone``: what is not known was erased."""
        counts, unknown = self._counts, ERASED if gone else NONE
        team, purpose, zone, level = (
            str(facts.get(name) or self._absent(name, unknown))
            for name in ("team", "purpose", "zone", "level")
        )
        answered = outcome in _ANSWERED
        counts.requests += number
        counts.answered += answered
        counts.crashed += outcome == _CRASHED
        counts.estimated += bool(facts.get("usage_estimated"))
        _add(counts.outcomes, outcome, number)
        _add(counts.zones.setdefault(zone, {}), level, number)
        _add(counts.days.setdefault(self._day_of(time), {}), zone, number)
        _add(counts.detectors, str(facts.get("detectors") or unknown), number)
        for tally, name in ((counts.fired, "rules"), (counts.failed, "failed")):
            for item in _names(facts.get(name)):
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
            seen = self._latency.setdefault(deployment, Counter())
            seen[_three_digits(_number(facts, "latency_ms"))] += 1

    def _purpose(self, name: str, facts: Values, level: str, number: int) -> None:
        purpose = self._counts.purposes.setdefault(name, Purpose())
        purpose.requests += number
        _add(purpose.levels, level, number)
        if facts.get("deployment"):
            _add(purpose.deployments, str(facts["deployment"]))
        findings = facts.get("findings")
        if not isinstance(findings, dict):
            return
        left_redacted = _number(facts, "redacted") > 0
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
        taken = _number(values or {}, "redacted")
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
        if len(counts.changes) >= _MOST_CHANGES:
            counts.changes_left_out += 1
            return
        known = values or {}
        about = {name: _said(known[name]) for name in SAID if known.get(name) not in (None, "")}
        nobody = ERASED if values is None else self._absent("principal", NONE)
        actor = str(known.get("principal", nobody))
        counts.changes.append(Change(time, event, actor, about))

    def _absent(self, name: str, unknown: str) -> str:
        return unknown if self._profile.opens(name) else WITHHELD

    def _day_of(self, time: int) -> str:
        """Offsets from UTC are whole quarters of an hour: a day lasts at least until the next."""
        quarter = time // _QUARTER_MS
        if quarter != self._quarter:
            self._quarter = quarter
            self._day = datetime.fromtimestamp(time / 1000, self._zone).date().isoformat()
        return self._day


def _use(usage: UsageCount, facts: Values, *, answered: bool, refused: bool, number: int) -> None:
    usage.requests += number
    usage.answered += answered
    usage.refused += number if refused else 0
    usage.input_tokens += _number(facts, "input_tokens")
    usage.output_tokens += _number(facts, "output_tokens")
    cost = _number(facts, "cost_micros")
    if cost:
        _add(usage.cost_micros, str(facts.get("currency") or NONE), cost)


def _latency(seen: Counter[int]) -> Latency:
    total = sum(seen.values())
    wanted = {quantile: -(-total * quantile // 100) for quantile in (50, 95, 99)}
    found: dict[int, int] = {}
    passed = 0
    for value in sorted(seen):
        passed += seen[value]
        for quantile, rank in wanted.items():
            if quantile not in found and passed >= rank:
                found[quantile] = value
    return Latency(total, found.get(50), found.get(95), found.get(99))


def _three_digits(value: int) -> int:
    """So that no more than some thousands of values are told apart."""
    return value if value < 1000 else int(float(f"{value:.3g}"))


def _add(tally: Tally, name: str, number: int = 1) -> None:
    tally[name] = tally.get(name, 0) + number


def _number(facts: Values, name: str) -> int:
    value = facts.get(name)
    return value if isinstance(value, int) else 0


def _names(value: Value) -> Iterable[str]:
    return value if isinstance(value, list) else ()


def _said(value: Value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in sorted(value.items()))
    return ", ".join(value) if isinstance(value, list) else str(value)
