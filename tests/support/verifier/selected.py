"""Packages of a selection, and ways to leave something out of one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.selection import Selection
from tests.support.packages import Log
from tests.support.tampering import manifest_with
from tests.support.verifier.cases import GOOD, TAMPERED, Cases
from tests.support.verifier.disclosed import BODY, at, lines_in

METADATA, PLAIN, FULL = (
    DisclosureProfile.METADATA,
    DisclosureProfile.PSEUDONYMISED,
    DisclosureProfile.FULL,
)
_INTENT = "request:departure:intent"


def add_selected(cases: Cases) -> None:
    for add in (_selections, _left_out, _manifests):
        add(cases)


def _log() -> Log:
    """Lines: 0 EU, 1 to 3 global (the last restricted, by another event), 4 without a zone."""
    log = Log()
    for event, zone, level in (
        (_INTENT, "eu", "internal"),
        (_INTENT, "global", "public"),
        (_INTENT, "global", "internal"),
        ("request:refusal:record", "global", "restricted"),
    ):
        fields: dict[str, Any] = {
            "zone": zone,
            "level": level,
            "principal": "k_app",
            "masked": True,
        }
        log.entry(event, fields, log="gateway/a", body=BODY)
    log.entry("trail:log:close", {"log": "gateway/a"}, log="gateway/a")
    return log


def _package(
    cases: Cases,
    where: Mapping[str, tuple[str, ...]],
    profile: DisclosureProfile = PLAIN,
    log: Log | None = None,
) -> Path:
    selection = Selection({name: frozenset(values) for name, values in where.items()})
    return (log or _log()).package(cases.path(), profile=profile, selection=selection)


def _selections(cases: Cases) -> None:
    for where, says in (
        ({"zone": ("global",)}, "SELECTION zone=global: 3 of 5 entries"),
        ({"zone": ("global", "eu")}, "SELECTION zone=eu|global: 4 of 5 entries"),
        ({"zone": ("global",), "level": ("public", "restricted")}, "zone=global: 2 of 5"),
        ({"event": ("trail:log:close",)}, "SELECTION event=trail:log:close: 1 of 5 entries"),
        ({"event": (_INTENT,), "zone": ("global",)}, "zone=global: 2 of 5"),
        ({"outcome": ("ok",)}, "SELECTION outcome=ok: 0 of 5 entries"),
        ({"deployment": ("none",)}, "SELECTION deployment=none: 0 of 5 entries"),
        (
            {
                "deployment": ("none",),
                "event": (_INTENT,),
                "level": ("public",),
                "outcome": ("ok",),
                "zone": ("global",),
            },
            "zone=global: 0 of 5",
        ),
    ):
        for profile in DisclosureProfile:
            package = _package(cases, where, profile)
            cases.add(f"selected {where} {profile}", package, GOOD, says)
    package = _package(cases, {"zone": ("global",)}, FULL)
    cases.add("bodies of a selection", package, GOOD, "and 3 stored bodies")
    cases.add("a selection in Dutch", package, GOOD, "SELECTIE zone=global: 3", "--language", "nl")
    metadata = _package(cases, {"zone": ("global",)}, METADATA)
    cases.add("metadata of a selection", metadata, GOOD, "PROFILE metadata: 3 values")
    log = _log()
    log.entry(_INTENT, {"zone": "global"}, log="gateway/a", kept=False)
    package = _package(cases, {"zone": ("global",)}, log=log)
    cases.add("a selection with something gone", package, GOOD, "Of 1 entries nobody can tell")


def _left_out(cases: Cases) -> None:
    """Whatever is of the selection must be opened, and nothing else may be."""
    packages = {
        profile: _package(cases, {"zone": ("global",)}, profile) for profile in DisclosureProfile
    }
    everything = [json.loads(line) for line in lines_in(_log().package(cases.path(), profile=FULL))]
    closed = json.loads(lines_in(packages[FULL])[0])["disclosure"]
    assert [name for _, name, _ in closed] == ["level", "zone"]

    def fails(name: str, index: int, profile: DisclosureProfile = PLAIN, **parsed: Any) -> None:
        bad = cases.insider(packages[profile], at(index, lambda line: line.update(parsed)))
        cases.add(f"selection with {name}", bad, TAMPERED, f"line {index + 1}")

    for index in (1, 2, 3):
        whole = everything[index]["disclosure"]
        fewer = [value for value in whole if value[1] in {"level", "zone"}]
        fails("one of it closed", index, disclosure=fewer)
        fails("one of it closed, its zone hidden", index, disclosure=fewer[:1])
        fails(
            "one of it closed, its zone changed",
            index,
            disclosure=[fewer[0], [fewer[1][0], "zone", "eu"]],
        )
        fails("one of it without its body", index, FULL, body=None)
    fails("one opened that is not of it", 0, disclosure=everything[0]["disclosure"])
    fails("a body that is not of it", 0, FULL, body=everything[0]["body"])
    fails("an unread list", 0, disclosure=[[1, 2]])
    fails("a list for a zone", 0, disclosure=[closed[0], [closed[1][0], "zone", ["eu"]]])


def _manifests(cases: Cases) -> None:
    package = _package(cases, {"zone": ("global",)})
    for name, where, says in (
        ("narrower", {"zone": ["global"], "level": ["public"]}, "line 3"),
        ("wider", {"zone": ["global", "eu"]}, "line 1"),
        ("everything", None, "line 1"),
        ("by a person", {"principal": ["k_app"]}, "manifest.json"),
        ("by nothing", {}, "manifest.json"),
        ("by one word", {"zone": "global"}, "manifest.json"),
        ("by a number", {"zone": [3]}, "manifest.json"),
        ("by a list in a list", {"zone": [["global"]]}, "manifest.json"),
        ("by null", {"zone": None}, "manifest.json"),
        ("in a list", ["zone"], "manifest.json"),
        ("in a word", "zone", "manifest.json"),
    ):
        bad = cases.insider(package, manifest_with(where=where))
        cases.add(f"selection said to be {name}", bad, TAMPERED, says)
    nothing = _package(cases, {"zone": ("nowhere",)})
    empty = cases.insider(nothing, manifest_with(where={"zone": []}))
    cases.add("selection of no value", empty, GOOD, "SELECTION zone=: 0 of 5 entries")
