"""Legal holds on both databases: what they cover is neither erased nor expired."""

import asyncio
from typing import Any

import httpx
import pytest

from gateway.core.errors import Denied, InvalidRequest
from gateway.core.objects.keys import NewKey
from gateway.governance.actor import LOCAL_OPERATOR, Actor
from gateway.governance.data_subjects.schemas import SubjectCount
from gateway.governance.holds.service import NewHold, OnHold
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.retention.service import EVENT
from tests.support.control_app import control_app
from tests.support.persons import issued
from tests.support.retained import DAY, NOW, Retained, person

pytestmark = pytest.mark.integration
OFFICER = Actor("k_officer", "officer", frozenset({"compliance_officer"}), "sign-on")
OLD = 100  # days: bodies and values of the default class are due
ALL = {"bodies": 2, "values": 1, "mentions": 1, "disclosures": 2}
EXPIRED = {"bodies": 0, "values": 0, "mentions": 1, "disclosures": 2}
JAN, PETRA = "Jan Kwijtelaar", "Petra Zoekgeraakt"
REQUEST = "a" * 32


def new(**scope: Any) -> NewHold:
    return NewHold(reason="claim 2026-31", review=NOW + 30 * DAY, **scope)


SCOPES = [
    {"people": tuple(person(JAN))},
    {"use_case": "service"},
    {"requests": (REQUEST,)},
    {"since": NOW - (OLD + 1) * DAY, "until": NOW - (OLD - 1) * DAY},
    {"people": tuple(person("de heer jan KWIJTELAAR")), "use_case": "service", "until": NOW},
]
BESIDE = [
    {"people": tuple(person(PETRA))},
    {"use_case": "hiring"},
    {"requests": ("b" * 32,)},
    {"since": NOW - 10 * DAY, "until": NOW},
    {"people": tuple(person(JAN)), "use_case": "hiring"},
    {"people": tuple(person(JAN)), "since": NOW - 10 * DAY},
]


@pytest.mark.parametrize("scope", SCOPES, ids="+".join)
async def test_what_is_held_is_neither_erased_nor_expires_until_it_is_released(
    kept: Retained, scope: dict[str, Any]
) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=OLD)
    hold = await kept.plane.holds.create(new(**scope), OFFICER)
    with pytest.raises(OnHold, match=hold) as refused:
        await kept.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="nr 7")
    assert refused.value.code == "on_hold"
    await kept.plane.expiry.run()
    await kept.plane.subjects.sweep()  # the values' own hours passed long ago
    assert await kept.left() == ALL
    await kept.plane.holds.release(hold, OFFICER, reason="settled")
    await kept.plane.expiry.run()
    assert await kept.left() == EXPIRED
    (told,) = await kept.told(EVENT)
    assert told["removed"] == {"bodies": 2, "values": 1}
    await kept.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="nr 7")
    assert (await kept.left())["mentions"] == 0
    (created,) = await kept.told("control:hold:create")
    (released,) = await kept.told("control:hold:release")
    (refusal,) = await kept.told("subject:values:refuse")
    assert created["hold"] == released["hold"] == hold
    assert refusal["digest"]
    assert "kwijtelaar" not in f"{created}{released}{refusal}".lower()
    assert kept.name(JAN) not in f"{created}{released}{refusal}"


@pytest.mark.parametrize("scope", BESIDE, ids="+".join)
async def test_a_hold_covers_nothing_beside_what_it_says(
    kept: Retained, scope: dict[str, Any]
) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=OLD)
    await kept.plane.holds.create(new(**scope), OFFICER)
    await kept.plane.expiry.run()
    assert await kept.left() == EXPIRED
    await kept.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="nr 7")
    assert (await kept.left())["mentions"] == 0


