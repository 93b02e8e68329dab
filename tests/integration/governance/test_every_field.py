"""One person with every role tries every field of every kind of object, through every door.

After each attempt nothing is in force by which somebody may send more, counts newly as a person, or
spends more. ``tests/support/reach.py`` says what a snapshot lets happen, not the labels of fields.
"""

import json

import pytest

from gateway.core.snapshot import Snapshot
from tests.support.field_trials import (
    KINDS,
    NOT_IN_FILES,
    OTHER_PARTS,
    VALUES,
    Trial,
    fields_of,
    kinds_of_snapshot,
    trials,
    written,
)
from tests.support.lone_house import CAMPAIGN, LoneHouse

pytestmark = pytest.mark.integration
in_house = pytest.mark.asyncio(loop_scope="module")
REFUSED = {"setting.approvals.one_person"}  # no file brings back the rule for a single person


def test_every_field_of_every_kind_has_a_trial() -> None:
    """A field or a kind that is added fails here until somebody says how one person would try."""
    assert kinds_of_snapshot() == {struct for struct, _, _ in KINDS.values()}
    lists = {field for field in Snapshot.__struct_fields__ if field not in OTHER_PARTS}
    assert len(lists) == len(KINDS)
    for kind, (struct, section, _) in KINDS.items():
        tried, derived = VALUES.get(kind, {}).keys(), NOT_IN_FILES.get(kind, {}).keys()
        fields = set(fields_of(struct))
        if not section:
            fields = {field.split(".")[0] for field in fields}
        assert tried | derived == fields, kind
        assert not tried & derived, kind


@in_house
async def test_no_field_of_a_file_is_widened_alone(lone_house: LoneHouse) -> None:
    house = lone_house
    refused: dict[str, set[str]] = {}
    accepted: set[str] = set()
    for turn, trial in enumerate(trials(values=None if CAMPAIGN else 1)):
        where = f"{trial.kind}.{trial.field}"
        body = {"text": json.dumps(written(house.base, trial)), "may_lock_out": True}
        who = house.credentials[turn % 2]
        answer = await house.send(who, "POST", "/admin/v1/apply", body)
        if answer.status not in {200, 202}:
            refused.setdefault(where, set()).add(answer.text)
            continue
        accepted.add(where)
        await house.alone(answer, turn)
        assert not await house.gained(), str(trial)
        if house.changed:
            await house.restore()
    assert refused.keys() - accepted == REFUSED, refused


# Of each kind a change that the oracle must see once another person has approved it.
SEEN = [
    Trial("provider", "base_url", "https://elsewhere.example/v1"),
    Trial("deployment", "model", "global.m"),
    Trial("alias", "candidates", ["a", "f"]),
    Trial("team", "floor", "public"),
    Trial("team", "budget.amount", 500_000),
    Trial("use_case", "zones", ["internal", "eu", "global"]),
    Trial("issuer", "jwks_uri", "https://elsewhere.example/jwks"),
    Trial("issuer", "groups.*.clearance", "restricted"),
    Trial("key", "roles", ["policy_approver"]),
    Trial("key", "clearance", "restricted"),
    Trial("setting", "internal_networks", ["127.0.0.0/8", "10.0.0.0/8"]),
]


@in_house
async def test_what_two_persons_widen_is_seen(lone_house: LoneHouse) -> None:
    """The control of the test above: it would see a widening in force."""
    assert {trial.kind for trial in SEEN} == (VALUES.keys() | {"setting"})
    for trial in SEEN:
        config = written(lone_house.base, trial)
        assert await lone_house.approved_file(config), str(trial)
        assert await lone_house.gained(), str(trial)
        await lone_house.restore()
