"""Reveals of stored bodies: a bound for each person and day, above it another person, notices."""

import asyncio
from dataclasses import replace
from typing import Any, get_args

import pytest

from admin.views import audit_request
from gateway.core.errors import Denied, InvalidRequest
from gateway.core.snapshot import REVEALS_PER_DAY
from gateway.governance.actor import Actor
from gateway.governance.audit.reveals import KIND, VALID_S, PendingReveal
from gateway.governance.audit.schemas import RevealCode
from gateway.governance.catalogue.config_file import parse
from tests.integration.governance.test_notices import SECRET, channel, notices
from tests.integration.governance.test_stops import Desk
from tests.support.persons import ALICE, BOB, TWO_PERSONS, applied, secret_of
from tests.support.retained import CONFIG, DAY, Retained
from tests.support.webhook_receiver import WebhookReceiver

pytestmark = pytest.mark.integration
CARLA = Actor(
    "u_carla", "Carla", frozenset({"compliance_officer"}), "sign-on", person="carla@example.nl"
)
WHY = "complaint number 12"
ONE, OTHER = "a" * 32, "b" * 32


@pytest.fixture
async def stored(kept: Retained) -> Retained:
    """Two requests with stored bodies, and the bound of a test: 2 a day."""
    async with kept.trail() as trail:
        for request in (ONE, OTHER):
            await kept.asked(trail, request, age=0)
    await bounded(kept, 2)
    return kept


def with_bound(kept: Retained, bound: int | None) -> Any:
    text = CONFIG + (TWO_PERSONS if kept.url else "")
    stated = "" if bound is None else f"audit: {{reveals_per_day: {bound}}}\n"
    return parse(text + stated, source="sluis.yaml")


async def bounded(kept: Retained, bound: int | None) -> None:
    config = with_bound(kept, bound)
    await kept.plane.catalogue.apply(config, ALICE, resolve=secret_of)


async def reveal(kept: Retained, actor: Actor, request: str = ONE) -> Any:
    return await kept.plane.reveals.reveal(request, actor, code="complaint", reason=WHY)


async def shows(kept: Retained, actor: Actor, request: str = ONE) -> bool:
    return not isinstance(await reveal(kept, actor, request), PendingReveal)


async def test_by_default_the_twenty_first_of_a_day_waits(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, ONE, age=0)
    shown = [await shows(kept, CARLA) for _ in range(REVEALS_PER_DAY + 1)]
    assert shown == [True] * 20 + [False]
    assert len(await kept.told("control:payload:reveal")) == REVEALS_PER_DAY
    assert await shows(kept, BOB)
    kept.clock.ms += DAY
    assert await shows(kept, CARLA)


@pytest.mark.parametrize(
    "same",
    [
        replace(CARLA, id="k_another", name="another key", via="api"),
        replace(CARLA, id="k_1", person="CARLA@example.nl"),
        replace(CARLA, id="k_2", person="с\u200barla@example.nl"),  # Cyrillic, and what shows not
        replace(CARLA, id="u_2", person="other:7", aliases=frozenset({"carla@example.nl"})),
        replace(CARLA, id="k_3", person="unknown", issued_by="carla@example.nl"),
    ],
    ids=["key", "case", "look-alike", "issuer", "issued"],
)
async def test_a_person_has_one_bound_whatever_the_key_and_the_issuer(
    stored: Retained, same: Actor
) -> None:
    assert await shows(stored, CARLA)
    assert await shows(stored, CARLA)
    assert not await shows(stored, same)


async def test_a_name_of_a_sign_on_counts_for_a_later_key(stored: Retained) -> None:
    signed_on = replace(CARLA, person="staff:7", aliases=frozenset({"carla@example.nl"}))
    assert await shows(stored, signed_on)
    assert await shows(stored, signed_on)
    assert not await shows(stored, replace(CARLA, id="k_carla", via="api"))


async def test_two_at_once_are_not_both_the_last(stored: Retained) -> None:
    shown = await asyncio.gather(*(shows(stored, CARLA) for _ in range(5)))
    assert sum(shown) == 2
    assert len(await stored.told("control:payload:reveal")) == 2
    assert len(await stored.plane.proposals.list()) == 1