async def test_hours_of_values_pass_for_those_that_nobody_holds(kept: Retained) -> None:
    async with kept.trail() as trail:
        for number in range(3):
            await kept.asked(trail, f"{number:032x}", age=2, people=["jjj222"])
        await kept.asked(trail, "e" * 32, age=2, people=["ppp333"])
    hold = await kept.plane.holds.create(new(people=tuple(person(PETRA))), OFFICER)
    for _ in range(2):
        await kept.plane.subjects.sweep()
        assert await kept.count("vault_value") == await kept.count("value_key") == 1
    await kept.plane.holds.release(hold, OFFICER, reason="settled")
    await kept.plane.subjects.sweep()
    assert await kept.count("vault_value") == await kept.count("value_key") == 0


async def test_a_hold_past_its_review_date_still_holds_and_says_so(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=OLD)
    hold = await kept.plane.holds.create(new(use_case="service"), OFFICER)
    (shown,) = await kept.plane.holds.list()
    assert (shown.id, shown.state) == (hold, "active")
    kept.clock.ms += 31 * DAY
    (shown,) = await kept.plane.holds.list()
    assert shown.state == "overdue"
    await kept.plane.expiry.run()
    assert await kept.left() == ALL


async def test_a_hold_of_a_person_covers_what_is_said_of_him_or_her_later(kept: Retained) -> None:
    await kept.plane.holds.create(new(people=tuple(person(JAN))), OFFICER)
    async with kept.trail() as trail:
        await kept.asked(trail, "b" * 32, age=OLD, people=["ppp333"])
        await kept.plane.expiry.run()
        assert (await kept.left())["bodies"] == 0
        await kept.asked(trail, REQUEST, age=0)
        await kept.asked(trail, "c" * 32, age=0, people=["ppp333"])
    kept.clock.ms += OLD * DAY
    await kept.plane.expiry.run()
    await kept.plane.subjects.sweep()
    left = await kept.left()
    assert (left["bodies"], left["values"]) == (2, 1)


async def test_another_persons_erasure_goes_on_beside_a_hold_of_one(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=1, people=["jjj222", "ppp333"])
    await kept.plane.holds.create(new(people=tuple(person(JAN))), OFFICER)
    done = await kept.plane.subjects.erase(person(PETRA), LOCAL_OPERATOR, reason="nr 7")
    assert done.erased == [SubjectCount(type="PERSON", values=1, entries=1)]
    assert (await kept.left())["mentions"] == 1


async def test_a_hold_and_an_expiry_at_once_leave_all_or_nothing_of_a_request(
    kept: Retained,
) -> None:
    async with kept.trail() as trail:
        for number in range(30):
            await kept.asked(trail, f"{number:032x}", age=OLD)
    await asyncio.gather(
        kept.plane.expiry.run(), kept.plane.holds.create(new(use_case="service"), OFFICER)
    )
    left = await kept.left()
    assert left["bodies"] in (0, 60)
    assert left["disclosures"] == 60


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (NewHold("claim 1", NOW + DAY), "Say what to hold"),
        (NewHold("claim 1", NOW + DAY, since=NOW), "Say what to hold"),
        (NewHold("claim 1", NOW, use_case="service"), "review date"),
        (NewHold("claim 1", NOW + DAY, since=NOW, until=NOW), "ends before"),
        (NewHold("of jan kwijtelaar", NOW + DAY, people=tuple(person(JAN))), "names the person"),
    ],
    ids=["nothing", "half-a-period", "review", "period", "reason"],
)
async def test_a_hold_that_cannot_be_is_refused(kept: Retained, wrong: NewHold, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        await kept.plane.holds.create(wrong, OFFICER)
    with pytest.raises(InvalidRequest, match="no such hold"):
        await kept.plane.holds.release("hold_0", OFFICER, reason="none")


async def calls(kept: Retained, *roles: str) -> httpx.AsyncClient:
    """A client of the admin API with a key of its own."""
    name = f"key-{'-'.join(roles)}-{len(await kept.plane.keys.list())}"
    key = NewKey(name, kind="admin", roles=list(roles))
    secret = await issued(kept.plane, key)
    app = control_app(kept.plane)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test/admin/v1",
        headers={"authorization": f"Bearer {secret}"},
    )


