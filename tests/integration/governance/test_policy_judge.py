"""Drafts of bundles are bounded, and judged in a process of its own with a limit of time."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import Unavailable
from gateway.decisions import BundleError
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.policies.judge import PolicyJudge
from tests.integration.governance.test_stops import Desk
from tests.support.retained import NOW, Retained

pytestmark = pytest.mark.integration
CEDAR, AUTHOR = "authorisation/default.cedar", "policy_author"
PACKAGED = read_bundle()
OUTSIDE = ("../../../x", "tests/../../x", "/etc/x.yaml", "a\\..\\x", "a\nb", "", "x" * 300)


def rules(number: int, condition: str = 'context.risk == "r{0}"') -> dict[str, str]:
    """The packaged bundle with more rules that forbid something."""
    more = "".join(
        f'\n@id("x.{one}")\n@owner("o")\n@reason_en("x")\n@reason_nl("x")\n'
        f"forbid (principal, action, resource) when {{ {condition.format(one)} }};"
        for one in range(number)
    )
    return {**PACKAGED, CEDAR: PACKAGED[CEDAR] + more}


REFUSED: dict[str, dict[str, str]] = {
    **{f"name {path[:9]!r}": {**PACKAGED, path: "x"} for path in OUTSIDE},
    "rules": rules(2001),
    "files": {**PACKAGED, **{f"tests/t{one}.yaml": "" for one in range(200)}},
    "size": {**PACKAGED, "levels.yaml": "#" * 600_000},
    "Cedar": {**PACKAGED, CEDAR: "permit ("},
    "attribute": rules(1, 'principal.colour == "red"'),
    "invariant": {**PACKAGED, "retention.yaml": "version: 1"},
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("kept", ["sqlite"], indirect=True)
async def test_what_check_refuses_no_other_route_takes(kept: Retained, name: str) -> None:
    """One and the same reason everywhere: a draft is bounded where it is read."""
    body = {"files": REFUSED[name], "whole": True}
    period = {"since": NOW - 1000, "until": NOW}
    desk = Desk(kept)
    checked = await desk.ask(AUTHOR, "POST", "/policies/check", body)
    why = _reason(checked)
    assert why
    for path, more in (
        ("/policies/difference", {}),
        ("/policies/replay", period),
        ("/policies/proposals", {}),
    ):
        refused = await desk.ask(AUTHOR, "POST", path, {**body, **more})
        assert refused.status_code == 400, path
        assert why in _reason(refused), path
    assert await kept.plane.proposals.list() == []


def _reason(answer: Any) -> str:
    found = answer.json()
    return str(found["error"] if answer.status_code == 200 else found["error"]["message"])


async def test_a_bundle_that_takes_too_long_is_refused_and_the_next_one_judged(
    tmp_path: Path,
) -> None:
    judge = PolicyJudge(None, limit_s=2)
    small = await judge.compare(PACKAGED, {**PACKAGED, "levels.yaml": PACKAGED["levels.yaml"]})
    assert small.before == small.after
    task = asyncio.create_task(judge.compare(PACKAGED, rules(1000)))
    beats = 0
    while not task.done():
        await asyncio.sleep(0.01)
        beats += 1
    with pytest.raises(BundleError, match="not judged within 2 s"):
        task.result()
    assert beats > 10  # the loop went on meanwhile
    assert (await judge.compare(PACKAGED, PACKAGED)).before == small.before


async def test_a_draft_for_which_there_is_no_room_is_refused_at_once() -> None:
    judge = PolicyJudge(None)
    tasks = [asyncio.create_task(judge.compare(PACKAGED, PACKAGED)) for _ in range(12)]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(one, Unavailable) for one in outcomes] == [False] * 8 + [True] * 4
    again = await judge.compare(PACKAGED, PACKAGED)  # there is room again
    assert again.before == again.after


async def test_the_end_of_the_control_plane_ends_what_is_judged() -> None:
    judge = PolicyJudge(None)
    await judge.compare(PACKAGED, PACKAGED)
    task = asyncio.create_task(judge.compare(PACKAGED, rules(1000)))
    while not task.done():
        await asyncio.sleep(0.05)
        judge.give_up()
    with pytest.raises(BundleError, match="not judged"):
        task.result()


@pytest.mark.parametrize("kept", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ('principal.colour == "red"', ("colour", "clearance, kind, roles, team")),
        ("context.levl == 1", ("levl", "level, purpose, redacted, risk, zones")),
        ('resource.zon == "eu"', ("zon", "clear, provider, redacted, zone")),
        ("principal.team == 3", ("Long",)),
    ],
)
async def test_an_error_names_rule_file_line_and_what_there_is(
    kept: Retained, condition: str, words: tuple[str, ...]
) -> None:
    files = rules(3, f"context.level == {{0}} || {condition}")
    body = {"files": files, "whole": True}
    found = (await Desk(kept).ask(AUTHOR, "POST", "/policies/check", body)).json()
    line = files[CEDAR].splitlines().index('@id("x.0")') + 1 + 4
    assert found["place"]["file"] == CEDAR
    assert found["place"]["line"] == line
    assert f"{CEDAR}:{line}: rule 'x.0': " in found["error"]
    assert all(word in found["error"] for word in words)
    assert "policy6" not in found["error"]
