"""Persons who use models are hidden by setting; a pseudonym is resolved by two persons."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import insert

from gateway.core.errors import Denied, InvalidRequest
from gateway.core.objects.keys import NewKey
from gateway.core.pseudonym import owner_pseudonym, person_key_pseudonym
from gateway.core.snapshot import Key
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import parse
from gateway.governance.keys.tables import api_key
from gateway.governance.persons.records import SCIM, Person, create, store
from gateway.governance.pseudonyms.resolution import VALID_S
from tests.support.control_app import control_app
from tests.support.persons import applied, issued
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
    return (await asked(kept, "/keys"))["keys"]


async def asked(kept: Retained, path: str) -> Any:
    """What the control plane answers."""
    app = control_app(kept.plane)
    headers = {"authorization": f"Bearer {kept.plane.secrets.operator_token}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://control/admin/v1", headers=headers
    ) as client:
        return (await client.get(path)).json()


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


async def put(kept: Retained, *persons: Person) -> None:
    async with kept.plane.database.write() as connection:
        for one in persons:
            await create(connection, one)


async def test_owners_of_keys_and_persons_on_record_are_hidden_too(kept: Retained) -> None:
    """Also a person who has the name of a role, without taking the role from anybody."""
    await hidden(kept)
    ada = recorded(1, "u_" + "a" * 24, "Ada.Zwart@example.nl", "Ada Zwart")
    auditor = recorded(2, None, "auditor", "auditor")
    await put(kept, ada, auditor)
    for owner in ("ada.zwart@EXAMPLE.nl", "Bram Wit"):
        await issued(kept.plane, NewKey(name=f"of {owner}", kind="application", owner=owner))
    await issued(
        kept.plane, NewKey(name="desk", kind="admin", roles=["auditor"], owner="Cora Blauw")
    )
    keys = {str(one["owner"]): one for one in await listed(kept)}
    bram = owner_pseudonym(kept.plane.secrets.pepper, "bram wit")
    assert keys[ada.id]["name"] == f"of {ada.id}"
    assert keys[bram]["name"] == f"of {bram}"
    assert keys["Cora Blauw"]["roles"] == ["auditor"]
    shown = await asked(kept, "/persons")
    assert {one["display_name"] for one in shown["persons"]} == {ada.id, auditor.id}
    assert {one["principal"] for one in shown["persons"]} == {None}
    assert "zwart@" not in str(shown).casefold()


async def test_a_person_on_record_is_not_found_by_name(kept: Retained) -> None:
    ada = recorded(1, "u_" + "a" * 24, "ada@example.nl", "Ada Zwart")
    await put(kept, ada)
    persons = kept.plane.leaving.persons
    assert (await persons.get("ada@example.nl")).principal == ada.principal
    await hidden(kept)
    for name in ("ada@example.nl", str(ada.principal)):
        with pytest.raises(Denied, match=r"privacy\.persons"):
            await persons.get(name)
    with pytest.raises(Denied):
        await persons.find("ada")
    assert (await persons.get(ada.id)).principal is None
    await persons.deactivate("ada@example.nl", OFFICER, reason=WHY)  # who leaves, leaves at once
    (told,) = await kept.told("control:person:deactivate")
    assert (told["of_person"], told["person_name"]) == (ada.id, ada.id)


async def test_a_person_who_signs_on_with_a_role_is_named(kept: Retained) -> None:
    ada = recorded(1, None, "ada@example.nl", "Ada Zwart")
    await put(kept, ada)
    await hidden(kept)
    assert (await asked(kept, "/persons"))["persons"][0]["display_name"] == ada.id
    async with kept.plane.database.write() as connection:
        await store(connection, replace(ada, roles=frozenset({"auditor"}), changed=2.0))
    assert (await asked(kept, "/persons"))["persons"][0]["display_name"] == "Ada Zwart"


async def test_the_subject_of_a_token_is_resolved_by_either_pseudonym(kept: Retained) -> None:
    ada = recorded(1, "u_" + "a" * 24, "ada@example.nl", "Ada Zwart")
    await put(kept, ada)
    await hidden(kept)
    for pseudonym in (ada.id, ada.principal):
        assert await kept.plane.privacy.person_of(str(pseudonym)) == "ada@example.nl, Ada Zwart"


def recorded(number: int, principal: str | None, user: str, name: str) -> Person:
    return Person(
        f"p_{number:016x}", "staff", SCIM, 1.0, 1.0, principal, user_name=user, display_name=name
    )


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
