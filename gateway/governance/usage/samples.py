"""Which samples the entries of one request make, in the order of the log.

A request ends with its closing entry or its refusal. A closing entry holds only fields that changed
since the last departure. The closing entry of another process (``of_log``) counts only when there
is no earlier one: the first process had closed the request before it died.
"""

from collections.abc import Iterable, Sequence

import msgspec

from gateway.evidence import CLOSE, INTENT
from gateway.evidence.entry import Value
from gateway.governance.usage.cells import Label, Sample, SeriesKey
from gateway.governance.usage.definition import (
    ERASED,
    HOUR_MS,
    NONE,
    Values,
    bucket_of,
    is_answer,
    key_of,
    names_of,
    number_of,
    overhead_of,
)

REFUSAL = "request:refusal:record"
COUNTED = "request:refusal:count"
ENDS = (CLOSE, REFUSAL, COUNTED)
EVENTS = (INTENT, *ENDS)
_LABELS = (("refused", "refused_by"), ("rule", "rules"), ("failed", "failed"))
_FINDING = "finding"
_MAX_NAME = 256


class Counted(msgspec.Struct, frozen=True):
    """An entry that counts; ``values`` is None once they have expired."""

    log: str
    seq: int
    request: str
    time: int
    event: str
    values: Values | None


def samples_of(entries: Iterable[Counted]) -> list[Sample]:
    """The samples of the entries of one request."""
    ordered = sorted(entries, key=lambda one: (one.time, one.log, one.seq))
    departures = [one for one in ordered if one.event == INTENT]
    closes = [one for one in ordered if one.event == CLOSE]
    made = []
    for one in ordered:
        if one.event == CLOSE:
            settled = one.values is not None and "of_log" in one.values
            if not settled or one is closes[0]:
                made.append(_closed(one, departures))
        elif one.event in (REFUSAL, COUNTED):
            number = number_of(one.values or {}, "count") if one.event == COUNTED else 1
            made.append(_sample(one, one.values or {}, refused=True, number=number))
    return made


def _closed(close: Counted, departures: Sequence[Counted]) -> Sample:
    before = departures[-1].values if departures else {}
    facts = {**(before or {}), **(close.values or {})}
    return _sample(close, facts, refused=False, number=1)


def _sample(end: Counted, facts: Values, *, refused: bool, number: int) -> Sample:
    unknown = ERASED if end.values is None else NONE
    outcome = str(facts.get("outcome") or NONE) if end.values is not None else ERASED
    answered = is_answer(outcome)
    series = SeriesKey(
        team=_text(facts, "team", unknown),
        key=key_of(facts) if facts else unknown,
        model=_text(facts, "deployment", unknown),
        provider=_text(facts, "provider", unknown),
        zone=_text(facts, "zone", unknown),
        use_case=_text(facts, "purpose", unknown),
        level=_text(facts, "level", unknown),
        result=outcome,
        currency=str(facts.get("currency") or "") if number_of(facts, "cost_micros") else "",
    )
    sums = (
        number,
        number if answered else 0,
        number if refused else 0,
        number if facts.get("usage_estimated") else 0,
        number_of(facts, "input_tokens"),
        number_of(facts, "output_tokens"),
        number_of(facts, "cost_micros"),
    )
    hour = end.time // HOUR_MS * HOUR_MS
    return Sample(hour, series, sums, _histograms(facts) if answered else (), _labels(facts))


def _histograms(facts: Values) -> tuple[tuple[str, int], ...]:
    found = [("latency", bucket_of(number_of(facts, "latency_ms")))]
    overhead = overhead_of(facts)
    if overhead is not None:
        found.append(("overhead", bucket_of(overhead)))
    return tuple(found)


def _labels(facts: Values) -> dict[Label, tuple[int, int, int]]:
    found: dict[Label, tuple[int, int, int]] = {}
    for kind, name in _LABELS:
        for item in names_of(facts.get(name)):
            found[kind, item[:_MAX_NAME]] = (1, 0, 0)
    left_redacted = number_of(facts, "redacted") > 0
    for type_, seen in _findings(facts.get("findings")):
        found[_FINDING, type_[:_MAX_NAME]] = (1, seen, seen if left_redacted else 0)
    return found


def _findings(value: Value) -> Iterable[tuple[str, int]]:
    if not isinstance(value, dict):
        return ()
    return ((str(type_), int(seen)) for type_, seen in value.items())


def _text(facts: Values, name: str, unknown: str) -> str:
    return str(facts.get(name) or unknown)[:_MAX_NAME]
