"""Packages with deleted values and bodies, and the entries that record the deletions."""

from functools import partial
from typing import Any

from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import Value
from gateway.evidence.export_row import MISSING, Deletion
from tests.support.packages import Log
from tests.support.verifier.cases import GOOD, TAMPERED, Cases
from tests.support.verifier.disclosed import FULL, METADATA, PLAIN, at, package_of

EXPIRE, ERASE, REPLAY = "control:retention:expire", "subject:values:erase", "subject:values:replay"
_LATE = 10**9  # milliseconds behind the log's first entry


def add_deleted(cases: Cases) -> None:
    for add in (_deletions, _false_records, _marks):
        add(cases)


def expiry_run(
    log: Log, values: int = 0, bodies: int = 0, until: int = _LATE, **more: Value
) -> int:
    """Adds an entry that records an expiry run; returns its number."""
    cut_off = log.clock + until
    fields: dict[str, Value] = {
        "removed": {"disclosures": values, "bodies": bodies},
        "until": {"disclosures": cut_off, "bodies": cut_off},
        **more,
    }
    return log.entry(EXPIRE, {name: value for name, value in fields.items() if value is not None})


def add_deleted_entries(log: Log, kind: str, entry: int | None, count: int = 1) -> None:
    """Adds entries with deleted values and stored bodies."""
    gone = Deletion(kind, entry)  # type: ignore[arg-type]
    for _ in range(count):
        log.entry(
            "request:departure:intent",
            {"zone": "eu"},
            log="gateway/a",
            kept=False,
            gone=gone,
            body=gone,
        )


def _deletions(cases: Cases) -> None:
    log = Log().add(2)
    first = expiry_run(log, 3, 4)
    add_deleted_entries(log, "expired", first, 3)
    cases.add(
        "expired",
        package_of(cases, log),
        GOOD,
        f"values of 3 entries have expired: see entry {first} of",
    )
    cases.add(
        "expired bodies",
        package_of(cases, log, FULL),
        GOOD,
        f"bodies of 3 entries have expired: see entry {first} of",
    )
    cases.add(
        "expired, metadata",
        package_of(cases, log, METADATA),
        GOOD,
        "3 entries have expired: see entry 0",
    )
    cases.add("expired, one run more", package_of(cases, log), GOOD, "in this package")
    outside = package_of(cases, log, first=3)
    cases.add(
        "expired, recorded elsewhere",
        outside,
        GOOD,
        "expired, the operator says: see entry 0 of the log control, outside",
    )
    add_deleted_entries(log, "expired", 1)
    log.add(1)
    second = expiry_run(log, 1, 1)
    later = package_of(cases, log, FULL, first=3)
    cases.add(
        "expired, in part recorded here",
        later,
        GOOD,
        "values of 1 entries have expired: see entry 1 of",
    )
    cases.add(
        "expired, in part elsewhere",
        later,
        GOOD,
        "bodies of 3 entries have expired, the operator says: see entry 0",
    )
    assert (first, second) == (0, 1)
    add_deleted_entries(log, "expired", 2)
    cases.add(
        "expired, recorded later",
        package_of(cases, log, first=3),
        GOOD,
        "the operator says: see entry 0, 2 of",
    )
    add_deleted_entries(log, "expired", None, 2)
    cases.add(
        "expired in a run that goes on",
        package_of(cases, log, FULL),
        GOOD,
        "values of 2 entries have expired, the operator says: the entry",
    )
    cases.add(
        "bodies in a run that goes on",
        package_of(cases, log, FULL),
        GOOD,
        "bodies of 2 entries have expired, the operator says: the entry",
    )
    add_deleted_entries(log, "missing", None, 2)
    cases.add(
        "missing",
        package_of(cases, log, FULL),
        GOOD,
        "bodies of 2 entries are not in the package, and no",
    )
    many = Log()
    for number in range(9):
        add_deleted_entries(many, "expired", number)
    for _ in range(9):
        expiry_run(many, 1, 1)
    cases.add(
        "nine runs", package_of(cases, many), GOOD, "see entry 0, 1, 2, 3, 4, 5, 6, 7, ... of"
    )
    eight = many.package(cases.path(), 1)
    cases.add("eight runs", eight, GOOD, "see entry 1, 2, 3, 4, 5, 6, 7, 8 of")
    _erased(cases)


