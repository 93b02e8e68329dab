"""Packages of each disclosure profile, with and without stored bodies."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.evidence.disclosure_profile import WITHHELD, DisclosureProfile
from gateway.evidence.verify import ALWAYS, gcm_ciphertext
from tests.support.packages import Log
from tests.support.tampering import EditablePackage, manifest_with
from tests.support.verifier.cases import GOOD, INCOMPLETE, TAMPERED, Cases

METADATA, PLAIN, FULL = (
    DisclosureProfile.METADATA,
    DisclosureProfile.PSEUDONYMISED,
    DisclosureProfile.FULL,
)
BODY = '{"messages":["é [PERSON_1] \\"x\\" and more than one block of text"]}'.encode()


def add_disclosed(cases: Cases) -> None:
    for add in (
        _profiles,
        _changed_profiles,
        _bodies,
        _changed_bodies,
        _older,
    ):
        add(cases)


def at(index: int, change: Callable[[dict[str, Any]], None]) -> Callable[[EditablePackage], None]:
    """Changes one line."""

    def apply(one: EditablePackage) -> None:
        parsed = json.loads(one.lines[index])
        change(parsed)
        text = json.dumps(parsed, separators=(",", ":"), ensure_ascii=False)
        one.lines[index] = text.encode() + b"\n"

    return apply


def together(*changes: Callable[[EditablePackage], None]) -> Callable[[EditablePackage], None]:
    def apply(one: EditablePackage) -> None:
        for change in changes:
            change(one)

    return apply


def package_of(cases: Cases, log: Log, profile: DisclosureProfile = PLAIN, first: int = 0) -> Path:
    return log.package(cases.path(), first, profile=profile)


def _profiles(cases: Cases) -> None:
    log = Log().add(8)
    for profile, says in (
        (METADATA, "PROFILE metadata: 28 values that could point at a person are withheld."),
        (PLAIN, "PROFILE pseudonymised"),
        (FULL, "PROFILE full: all recorded values, and 0 stored bodies"),
    ):
        package = package_of(cases, log, profile)
        cases.add(f"profile {profile}", package, GOOD, says)
        cases.add(f"profile {profile} in Dutch", package, GOOD, "PROFIEL", "--language", "nl")
    cases.add("who released it", package, GOOD, "(proposal prop1)")
    fewer = cases.insider(package_of(cases, log, METADATA), _without("masked"))
    cases.add("a field too few", fewer, GOOD, "not know to be personal: masked.")
    most = set(METADATA.fields or ()) - ALWAYS
    least = cases.insider(package_of(cases, log, METADATA), _without(*most))
    cases.add("as few fields as may be", least, GOOD, "purpose.")
    fewer = cases.insider(package_of(cases, log, METADATA), _without("masked", "findings"))
    cases.add("two fields too few", fewer, GOOD, "personal: findings, masked.")


def _without(*names: str) -> Callable[[EditablePackage], None]:
    """Withholds further fields of a metadata package, in the manifest and in the lines."""

    def change(one: EditablePackage) -> None:
        one.manifest["fields"] = [name for name in one.manifest["fields"] if name not in names]
        for index in range(len(one.lines)):
            at(
                index,
                lambda parsed: parsed.update(
                    disclosure=[value for value in parsed["disclosure"] if value[1] not in names]
                ),
            )(one)

    return change


def _changed_profiles(cases: Cases) -> None:
    log = Log().add(4)
    log.entry("request:departure:intent", {"zone": "eu"}, log="gateway/a", body=BODY)
    whole = json.loads(lines_in(package_of(cases, log))[0])["disclosure"]
    packages = {profile: package_of(cases, log, profile) for profile in DisclosureProfile}
    fields = METADATA.fields

    def fails(
        name: str, of: DisclosureProfile, change: Callable[[EditablePackage], None], says: str = ""
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
        "with one value more",
        METADATA,
        at(0, lambda parsed: parsed.update(disclosure=whole)),
        "line 1",
    )
    fails(
        "with a person in the place of another value",
        METADATA,
        at(0, lambda parsed: parsed["disclosure"].__setitem__(0, whole[6])),
        "line 1: a value",
    )
    fails(
        "with one value less",
        METADATA,
        at(0, lambda parsed: parsed["disclosure"].pop()),
        "line 1: a value",
    )
    fails(
        "with the first value less",
        METADATA,
        at(0, lambda parsed: parsed["disclosure"].pop(0)),
        "line 1",
    )
    fails("with no value", METADATA, at(0, lambda parsed: parsed["disclosure"].clear()), "line 1")
    fails(
        "with a value where there is none",
        METADATA,
        at(3, lambda parsed: parsed["disclosure"].append(whole[0])),
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
    values: tuple[tuple[Any, str], ...] = (
        ("all", "format all"),
        (None, "format None"),
        (["full"], "format ['full']"),
    )
    for value, says in values:
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
    package = package_of(cases, log, FULL)
    cases.add("bodies of any length", package, GOOD, "and 4 stored bodies")
    whole = cases.insider(
        package, at(5, lambda parsed: parsed["body"].update(key=parsed["body"]["key"].upper()))
    )
    cases.add("a key in capitals", whole, GOOD)
    long = Log()
    much = hashlib.shake_128(b"").hexdigest(2_400_000)  # nothing that packs well: that is a bomb
    long.entry("request:answer:close", {"found": much}, log="gateway/a")
    cases.add("a line as long as one with a body", package_of(cases, long, FULL), GOOD)
    cases.add("a line as long without one", package_of(cases, long), TAMPERED, "line 1")


def _changed_bodies(cases: Cases) -> None:
    log = Log().add(1)
    for text in (BODY, b"z" * 40):
        log.entry("request:answer:close", {"zone": "eu"}, log="gateway/a", body=text)
    package = package_of(cases, log, FULL)
    first, second = (json.loads(line)["body"] for line in lines_in(package)[1:])
    frame = first["frame"]

    def fails(name: str, body: Any, says: str = "line 2: a stored body") -> None:
        change = at(1, lambda parsed: parsed.update(body=body))
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
        (1, package_of(cases, log), "elsewhere"),
    ):
        bad = cases.insider(of, at(index, lambda parsed: parsed.update(body=None)))
        cases.add(f"nothing for a body {where}", bad, TAMPERED, f"line {index + 1} of")
    fails("without a key", {name: first[name] for name in ("frame", "text")}, "line 2 of")
    fails("in another form", [first], "line 2 of")
    fails("in one word", "gone", "line 2 of")
    cases.add(
        "body not there at all",
        cases.insider(package, at(1, lambda parsed: parsed.pop("body"))),
        TAMPERED,
        "line 2: a stored body",
    )
    cases.add(
        "body where there was none",
        cases.insider(package, at(0, lambda parsed: parsed.update(body=first))),
        TAMPERED,
        "line 1 of",
    )
    for name, package, line in _shifted(cases):
        cases.add(f"body with {name}", package, TAMPERED, f"line {line}: a stored body")


def _shifted(cases: Cases) -> list[tuple[str, Path, int]]:
    """Moves the boundary of the tag by a byte: all bytes together are the recorded ones."""
    log, made = Log(), []
    for _ in range(40):
        log.entry("request:answer:close", {}, log="gateway/a", body=b"0123456789")
    package = package_of(cases, log, FULL)
    shorter = at(0, lambda parsed: _shift_in(parsed["body"]))
    made.append(("a byte less", cases.insider(package, shorter), 1))
    for index, line in enumerate(lines_in(package)):
        if (longer := _shift_out(json.loads(line)["body"])) is not None:
            change = at(index, lambda parsed, body=longer: parsed.update(body=body))  # type: ignore[misc]
            return [*made, ("a byte more", cases.insider(package, change), index + 1)]
    raise AssertionError("none of forty bodies fits")


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


def _older(cases: Cases) -> None:
    log = Log().add(9, erased={3, 5})
    package = package_of(cases, log)
    nulls = [at(index, lambda parsed: parsed.update(disclosure=None)) for index in (3, 5)]
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
    zero = at(3, lambda parsed: parsed.update(disclosure=0))
    cases.add(
        "older, with nothing for null",
        cases.insider(package, together(older, *nulls, zero)),
        TAMPERED,
        "line 4 of",
    )
