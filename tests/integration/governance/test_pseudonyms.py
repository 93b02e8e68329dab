"""Persons who use models are hidden by setting; a pseudonym is resolved by two persons."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import insert

from gateway.core.errors import Denied, InvalidRequest
from gateway.core.pseudonym import person_key_pseudonym
from gateway.core.snapshot import Key
from gateway.governance.actor import Actor
from gateway.governance.app import create_app
from gateway.governance.catalogue.config_file import parse
from gateway.governance.keys.tables import api_key
from gateway.governance.pseudonyms.resolution import VALID_S
from tests.support.persons import applied
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
DPO = Actor("k_dpo", "dpo", frozenset({"data_protection_officer"}), "sign-on")
OFFICER = Actor("k_officer", "officer", frozenset({"compliance_officer"}), "sign-on")
CANARY, WHY = "Zwartkanarie", "complaint number 12"
KEY = Key(id=f"k_{CANARY}", name=CANARY, digest="0" * 64, kind="person")


async def hidden(kept: Retained, value: str = "pseudonymous") -> str:
    """Turns the setting on; gives the pseudonym of the person with a key."""
    config = parse(f"{CONFIG}\nprivacy: {{persons: {value}}}\n", source="sluis.yaml")
    await applied(kept.plane, config)
    row = {"id": KEY.id, "name": KEY.name, "digest": KEY.digest, "source": "issued", "created": 1.0}
    async with kept.plane.database.write() as connection:
        document = msgspec.json.encode(KEY).decode()
        await connection.execute(insert(api_key).values(**row, document=document))
    return person_key_pseudonym(kept.plane.secrets.pepper, KEY.id)


async def listed(kept: Retained) -> Any:
    """The keys as the control plane answers."""
    app = create_app(kept.plane, resolve=lambda _: None)
    headers = {"authorization": f"Bearer {kept.plane.secrets.operator_token}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://control/admin/v1", headers=headers
    ) as client:
        return (await client.get("/keys")).json()["keys"]


async def test_a_pseudonym_is_resolved_for_one_person_once_another_approved(
    kept: Retained,
) -> None:
    name = await hidden(kept)
    resolver, proposals = kept.plane.pseudonyms, kept.plane.proposals
    asked = await resolver.resolve(name, DPO, reason=WHY)
    assert (asked.state, asked.person) == ("pending", None)
    assert (await resolver.resolve(name, DPO, reason=WHY)).proposal == asked.proposal
    await proposals.decide(asked.proposal, OFFICER, approve=True, comment="needed")
    assert (await resolver.resolve(name, DPO, reason=WHY)).person == f"{CANARY}, {KEY.id}"
    for_another = await resolver.resolve(name, OFFICER, reason=WHY)
    assert (for_another.state, for_another.person) == ("pending", None)
    (told,) = await kept.told("control:pseudonym:reveal")
    assert (told["proposal"], told["pseudonym"], told["reason"]) == (asked.proposal, name, WHY)
    assert CANARY not in str(await kept.told("control:proposal:create"))
    kept.clock.ms += VALID_S * 1000
    assert (await resolver.resolve(name, DPO, reason=WHY)).state == "pending"  # it has lapsed
    with pytest.raises(InvalidRequest):
        await resolver.resolve(name, DPO, reason=" ")
    unknown = await resolver.resolve("u_0123", DPO, reason=WHY)
    await proposals.decide(unknown.proposal, OFFICER, approve=True, comment="")
    assert (await resolver.resolve("u_0123", DPO, reason=WHY)).person is None
    rejected = await resolver.resolve("u_4567", DPO, reason=WHY)
    await proposals.decide(rejected.proposal, OFFICER, approve=False, comment="")
    assert (await resolver.resolve("u_4567", DPO, reason=WHY)).proposal != rejected.proposal


async def test_responses_name_nobody_while_persons_are_hidden(kept: Retained) -> None:
    name = await hidden(kept)
    (key,) = await listed(kept)
    assert (key["id"], key["name"]) == (name, name)
    config = parse(f"{CONFIG}\nprivacy: {{persons: named}}\n", source="sluis.yaml")
    await applied(kept.plane, config)
    (key,) = await listed(kept)
    assert (key["id"], key["name"]) == (KEY.id, CANARY)


@pytest.mark.parametrize(
    "filters",
    [
        {"principal": KEY.id},
        {"principal": "u_0123456789"},
        {"asserted_user": "a_0123"},
        {"text": "kanarie"},
        {"text": "words p_01"},
        {"text": "0123456789abcdef"},
    ],
)
async def test_nobody_searches_for_a_person(kept: Retained, filters: dict[str, str]) -> None:
    privacy = kept.plane.privacy
    await privacy.check_search(filters)  # while persons are named
    await hidden(kept)
    with pytest.raises(Denied, match="Data subjects"):
        await privacy.check_search(filters)
    await privacy.check_search({"principal": "k_app", "text": "service zone", "zone": "eu"})


def test_the_setting_knows_two_values(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="privacy"):
        parse("version: 1\nprivacy: {persons: anonymous}\n", source="sluis.yaml")
    assert parse("version: 1\n", source="s").privacy.persons is None
