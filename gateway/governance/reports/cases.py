"""Incidents and complaints of a period, and open ones at its end, from their entries."""

from collections.abc import Mapping

import msgspec

from gateway.evidence import CLOSE, INTENT
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import Value, values_of
from gateway.governance.audit.request_group import Ask
from gateway.governance.reports.counts import ERASED, NONE, Cases, Tally
from gateway.governance.reports.document import Column, Section, Table, row
from gateway.governance.reports.facts import Facts, OpenCases
from gateway.governance.reports.localizer import ReportLocalizer

OPENED, CLOSED = "control:incident:open", "control:incident:close"
RECEIVED, DECIDED = "control:complaint:open", "control:complaint:decide"
EVENTS = (OPENED, CLOSED, RECEIVED, DECIDED)
# They give an open case another deadline, or none.
_MOVED = ("control:incident:judge", "control:incident:report")
_OUTCOMES = ("upheld", "partly", "rejected")
_ALL = (
    "SELECT event, disclosure FROM audit_detail "
    f"WHERE event IN ({', '.join(repr(one) for one in (*EVENTS, *_MOVED))}) AND time < :until "
    f"AND event <> '{INTENT}' AND event <> '{CLOSE}' "  # so that the index of rare events applies
    "ORDER BY log, seq"
)


def add_case(cases: Cases, event: str, values: Mapping[str, Value] | None) -> None:
    """Count an entry of ``EVENTS``; ``values`` is None where they are erased."""
    if event in {OPENED, CLOSED}:
        tally = cases.opened if event == OPENED else cases.closed
        _add(tally, _value(values, "kind"))
    elif event == RECEIVED:
        cases.received += 1
    else:
        _add(cases.decided, _value(values, "outcome"))


async def open_cases(ask: Ask, moment: int, profile: DisclosureProfile) -> OpenCases:
    """The open cases at a moment (epoch milliseconds), by all stored earlier entries."""
    incidents: dict[str, Mapping[str, Value]] = {}
    complaints: dict[str, Mapping[str, Value]] = {}
    moved: dict[str, Mapping[str, Value]] = {}  # the last entry that did
    done: set[str] = set()
    for entry in await ask(_ALL, {"until": moment}):
        values = profile.disclosed(values_of(bytes(entry["disclosure"])))
        identity = str(values.get("incident") or values.get("complaint"))
        if entry["event"] in {CLOSED, DECIDED}:
            done.add(identity)
        elif entry["event"] in _MOVED:
            moved[identity] = values
        elif entry["event"] == OPENED:
            incidents[identity] = values
        else:
            complaints[identity] = values
    found = OpenCases()
    for identity in incidents.keys() - done:
        waiting = incidents[identity]
        _add(found.open, _value(waiting, "kind"))
        if _is_overdue(moved.get(identity, waiting), moment):
            _add(found.overdue, _value(waiting, "kind"))
    undecided = [complaints[identity] for identity in complaints.keys() - done]
    found.complaints = len(undecided)
    found.complaints_overdue = sum(_is_overdue(one, moment) for one in undecided)
    return found


def cases_section(words: ReportLocalizer, facts: Facts) -> Section:
    """Incidents by kind, and complaints by outcome."""
    counted = facts.counts.cases
    cases = Cases() if counted is msgspec.UNSET else counted
    waiting = OpenCases() if facts.standing is msgspec.UNSET else facts.standing
    return Section(
        "incidents",
        words("incidents"),
        (words("incidents.about"),),
        tables=(_incidents(words, cases, waiting), _complaints(words, cases, waiting)),
    )


def _incidents(words: ReportLocalizer, cases: Cases, waiting: OpenCases) -> Table:
    tallies = (cases.opened, cases.closed, waiting.open, waiting.overdue)
    columns = (
        Column("kind", words("incidents.kind"), share=3),
        *(
            Column(name, words(f"incidents.{name}"), "number", share=1.4)
            for name in ("opened", "closed", "open", "overdue")
        ),
    )
    kinds = sorted({kind for tally in tallies for kind in tally})
    rows = tuple(
        row(words.name("incident", kind), *(tally.get(kind, 0) for tally in tallies))
        for kind in kinds
    )
    return Table("incidents", words("incidents.table"), columns, rows, words("nothing"))


def _complaints(words: ReportLocalizer, cases: Cases, waiting: OpenCases) -> Table:
    columns = (
        Column("what", words("complaints.what"), share=4),
        Column("count", words("count"), "number"),
    )
    outcomes = [*_OUTCOMES, *sorted(cases.decided.keys() - set(_OUTCOMES))]
    rows = (
        (words("complaints.received"), cases.received),
        *((words.name("decided", one), cases.decided.get(one, 0)) for one in outcomes),
        (words("complaints.open"), waiting.complaints),
        (words("complaints.overdue"), waiting.complaints_overdue),
    )
    return Table("complaints", words("complaints.table"), columns, rows, words("nothing"))


def _value(values: Mapping[str, Value] | None, name: str) -> str:
    return ERASED if values is None else str(values.get(name) or NONE)


def _is_overdue(values: Mapping[str, Value], moment: int) -> bool:
    deadline = values.get("deadline")
    return isinstance(deadline, int) and deadline < moment


def _add(tally: Tally, name: str) -> None:
    tally[name] = tally.get(name, 0) + 1