async def test_an_approval_is_for_one_request_one_person_and_three_days(stored: Retained) -> None:
    await bounded(stored, 0)
    waits = await reveal(stored, CARLA)
    assert await reveal(stored, CARLA) == waits
    if stored.url:
        with pytest.raises(Denied, match="another person"):
            await stored.plane.proposals.decide(waits.proposal, CARLA, approve=True, comment="")
    await stored.plane.proposals.decide(waits.proposal, BOB, approve=True, comment="agreed")
    assert not await shows(stored, CARLA, OTHER)
    assert not await shows(stored, ALICE)
    assert await shows(stored, CARLA)
    stored.clock.ms += VALID_S * 1000
    assert not await shows(stored, CARLA)
    (entry,) = await stored.told("control:payload:reveal")
    assert (entry["approval"], entry["code"], entry["reason"]) == (waits.proposal, "complaint", WHY)


async def test_what_another_person_approved_does_not_count(stored: Retained) -> None:
    await bounded(stored, 0)
    waits = await reveal(stored, CARLA)
    await stored.plane.proposals.decide(waits.proposal, BOB, approve=True, comment="agreed")
    for _ in range(3):
        assert await shows(stored, CARLA)
    await applied(stored.plane, with_bound(stored, 1))
    assert await shows(stored, CARLA, OTHER)
    assert not await shows(stored, CARLA, OTHER)


async def test_a_higher_bound_needs_another_person_and_a_lower_one_does_not(
    stored: Retained,
) -> None:
    for bound, waits in ((1, False), (2, True), (0, False), (None, False)):
        config = with_bound(stored, bound)
        done = await stored.plane.catalogue.apply(config, ALICE, resolve=secret_of)
        assert bool(done.done.proposal) is (waits and bool(stored.url)), bound
    assert not await shows(stored, CARLA)  # 0, which no line in the file left in force


async def test_a_reason_has_a_listed_code_and_words(stored: Retained) -> None:
    officer = Desk(stored)
    path = f"/audit/{ONE}/reveal"
    refused = await officer.ask(
        "compliance_officer", "POST", path, {"reason": WHY, "code": "curious"}
    )
    assert refused.status_code == 400
    assert all(code in refused.text for code in get_args(RevealCode))
    with pytest.raises(InvalidRequest, match="ten characters"):
        await stored.plane.reveals.reveal(ONE, CARLA, code="other", reason="because")
    assert await stored.told("control:payload:reveal") == []
    assert get_args(RevealCode) == audit_request.CODES
    # Clients of before the codes say only why.
    shown = await officer.ask("compliance_officer", "POST", path, {"reason": WHY})
    assert shown.status_code == 200
    (entry,) = await stored.told("control:payload:reveal")
    assert entry["code"] == "other"


async def test_above_the_bound_the_api_answers_with_a_proposal(stored: Retained) -> None:
    await bounded(stored, 0)
    body = {"code": "audit", "reason": WHY}
    waits = await Desk(stored).ask("compliance_officer", "POST", f"/audit/{ONE}/reveal", body)
    assert waits.status_code == 202
    (proposal,) = (await stored.plane.proposals.page(kind=KIND)).proposals
    assert waits.json()["proposal"] == proposal.id
    assert waits.json()["waiting"] == ["payload_reveal"]
    assert waits.json()["roles"] == ["compliance_officer", "data_protection_officer"]
    assert (proposal.subject, proposal.comment) == (ONE, WHY)


async def test_the_data_protection_officer_hears_of_each_once(stored: Retained) -> None:
    await reveal(stored, CARLA)
    await reveal(stored, CARLA)
    with WebhookReceiver(SECRET) as hook:
        asked = {
            role: notices(stored, channel(stored, hook, name=role, roles=[role]))
            for role in ("data_protection_officer", "platform_admin")
        }
        heard = {}
        for role, made in asked.items():
            await made.run()
            heard[role] = [one for sent in hook.taken for one in sent["items"]]
            hook.taken.clear()
        assert heard["platform_admin"] == []
        kinds = [(one["source"], one["kind"]) for one in heard["data_protection_officer"]]
        assert kinds == [("reveal", "payload_reveal")] * 2
        for days in (1, 31):
            stored.clock.ms += days * DAY
            await asked["data_protection_officer"].run()
            assert hook.taken == []
