"""The life of a key: issued, changed, rotated, used, expired; on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.core.errors import InvalidRequest
from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import Budget, Limits
from gateway.evidence import Entry
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import parse
from gateway.governance.keys.store import DAY_S
from tests.support.persons import applied, issued_key
from tests.support.retained import CONFIG, DAY, Retained

pytestmark = pytest.mark.integration
FILE = (
    CONFIG
    + """\
aliases:
  - {name: assistant, candidates: [gpt-eu]}
teams:
  - {name: desk}
keys:
  - {name: fixed, secret: "env:FIXED"}
"""
)
ADMIN = Actor("k_admin", "admin", frozenset({"platform_admin"}), "api", "els@example.nl")


@pytest.fixture
async def desk(kept: Retained) -> Retained:
    await applied(kept.plane, parse(FILE, source="sluis.yaml"))
    return kept


async def issued(desk: Retained, **given: Any) -> str:
    new = NewKey(**{"name": "bot", **given})
    return (await issued_key(desk.plane, new))[0].id


async def shown(desk: Retained, key: str) -> Any:
    (found,) = [one for one in await desk.plane.keys.list() if one.id == key]
    return found


async def test_a_key_shows_who_is_responsible_and_who_issued_it(desk: Retained) -> None:
    key = await issued(
        desk,
        owner="jan@example.nl",
        limits=Limits(concurrent=2),
        budget=Budget(5),
        networks=["10.0.0.0/8"],
    )
    found = await shown(desk, key)
    assert (found.owner, found.issued_by) == ("jan@example.nl", "alice")
    assert found.limits == {"concurrent": 2}
    assert found.budget is not None
    assert found.budget["amount"] == 5
    assert found.networks == ["10.0.0.0/8"]
    assert found.expires_in_days == 90


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ({"team": "press"}, "desk"),
        ({"purposes": ["sales"]}, "hiring, service"),
        ({"models": ["gpt-5"]}, "assistant, gpt-eu"),
        ({"kind": "admin", "roles": ["admin"]}, "platform_admin"),
        ({"kind": "admin", "roles": ["operator"]}, "platform_admin"),
        ({"kind": "admin", "roles": ["bootstrap"]}, "platform_admin"),
        ({"clearance": "secret"}, "restricted"),
        ({"days": 366}, "365"),
    ],
)
async def test_what_does_not_exist_is_refused_with_what_does(
    desk: Retained, given: dict[str, Any], listed: str
) -> None:
    with pytest.raises(InvalidRequest, match=listed):
        await issued(desk, **given)
    assert [one.name for one in await desk.plane.keys.list()] == ["fixed"]


async def test_a_change_says_what_was_and_what_is(desk: Retained) -> None:
    key = await issued(desk, budget=Budget(5))
    changes = {"clearance": "internal", "models": ["assistant"], "budget": Budget(3), "days": 10}
    await desk.plane.keys.change(key, changes, ADMIN)
    found = await shown(desk, key)
    assert (found.clearance, found.models) == ("internal", ["assistant"])
    assert found.budget is not None
    assert found.budget["amount"] == 3
    assert found.expires_in_days == 10
    (told,) = await desk.told("control:key:change")
    assert told["changed"] == ["budget", "clearance", "expires", "models"]
    assert 'clearance: "confidential" -> "internal"' in told["difference"]


async def test_a_change_of_nothing_leaves_no_entry(desk: Retained) -> None:
    key = await issued(desk)
    await desk.plane.keys.change(key, {"clearance": "confidential"}, ADMIN)
    assert not await desk.told("control:key:change")


async def test_a_bad_change_changes_nothing(desk: Retained) -> None:
    key = await issued(desk)
    with pytest.raises(InvalidRequest, match="assistant"):
        await desk.plane.keys.change(key, {"models": ["gpt-5"]}, ADMIN)
    assert (await shown(desk, key)).models == []


async def test_the_file_owns_its_keys(desk: Retained) -> None:
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: desk.plane.keys.change("fixed", {"clearance": "internal"}, ADMIN),
        lambda: desk.plane.keys.rotate("fixed", ADMIN, overlap_hours=1),
    ]
    for call in calls:
        with pytest.raises(InvalidRequest) as refused:
            await call()
        assert refused.value.code == "owned_by_file"


async def test_a_rotation_keeps_the_key_and_shows_a_new_secret(desk: Retained) -> None:
    new = NewKey("ops", kind="admin", roles=["platform_admin"], owner=ADMIN.person)
    key, first = await issued_key(desk.plane, new)
    again, second, _ = await desk.plane.keys.rotate(key.id, ADMIN, overlap_hours=2)
    await desk.plane.snapshots.publish()
    assert again.id == key.id
    assert first != second
    found = await shown(desk, key.id)
    assert found.two_secrets_until == int(desk.clock()) + 7200
    for secret in (first, second):
        assert (await desk.plane.sign_in.actor(secret, "127.0.0.1")).id == key.id
    desk.clock.ms += 7_200_000
    assert (await desk.plane.sign_in.actor(second, "127.0.0.1")).id == key.id
    with pytest.raises(Exception, match="not known"):
        await desk.plane.sign_in.actor(first, "127.0.0.1")
    assert (await shown(desk, key.id)).two_secrets_until is None
    told = str(await desk.told("control:key:rotate"))
    assert first not in told
    assert second not in told


async def test_a_key_of_what_has_gone_is_rotated_and_narrowed(desk: Retained) -> None:
    key = await issued(desk, models=["assistant", "gpt-eu"])
    config = parse(CONFIG, source="sluis.yaml")
    await applied(desk.plane, config)
    await desk.plane.keys.rotate(key, ADMIN, overlap_hours=1)
    await desk.plane.keys.change(key, {"models": ["assistant"]}, ADMIN)
    with pytest.raises(InvalidRequest, match="gpt-eu"):
        await desk.plane.keys.change(key, {"models": ["assistant", "gpt-5"]}, ADMIN)


async def test_changes_at_one_moment_lose_nothing(desk: Retained) -> None:
    new = NewKey("ops", kind="admin", roles=["auditor"], owner=ADMIN.person)
    key, _ = await issued_key(desk.plane, new)
    changes: list[dict[str, Any]] = [
        {"clearance": "internal"},
        {"budget": Budget(7)},
        {"floor": "confidential"},
    ]
    rotating = asyncio.ensure_future(desk.plane.keys.rotate(key.id, ADMIN, overlap_hours=1))
    await asyncio.gather(*(desk.plane.keys.change(key.id, one, ADMIN) for one in changes))
    _, secret, _ = await rotating
    await desk.plane.snapshots.publish()
    found = await shown(desk, key.id)
    assert (found.clearance, found.floor) == ("internal", "confidential")
    assert found.budget is not None
    assert (await desk.plane.sign_in.actor(secret, None)).id == key.id


async def test_a_revoked_key_is_not_changed_back(desk: Retained) -> None:
    key = await issued(desk)
    await desk.plane.keys.revoke(key, ADMIN)
    with pytest.raises(InvalidRequest):
        await desk.plane.keys.rotate(key, ADMIN, overlap_hours=1)
    with pytest.raises(InvalidRequest):
        await desk.plane.keys.change(key, {"clearance": "restricted"}, ADMIN)


async def test_an_overlap_has_an_end(desk: Retained) -> None:
    key = await issued(desk)
    with pytest.raises(InvalidRequest, match="720"):
        await desk.plane.keys.rotate(key, ADMIN, overlap_hours=721)


async def test_an_admin_key_signs_in_from_its_networks_only(desk: Retained) -> None:
    new = NewKey("ops", kind="admin", roles=["auditor"], networks=["10.0.0.0/8"])
    key, secret = await issued_key(desk.plane, new)
    assert (await desk.plane.sign_in.actor(secret, "10.2.3.4")).id == key.id
    with pytest.raises(Exception, match="network"):
        await desk.plane.sign_in.actor(secret, "127.0.0.1")


async def test_the_last_use_is_that_of_the_newest_entry(desk: Retained) -> None:
    used, never = await issued(desk), await issued(desk, name="other")
    moment = desk.clock.ms
    async with desk.trail() as trail:
        for age in (3, 1, 2):
            fields = {"principal": used, "outcome": "ok"}
            await trail.record(
                Entry("request:answer:close", f"r{age}", moment - age * DAY, fields, "b")
            )
    assert (await shown(desk, used)).last_used == (moment - DAY) / 1000
    assert (await shown(desk, never)).last_used is None


async def test_keys_that_expire_soon_are_named_in_time(desk: Retained) -> None:
    soon = await issued(desk, name="soon", days=20)
    await issued(desk, name="later", days=40)
    gone = await issued(desk, name="gone", days=20)
    await desk.plane.keys.revoke(gone, ADMIN)

    async def expiring() -> list[tuple[str, int | None]]:
        found = await desk.plane.keys.list(expiring_days=30)
        return [(one.id, one.expires_in_days) for one in found]

    assert await expiring() == [(soon, 20)]
    desk.clock.ms += 20 * DAY_S * 1000
    assert (soon, 0) not in await expiring()  # it has expired