def _erased(cases: Cases) -> None:
    for event in (ERASE, REPLAY):
        log = Log().add(1)
        add_deleted_entries(log, "erased", log.entry(event, {"subjects": 1}), 5)
        says = "values of 5 entries were erased for a person: see entry 0 of"
        cases.add(f"erased by {event}", package_of(cases, log, FULL), GOOD, says)
        cases.add(
            "erased elsewhere",
            package_of(cases, log, FULL, first=2),
            GOOD,
            "bodies of 5 entries were erased for a person, the operator says: see entry 0",
        )
    log = Log()
    number = log.entry(EXPIRE, {"removed": {"disclosures": 1}}, kept=False)
    add_deleted_entries(log, "expired", number, 5)
    cases.add(
        "expired, and so has the record",
        package_of(cases, log),
        GOOD,
        "5 entries have expired: see entry 0",
    )


def _false_records(cases: Cases) -> None:
    def fails(name: str, log: Log, says: str, profile: DisclosureProfile = FULL) -> None:
        cases.add(f"lie: {name}", package_of(cases, log, profile), TAMPERED, says)

    for kind, events in (
        ("expired", (ERASE, REPLAY, "control:key:create")),
        ("erased", (EXPIRE, "control:key:create")),
    ):
        for event in events:
            log = Log()
            add_deleted_entries(
                log, kind, log.entry(event, {"removed": {"disclosures": 9, "bodies": 9}})
            )
            fails(f"{kind} by {event}", log, "entry 0 of the log control does not record", PLAIN)
    log = Log()
    log.entry(
        EXPIRE,
        {"removed": {"disclosures": 9}, "until": {"disclosures": log.clock * 2}},
        log="gateway/a",
    )
    expiry_run(log, 1)
    log.entry("control:key:create", {})
    add_deleted_entries(log, "expired", 1)
    fails("recorded in another log", log, "entry 1 of the log control does not record")
    untrue: dict[str, dict[str, Any]] = {
        "more went than the run says": {"values": 2, "bodies": 3},
        "more bodies went than the run says": {"values": 3, "bodies": 2},
        "newer ones went than the run says": {"values": 3, "bodies": 3, "until": 2},
        "a run of nothing": {"values": 3, "bodies": 3, "removed": None},
        "a run without end": {"values": 3, "bodies": 3, "until": None},
        "a run of words": {"values": 3, "bodies": 3, "removed": "all"},
        "a run of one part": {"values": 3, "bodies": 3, "removed": {"disclosures": 3}},
        "a run of the other part": {"values": 3, "bodies": 3, "removed": {"bodies": 3}},
    }
    for name, fields in untrue.items():
        log = Log()
        add_deleted_entries(log, "expired", 0, 3)
        given: dict[str, Any] = {"until": log.clock + _LATE, **fields}
        cut = given.pop("until")
        until = (
            None
            if cut is None
            else dict.fromkeys(("disclosures", "bodies"), cut if cut > _LATE else log.clock + cut)
        )
        removed = given.pop("removed", {"disclosures": given["values"], "bodies": given["bodies"]})
        values: dict[str, Any] = {"until": until, "removed": removed}
        log.entry(EXPIRE, values)
        fails(name, log, "entry 0 of the log control records that fewer")
    log = Log()
    add_deleted_entries(log, "expired", 0, 3)
    expiry_run(log, 3, 3, until=3)
    cases.add("the cut-off just behind the newest", package_of(cases, log, FULL), GOOD)


def _marked(part: str, mark: object, parsed: dict[str, Any]) -> None:
    parsed[part] = mark


def _marks(cases: Cases) -> None:
    log = Log().add(1)
    add_deleted_entries(log, "missing", None)
    package = package_of(cases, log, FULL)
    for name, mark in {
        "of another kind": {"gone": "lost", "entry": None},
        "missing, with an entry": {"gone": "missing", "entry": 0},
        "erased, without an entry": {"gone": "erased", "entry": None},
        "with an entry below zero": {"gone": "expired", "entry": -1},
        "with true for an entry": {"gone": "expired", "entry": True},
        "with a word for an entry": {"gone": "expired", "entry": "0"},
        "with a note": {"gone": "missing", "entry": None, "note": "x"},
        "without an entry": {"gone": "missing"},
        "without a kind": {"entry": None},
        "with a list for a kind": {"gone": ["missing"], "entry": None},
        "null": None,
        "a number": 3,
        "a word": "missing",
    }.items():
        bad = cases.insider(package, at(1, partial(_marked, "disclosure", mark)))
        cases.add(f"mark {name}", bad, TAMPERED, "line 2 of the entries")
        if isinstance(mark, dict) and "gone" in mark:
            bad = cases.insider(package, at(1, partial(_marked, "body", mark)))
            cases.add(f"mark of a body {name}", bad, TAMPERED, "line 2 of the entries")
    assert MISSING.entry is None
