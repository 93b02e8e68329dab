"""Self-service: people have keys of their team, within what it permits and never beyond."""

from typing import Any

import pytest

from gateway.core.errors import Denied, InvalidRequest
from gateway.core.objects.keys import NewKey
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import parse
from gateway.governance.keys.schemas import OwnKeyBody
from tests.support.persons import applied, issued_key
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
PERMITTED = "models: [assistant], purposes: [service], clearance: confidential, days: 30"
FILE = (
    CONFIG
    + f"""\
aliases:
  - {{name: assistant, candidates: [gpt-eu]}}
teams:
  - {{name: makers, self_service: {{{PERMITTED}, keys_per_person: 2}}}}
  - {{name: strict, floor: confidential, self_service: {{{PERMITTED}}}}}
  - {{name: closed}}
"""
)


def member(person: str = "jan@example.nl", team: str | None = "makers") -> Actor:
    return Actor("k_own", person, frozenset({"developer"}), "api", person, team=team)


JAN, ELS = member(), member("els@example.nl")


@pytest.fixture
async def desk(kept: Retained) -> Retained:
    config = parse(FILE, source="sluis.yaml")
    await applied(kept.plane, config)
    return kept


async def issued(desk: Retained, actor: Actor = JAN, **given: Any) -> str:
    body = OwnKeyBody(**{"name": "mine", **given})
    return (await desk.plane.own_keys.create(body, actor))[0].id


async def test_an_own_key_has_what_the_team_permits(desk: Retained) -> None:
    await issued(desk)
    (found,) = await desk.plane.own_keys.list(JAN)
    assert (found.kind, found.roles, found.team) == ("person", [], "makers")
    assert (found.models, found.purposes) == (["assistant"], ["service"])
    assert (found.clearance, found.floor) == ("confidential", "internal")
    assert (found.owner, found.expires_in_days) == ("jan@example.nl", 30)
    (told,) = await desk.told("control:key:create")
    assert told["self_service"] is True
    assert not await desk.plane.own_keys.list(ELS)


@pytest.mark.parametrize(
    ("given", "permitted"),
    [
        ({"models": ["gpt-eu"]}, "assistant"),
        ({"purposes": ["hiring"]}, "service"),
        ({"clearance": "restricted"}, "confidential"),
        ({"days": 31}, "30"),
    ],
)
async def test_nothing_beyond_it_is_issued(
    desk: Retained, given: dict[str, Any], permitted: str
) -> None:
    with pytest.raises(Denied, match=permitted):
        await issued(desk, **given)
    assert not await desk.plane.own_keys.list(JAN)


async def test_the_floor_of_the_team_holds(desk: Retained) -> None:
    await issued(desk, member(team="strict"))
    (found,) = await desk.plane.own_keys.list(JAN)
    assert found.floor == "confidential"


@pytest.mark.parametrize("team", ["closed", "unknown", None])
async def test_a_team_that_permits_nothing_gives_no_key(desk: Retained, team: str | None) -> None:
    with pytest.raises(Denied, match="no keys"):
        await issued(desk, member(team=team))


async def test_a_person_has_no_more_keys_than_permitted(desk: Retained) -> None:
    first = await issued(desk)
    await issued(desk, name="second")
    await issued(desk, ELS)
    with pytest.raises(Denied, match="2 keys"):
        await issued(desk, name="third")
    await desk.plane.own_keys.revoke(first, JAN)
    await issued(desk, name="third")


async def test_only_the_owner_rotates_and_revokes(desk: Retained) -> None:
    key = await issued(desk)
    with pytest.raises(InvalidRequest):
        await desk.plane.own_keys.rotate(key, ELS, overlap_hours=1)
    with pytest.raises(InvalidRequest):
        await desk.plane.own_keys.revoke(key, ELS)
    again, _ = await desk.plane.own_keys.rotate(key, JAN, overlap_hours=1)
    assert again.id == key
    assert await desk.plane.own_keys.revoke(key, JAN) == key


async def test_a_key_beyond_the_team_is_not_rotated_by_its_owner(desk: Retained) -> None:
    approver = NewKey("other", kind="admin", roles=["platform_admin"], owner="els@example.nl")
    await issued_key(desk.plane, approver)  # the last key that approves can not be revoked
    for kind, team, roles in (
        ("admin", "makers", ["platform_admin"]),
        ("person", "makers", ["developer"]),
        ("person", "closed", []),
    ):
        new = NewKey("more", kind=kind, team=team, roles=roles, owner="jan@example.nl")
        key, _ = await issued_key(desk.plane, new)
        with pytest.raises(Denied):
            await desk.plane.own_keys.rotate(key.id, JAN, overlap_hours=1)
        await desk.plane.own_keys.revoke(key.id, JAN)


async def test_a_team_that_permits_less_ends_rotation(desk: Retained) -> None:
    key = await issued(desk)
    config = parse(FILE.replace("clearance: confidential", "clearance: internal"), source="s")
    await applied(desk.plane, config)
    with pytest.raises(Denied, match="internal"):
        await desk.plane.own_keys.rotate(key, JAN, overlap_hours=1)