async def test_releasing_takes_a_second_person_where_policy_says_so(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=1)
    one = await calls(kept, "compliance_officer")
    other = await calls(kept, "data_protection_officer")
    author = await calls(kept, "policy_approver")
    body = {
        "reason": "claim 2026-31",
        "review": NOW + DAY,
        "subjects": [{"type": "PERSON", "value": JAN}],
    }
    made = (await one.post("/holds", json=body)).json()
    assert made["state"] == "active"
    asked = {"subjects": body["subjects"], "reason": "nr 7"}
    refused = await other.post("/subjects/erase", json=asked)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "on_hold")
    assert made["id"] in refused.json()["error"]["message"]
    wanted = (await one.post(f"/holds/{made['id']}/release", json={"reason": "settled"})).json()
    assert wanted["state"] == "pending"
    path = f"/proposals/{wanted['proposal']}/approve"
    assert (await author.post(path, json={})).status_code == 403
    if kept.url:  # on one machine one person may be all there is
        assert (await one.post(path, json={})).status_code == 403
    assert (await other.post(path, json={})).status_code == 200
    (shown,) = (await one.get("/holds")).json()["holds"]
    assert shown["state"] == "released"
    assert kept.name(JAN) not in str(shown)
    assert (await other.post("/subjects/erase", json=asked)).status_code == 200
    again = await one.post(f"/holds/{made['id']}/release", json={"reason": "settled"})
    assert again.status_code == 404
    for client in (one, other, author):
        await client.aclose()


async def test_policy_can_have_an_erasure_approved_and_a_hold_meanwhile_stops_it(
    kept: Retained,
) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=1)
    files = read_bundle()
    files["retention.yaml"] = files["retention.yaml"].replace(
        "four_eyes: [holds:release]", "four_eyes: [subjects:erase]"
    )
    async with kept.plane.database.write() as connection:
        await kept.plane.policies.activate_files(connection, files, LOCAL_OPERATOR, author="x")
    one = await calls(kept, "data_protection_officer")
    asked = {"subjects": [{"type": "PERSON", "value": JAN}], "reason": "nr 7"}
    proposed = (await one.post("/subjects/erase", json=asked)).json()
    assert proposed["state"] == "pending"
    assert (await kept.left())["values"] == 1
    stored = await kept.plane.proposals.get(proposed["proposal"])
    assert "Kwijtelaar" not in str(stored)
    hold = await kept.plane.holds.create(new(requests=(REQUEST,)), OFFICER)
    with pytest.raises(OnHold):
        await kept.plane.proposals.decide(proposed["proposal"], OFFICER, approve=True, comment="ok")
    assert (await kept.left())["values"] == 1
    await kept.plane.holds.release(hold, OFFICER, reason="settled")
    await kept.plane.proposals.decide(proposed["proposal"], OFFICER, approve=True, comment="ok")
    assert (await kept.left())["values"] == 0
    (told,) = await kept.told("subject:values:erase")
    assert told["principal"] == OFFICER.id
    assert told["author"].startswith("k_")
    await one.aclose()


async def test_who_proposed_a_release_does_not_approve_it_alone_in_production(
    kept: Retained,
) -> None:
    hold = await kept.plane.holds.create(new(use_case="service"), OFFICER)
    draft = await kept.plane.holds.draft_release(hold, reason="settled")
    identity = await kept.plane.proposals.create(draft, OFFICER, comment="x")
    if kept.url:
        with pytest.raises(Denied):
            await kept.plane.proposals.decide(identity, OFFICER, approve=True, comment="")
        (shown,) = await kept.plane.holds.list()
        assert shown.state == "active"
        return
    await kept.plane.proposals.decide(identity, OFFICER, approve=True, comment="")
    (shown,) = await kept.plane.holds.list()
    assert shown.state == "released"
