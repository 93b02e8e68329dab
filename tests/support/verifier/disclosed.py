"""Packages of each profile, what is gone from them, and what records that."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.evidence.disclosure_profile import WITHHELD, DisclosureProfile
from gateway.evidence.entry import Value
from gateway.evidence.export_row import MISSING, Deletion
from gateway.evidence.verify import ALWAYS, gcm_ciphertext
from tests.support.packages import Log
from tests.support.tampering import Opened, manifest_with
from tests.support.verifier.cases import GOOD, INCOMPLETE, TAMPERED, Cases

METADATA, PLAIN, FULL = (
    DisclosureProfile.METADATA,
    DisclosureProfile.PSEUDONYMISED,
    DisclosureProfile.FULL,
)
EXPIRE, ERASE, REPLAY = "control:retention:expire", "subject:values:erase", "subject:values:replay"
BODY = '{"messages":["é [PERSON_1] \\"x\\" and more than one block of text"]}'.encode()
_LATE = 10**9  # milliseconds behind the log's first entry


def add_disclosed(cases: Cases) -> None:
    for add in (
        _profiles,
        _changed_profiles,
        _bodies,
        _changed_bodies,
        _gone,
        _lies,
        _marks,
        _older,
    ):
        add(cases)


def run(log: Log, values: int = 0, bodies: int = 0, until: int = _LATE, **more: Value) -> int:
    """An entry that records a run of expiry; gives its number."""
    cut_off = log.clock + until
    fields: dict[str, Value] = {
        "removed": {"disclosures": values, "bodies": bodies},
        "until": {"disclosures": cut_off, "bodies": cut_off},
        **more,
    }
    return log.entry(EXPIRE, {name: value for name, value in fields.items() if value is not None})


def lost(log: Log, kind: str, entry: int | None, count: int = 1) -> None:
    """Entries whose values are gone, and their stored bodies too."""
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


def at(index: int, change: Callable[[dict[str, Any]], None]) -> Callable[[Opened], None]:
    """One line says something else."""

    def apply(one: Opened) -> None:
        told = json.loads(one.lines[index])
        change(told)
        text = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
        one.lines[index] = text.encode() + b"\n"

    return apply


def together(*changes: Callable[[Opened], None]) -> Callable[[Opened], None]:
    def apply(one: Opened) -> None:
        for change in changes:
            change(one)

    return apply


def _package(cases: Cases, log: Log, profile: DisclosureProfile = PLAIN, first: int = 0) -> Path:
    return log.package(cases.path(), first, profile=profile)


def _profiles(cases: Cases) -> None:
    log = Log().add(8)
    for profile, says in (
        (METADATA, "PROFILE metadata: 28 values that could point at a person are withheld."),
        (PLAIN, "PROFILE pseudonymised"),
        (FULL, "PROFILE full: all recorded values, and 0 stored bodies"),
    ):
        package = _package(cases, log, profile)
        cases.add(f"profile {profile}", package, GOOD, says)
        cases.add(f"profile {profile} in Dutch", package, GOOD, "PROFIEL", "--language", "nl")
    cases.add("who released it", package, GOOD, "(proposal prop1)")
    fewer = cases.insider(_package(cases, log, METADATA), _without("masked"))
    cases.add("a field too few", fewer, GOOD, "not know to be personal: masked.")
    most = set(METADATA.fields or ()) - ALWAYS
    least = cases.insider(_package(cases, log, METADATA), _without(*most))
    cases.add("as few fields as may be", least, GOOD, "purpose.")
    fewer = cases.insider(_package(cases, log, METADATA), _without("masked", "findings"))
    cases.add("two fields too few", fewer, GOOD, "personal: findings, masked.")


def _without(*names: str) -> Callable[[Opened], None]:
    """Metadata of which further fields are kept closed, by manifest and lines alike."""

    def change(one: Opened) -> None:
        one.manifest["fields"] = [name for name in one.manifest["fields"] if name not in names]
        for index in range(len(one.lines)):
            at(
                index,
                lambda told: told.update(
                    disclosure=[value for value in told["disclosure"] if value[1] not in names]
                ),
            )(one)

    return change


def _changed_profiles(cases: Cases) -> None:
    log = Log().add(4)
    log.entry("request:departure:intent", {"zone": "eu"}, log="gateway/a", body=BODY)
    whole = json.loads(lines_in(_package(cases, log))[0])["disclosure"]
    packages = {profile: _package(cases, log, profile) for profile in DisclosureProfile}
    fields = METADATA.fields

    def fails(
        name: str, of: DisclosureProfile, change: Callable[[Opened], None], says: str = ""
    ) -> None:
        cases.add(f"profile {name}", cases.insider(packages[of], change), TAMPERED, says)

    for name, value in (
        *((f"with {one}", [*(fields or ()), one]) for one in WITHHELD),
        ("without a filter", [one for one in fields or () if one != "zone"]),
        ("without what runs record", [one for one in fields or () if one != "removed"]),
        ("with a word for its fields", "zone"),
    ):
        fails(name, METADATA, manifest_with(fields=value), "not keep to the profile metadata")
    fails("with a number for its fields", METADATA, manifest_with(fields=3), "manifest.json")
    fails("without its fields", METADATA, lambda one: one.manifest.pop("fields"), "manifest.json")
    fails(
        "with one value more", METADATA, at(0, lambda told: told.update(disclosure=whole)), "line 1"
    )
    fails(
        "with a person in the place of another value",
        METADATA,
        at(0, lambda told: told["disclosure"].__setitem__(0, whole[6])),
        "line 1: a value",
    )
    fails(
        "with one value less",
        METADATA,
        at(0, lambda told: told["disclosure"].pop()),
        "line 1: a value",
    )
    fails(
        "with the first value less",
        METADATA,
        at(0, lambda told: told["disclosure"].pop(0)),
        "line 1",
    )
    fails("with no value", METADATA, at(0, lambda told: told["disclosure"].clear()), "line 1")
    fails(
        "with a value where there is none",
        METADATA,
        at(3, lambda told: told["disclosure"].append(whole[0])),
        "line 4: a value",
    )
    fails(
        "metadata, said to be more",
        METADATA,
        manifest_with(profile="pseudonymised"),
        "line 1: a value",
    )
    fails(
        "metadata, said to be older",
        METADATA,
        manifest_with(format="sluis-export-3"),
        "line 1: a value",
    )
    fails(
        "pseudonymised, said to be less",
        PLAIN,
        manifest_with(profile="metadata", fields=fields),
        "line 1",
    )
    fails(
        "pseudonymised, said to be more",
        PLAIN,
        manifest_with(profile="full", approval="p"),
        "line 5: a stored",
    )
    fails("full, said to be less", FULL, manifest_with(profile="pseudonymised"), "line 5")
    fails("full, said to be older", FULL, manifest_with(format="sluis-export-3"), "line 5")
    fails(
        "full, released by nobody",
        FULL,
        manifest_with(approval=None),
        "not keep to the profile full",
    )
    fails(
        "full, without a word of release",
        FULL,
        lambda one: one.manifest.pop("approval"),
        "not keep to",
    )
    for value, says in (
        ("all", "format all"),
        (None, "format None"),
        (["full"], "format ['full']"),
    ):
        package = cases.insider(packages[FULL], manifest_with(profile=value))
        cases.add(f"profile {value}", package, INCOMPLETE, says)
    package = cases.insider(packages[PLAIN], lambda one: one.manifest.pop("profile"))
    cases.add("no profile", package, INCOMPLETE, "format None")


def lines_in(package: Path) -> list[bytes]:
    with zipfile.ZipFile(package) as opened:
        return opened.read("entries.jsonl").splitlines()


def _bodies(cases: Cases) -> None:
    log = Log().add(2)
    for text in (b"", b"x", b"y" * 16, BODY * 40):
        log.entry("request:answer:close", {"zone": "eu"}, log="gateway/a", body=text)
    package = _package(cases, log, FULL)
    cases.add("bodies of any length", package, GOOD, "and 4 stored bodies")
    whole = cases.insider(
        package, at(5, lambda told: told["body"].update(key=told["body"]["key"].upper()))
    )
    cases.add("a key in capitals", whole, GOOD)
    long = Log()
    much = hashlib.shake_128(b"").hexdigest(2_400_000)  # nothing that packs well: that is a bomb
    long.entry("request:answer:close", {"found": much}, log="gateway/a")
    cases.add("a line as long as one with a body", _package(cases, long, FULL), GOOD)
    cases.add("a line as long without one", _package(cases, long), TAMPERED, "line 1")


def _changed_bodies(cases: Cases) -> None:
    log = Log().add(1)
    for text in (BODY, b"z" * 40):
        log.entry("request:answer:close", {"zone": "eu"}, log="gateway/a", body=text)
    package = _package(cases, log, FULL)
    first, second = (json.loads(line)["body"] for line in lines_in(package)[1:])
    frame = first["frame"]

    def fails(name: str, body: Any, says: str = "line 2: a stored body") -> None:
        change = at(1, lambda told: told.update(body=body))
        cases.add(f"body {name}", cases.insider(package, change), TAMPERED, says)

    fails("with another text", {**first, "text": first["text"].replace("more", "less")})
    fails("with a shorter text", {**first, "text": first["text"][:-1]})
    fails("with another key", {**first, "key": second["key"]})
    fails("with another nonce", {**first, "frame": second["frame"][:24] + frame[24:]})
    fails("with another tag", {**first, "frame": frame[:24] + second["frame"][24:]})
    fails("of another entry", second)
    fails("with a note", {**first, "note": "x"})
    fails("of nothing", None, "line 2 of")
    for index, of, where in (
        (0, package, "where there was none"),
        (1, _package(cases, log), "elsewhere"),
    ):
        bad = cases.insider(of, at(index, lambda told: told.update(body=None)))
        cases.add(f"nothing for a body {where}", bad, TAMPERED, f"line {index + 1} of")
    fails("without a key", {name: first[name] for name in ("frame", "text")}, "line 2 of")
    fails("in another form", [first], "line 2 of")
    fails("in one word", "gone", "line 2 of")
    cases.add(
        "body not there at all",
        cases.insider(package, at(1, lambda told: told.pop("body"))),
        TAMPERED,
        "line 2: a stored body",
    )
    cases.add(
        "body where there was none",
        cases.insider(package, at(0, lambda told: told.update(body=first))),
        TAMPERED,
        "line 1 of",
    )
    for name, package, line in _shifted(cases):
        cases.add(f"body with {name}", package, TAMPERED, f"line {line}: a stored body")


def _shifted(cases: Cases) -> list[tuple[str, Path, int]]:
    """The tag begins a byte later or earlier: the bytes together are those that were recorded."""
    log, made = Log(), []
    for _ in range(40):
        log.entry("request:answer:close", {}, log="gateway/a", body=b"0123456789")
    package = _package(cases, log, FULL)
    shorter = at(0, lambda told: _shift_in(told["body"]))
    made.append(("a byte less", cases.insider(package, shorter), 1))
    for index, line in enumerate(lines_in(package)):
        if (longer := _shift_out(json.loads(line)["body"])) is not None:
            change = at(index, lambda told, body=longer: told.update(body=body))  # type: ignore[misc]
            return [*made, ("a byte more", cases.insider(package, change), index + 1)]
    raise AssertionError("no luck in forty tries")


def _shift_in(body: dict[str, str]) -> None:
    key, frame, text = (
        bytes.fromhex(body["key"]),
        bytes.fromhex(body["frame"]),
        body["text"].encode(),
    )
    last = gcm_ciphertext(key, frame[:12], text)[-1:]
    body.update(text=body["text"][:-1], frame=(frame[:12] + last + frame[12:]).hex())


def _shift_out(body: dict[str, str]) -> dict[str, str] | None:
    key, frame, text = (
        bytes.fromhex(body["key"]),
        bytes.fromhex(body["frame"]),
        body["text"].encode(),
    )
    plain = gcm_ciphertext(key, frame[:12], text + bytes(1))
    byte = plain[-1] ^ frame[12]
    if byte >= 128:
        return None  # no text
    return {**body, "text": body["text"] + chr(byte), "frame": (frame[:12] + frame[13:]).hex()}


def _gone(cases: Cases) -> None:
    log = Log().add(2)
    first = run(log, 3, 4)
    lost(log, "expired", first, 3)
    cases.add(
        "expired",
        _package(cases, log),
        GOOD,
        f"values of 3 entries have expired: see entry {first} of",
    )
    cases.add(
        "expired bodies",
        _package(cases, log, FULL),
        GOOD,
        f"bodies of 3 entries have expired: see entry {first} of",
    )
    cases.add(
        "expired, metadata",
        _package(cases, log, METADATA),
        GOOD,
        "3 entries have expired: see entry 0",
    )
    cases.add("expired, one run more", _package(cases, log), GOOD, "in this package")
    outside = _package(cases, log, first=3)
    cases.add(
        "expired, recorded elsewhere",
        outside,
        GOOD,
        "expired, the operator says: see entry 0 of the log control, outside",
    )
    lost(log, "expired", 1)
    log.add(1)
    second = run(log, 1, 1)
    later = _package(cases, log, FULL, first=3)
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
    lost(log, "expired", 2)
    cases.add(
        "expired, recorded later",
        _package(cases, log, first=3),
        GOOD,
        "the operator says: see entry 0, 2 of",
    )
    lost(log, "expired", None, 2)
    cases.add(
        "expired in a run that goes on",
        _package(cases, log, FULL),
        GOOD,
        "values of 2 entries have expired, the operator says: the entry",
    )
    cases.add(
        "bodies in a run that goes on",
        _package(cases, log, FULL),
        GOOD,
        "bodies of 2 entries have expired, the operator says: the entry",
    )
    lost(log, "missing", None, 2)
    cases.add(
        "missing",
        _package(cases, log, FULL),
        GOOD,
        "bodies of 2 entries are not in the package, and no",
    )
    many = Log()
    for number in range(9):
        lost(many, "expired", number)
    for _ in range(9):
        run(many, 1, 1)
    cases.add("nine runs", _package(cases, many), GOOD, "see entry 0, 1, 2, 3, 4, 5, 6, 7, ... of")
    eight = many.package(cases.path(), 1)
    cases.add("eight runs", eight, GOOD, "see entry 1, 2, 3, 4, 5, 6, 7, 8 of")
    _erased(cases)


def _erased(cases: Cases) -> None:
    for event in (ERASE, REPLAY):
        log = Log().add(1)
        lost(log, "erased", log.entry(event, {"subjects": 1}), 5)
        says = "values of 5 entries were erased for a person: see entry 0 of"
        cases.add(f"erased by {event}", _package(cases, log, FULL), GOOD, says)
        cases.add(
            "erased elsewhere",
            _package(cases, log, FULL, first=2),
            GOOD,
            "bodies of 5 entries were erased for a person, the operator says: see entry 0",
        )
    log = Log()
    number = log.entry(EXPIRE, {"removed": {"disclosures": 1}}, kept=False)
    lost(log, "expired", number, 5)
    cases.add(
        "expired, and so has the record",
        _package(cases, log),
        GOOD,
        "5 entries have expired: see entry 0",
    )


def _lies(cases: Cases) -> None:
    def fails(name: str, log: Log, says: str, profile: DisclosureProfile = FULL) -> None:
        cases.add(f"lie: {name}", _package(cases, log, profile), TAMPERED, says)

    for kind, events in (
        ("expired", (ERASE, REPLAY, "control:key:create")),
        ("erased", (EXPIRE, "control:key:create")),
    ):
        for event in events:
            log = Log()
            lost(log, kind, log.entry(event, {"removed": {"disclosures": 9, "bodies": 9}}))
            fails(f"{kind} by {event}", log, "entry 0 of the log control does not record", PLAIN)
    log = Log()
    log.entry(
        EXPIRE,
        {"removed": {"disclosures": 9}, "until": {"disclosures": log.clock * 2}},
        log="gateway/a",
    )
    run(log, 1)
    log.entry("control:key:create", {})
    lost(log, "expired", 1)
    fails("recorded in another log", log, "entry 1 of the log control does not record")
    for name, fields in {
        "more went than the run says": {"values": 2, "bodies": 3},
        "more bodies went than the run says": {"values": 3, "bodies": 2},
        "newer ones went than the run says": {"values": 3, "bodies": 3, "until": 2},
        "a run of nothing": {"values": 3, "bodies": 3, "removed": None},
        "a run without end": {"values": 3, "bodies": 3, "until": None},
        "a run of words": {"values": 3, "bodies": 3, "removed": "all"},
        "a run of one part": {"values": 3, "bodies": 3, "removed": {"disclosures": 3}},
        "a run of the other part": {"values": 3, "bodies": 3, "removed": {"bodies": 3}},
    }.items():
        log = Log()
        lost(log, "expired", 0, 3)
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
    lost(log, "expired", 0, 3)
    run(log, 3, 3, until=3)
    cases.add("the cut-off just behind the newest", _package(cases, log, FULL), GOOD)


def _marks(cases: Cases) -> None:
    log = Log().add(1)
    lost(log, "missing", None)
    package = _package(cases, log, FULL)
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
        bad = cases.insider(package, at(1, lambda told, mark=mark: told.update(disclosure=mark)))  # type: ignore[misc]
        cases.add(f"mark {name}", bad, TAMPERED, "line 2 of the entries")
        if isinstance(mark, dict) and "gone" in mark:
            bad = cases.insider(package, at(1, lambda told, mark=mark: told.update(body=mark)))  # type: ignore[misc]
            cases.add(f"mark of a body {name}", bad, TAMPERED, "line 2 of the entries")
    assert MISSING.entry is None


def _older(cases: Cases) -> None:
    log = Log().add(9, erased={3, 5})
    package = _package(cases, log)
    nulls = [at(index, lambda told: told.update(disclosure=None)) for index in (3, 5)]
    older = manifest_with(format="sluis-export-3")
    for name in ("profile", "fields", "approval"):
        older = together(older, lambda one, name=name: one.manifest.pop(name))  # type: ignore[misc]
    cases.add("older", cases.insider(package, together(older, *nulls)), GOOD, "of an older form")
    cases.add(
        "older, erased",
        cases.insider(package, together(older, *nulls)),
        GOOD,
        "values of 2 entries are not",
    )
    cases.add("older, with a mark of today", cases.insider(package, older), TAMPERED, "line 4 of")
    zero = at(3, lambda told: told.update(disclosure=0))
    cases.add(
        "older, with nothing for null",
        cases.insider(package, together(older, *nulls, zero)),
        TAMPERED,
        "line 4 of",
    )
