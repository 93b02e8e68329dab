"""A use case starts once its owner and an officer for data protection have approved it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from gateway.core.system.secrets import create
from gateway.governance.proposals.tables import proposal as proposals
from tests.support import office as offices
from tests.support.issuer import TestIssuer
from tests.support.office import Office

pytestmark = pytest.mark.integration
_GROUPS = "officers: compliance_officer,"
CONFIG = offices.CONFIG.replace(
    _GROUPS, _GROUPS + " guards: data_protection_officer, makers: model_owner,"
)
LIMITED = {"owner": "ada@example.nl", "legal_basis": "contract", "risk": "limited"}
MINIMAL = {**LIMITED, "risk": "minimal"}


class StartingHouse(Office):
    config = CONFIG

    async def put(self, who: str, body: Any = LIMITED, name: str = "letters") -> str:
        answer = await self.ask(who, "PUT", f"/use-cases/{name}", body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["proposal"])

    async def approve(self, who: str, proposal: str) -> list[str] | int:
        """For whom it still waits, or the status of a refusal."""
        body = {"comment": "agreed"}
        answer = await self.ask(who, "POST", f"/proposals/{proposal}/approve", body)
        if answer.status_code != 200:
            return answer.status_code
        found = answer.json()
        assert found["state"] == ("pending" if found["waits_for"] else "approved")
        return [one["kind"] for one in found["waits_for"]]

    async def risks(self) -> dict[str, str]:
        """The risk classes in force, as gateways get them."""
        return {one.name: one.risk for one in (await self.snapshot()).use_cases}


@pytest.fixture(params=["sqlite", "postgres"])
async def office(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: TestIssuer
) -> AsyncIterator[StartingHouse]:
    secrets = create(tmp_path / "secrets")
    url = f"sqlite:///{tmp_path / 'governance.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    made = StartingHouse(url, secrets, tmp_path if request.param == "sqlite" else None, issuer)
    await made.open()
    yield made
    await made.close()


async def test_the_owner_and_an_officer_start_it_and_no_one_else(office: StartingHouse) -> None:
    adam = await office.meet("adam", "admins")
    ada, dora = await office.meet("ada", "makers"), await office.meet("dora", "guards")
    carl = await office.meet("carl", "officers")
    proposal = await office.put(adam)
    assert await office.approve(adam, proposal) == 403  # who proposed it
    assert await office.approve(await office.meet("eve", "makers"), proposal) == 403
    assert await office.approve(carl, proposal) == ["officer", "owner"]
    assert await office.approve(carl, proposal) == 403  # once is once
    assert await office.approve(dora, proposal) == ["owner"]
    assert await office.risks() == {}
    assert await office.approve(ada, proposal) == []
    assert await office.risks() == {"letters": "limited"}
    (applied,) = [one for one in await office.entries() if "agreement" in one]
    agreement = json.loads(applied["agreement"])
    parts = [one for one in await office.entries() if one["event"] == "control:proposal:agree"]
    assert [one["person"] for one in parts] == agreement["others"]
    assert agreement["officer"] == parts[1]["approver"]
    assert agreement["owners"] == {"letters": applied["approver"]}


async def test_an_owner_who_proposes_it_has_agreed(office: StartingHouse) -> None:
    ada = await office.meet("ada", "admins")
    proposal = await office.put(ada)
    carl = await office.meet("carl", "officers")
    assert await office.approve(carl, proposal) == ["officer"]
    assert await office.approve(await office.meet("dora", "guards"), proposal) == []
    assert await office.risks() == {"letters": "limited"}


async def test_one_person_is_not_the_owner_and_the_officer(office: StartingHouse) -> None:
    adam, ada = await office.meet("adam", "admins"), await office.meet("ada", "guards")
    proposal = await office.put(adam)
    assert await office.approve(ada, proposal) == ["officer"]
    assert await office.approve(ada, proposal) == 403
    assert await office.risks() == {}
    assert await office.approve(await office.meet("dora", "guards"), proposal) == []
    both = await office.meet("ada", "guards", "admins")
    again = await office.put(
        both, {**LIMITED, "risk": "high", "fria": "https://a.nl/1", "review": "2099-12-31"}
    )
    assert await office.approve(both, again) == 403


async def test_without_a_known_owner_an_officer_and_another_approver(office: StartingHouse) -> None:
    adam = await office.meet("adam", "admins")
    proposal = await office.put(adam, {**LIMITED, "owner": "team support"})
    dora = await office.meet("dora", "guards")
    assert await office.approve(dora, proposal) == ["approver"]
    assert await office.approve(dora, proposal) == 403
    assert await office.approve(await office.meet("carl", "officers"), proposal) == []
    assert await office.risks() == {"letters": "limited"}


async def test_minimal_risk_needs_one_other_person_and_raising_it_more(
    office: StartingHouse,
) -> None:
    adam, carl = await office.meet("adam", "admins"), await office.meet("carl", "officers")
    ada = await office.meet("ada", "makers")
    assert await office.approve(carl, await office.put(adam, MINIMAL)) == []
    raised = await office.put(adam, LIMITED)
    assert await office.approve(carl, raised) == ["officer", "owner"]
    assert await office.approve(ada, raised) == ["officer"]
    assert await office.risks() == {"letters": "minimal"}
    assert await office.approve(await office.meet("dora", "guards"), raised) == []
    assert await office.risks() == {"letters": "limited"}
    lowered = await office.put(adam, MINIMAL)
    assert await office.approve(carl, lowered) == ["officer", "owner"]
    assert await office.risks() == {"letters": "limited"}


async def test_a_row_of_the_database_is_no_approval(office: StartingHouse) -> None:
    """Neither one that somebody wrote, nor one of another proposal."""
    adam, dora = await office.meet("adam", "admins"), await office.meet("dora", "guards")
    ada, carl = await office.meet("ada", "makers"), await office.meet("carl", "officers")
    first = await office.put(adam, name="other")
    assert await office.approve(ada, first) == ["officer"]
    second = await office.put(adam)
    stored, own = await _approvals(office, first), await _approvals(office, second)
    unsigned = '[{"document":"{}","signature":""}]'
    for forged in (stored, stored.replace(first, second), unsigned):
        await _set(office, second, approvals=json.dumps(json.loads(own) + json.loads(forged)))
        assert await office.approve(dora, second) == ["owner"]
    for row in (
        {"approvals": None},
        {"approvals": stored},
        {"author_person": "ada@example.nl", "author_persons": '["ada@example.nl"]'},
    ):
        await _set(office, second, **{"approvals": own, **row})
        assert await office.approve(carl, second) == 403
    assert await office.risks() == {}


async def test_a_former_owner_has_no_say(office: StartingHouse) -> None:
    adam, dora = await office.meet("adam", "admins"), await office.meet("dora", "guards")
    ada, carl = await office.meet("ada", "makers"), await office.meet("carl", "officers")
    started = await office.put(adam)
    assert await office.approve(ada, started) == ["officer"]
    assert await office.approve(dora, started) == []
    bert = await office.meet("bert", "makers")
    high = {**LIMITED, "risk": "high", "fria": "https://a.nl/1", "review": "2099-12-31"}
    raised = await office.put(adam, high)
    assert await office.approve(ada, raised) == ["officer"]  # while she is the owner
    assert (
        await office.approve(carl, await office.put(adam, {**LIMITED, "owner": "bert@example.nl"}))
        == []
    )
    assert await office.approve(dora, raised) in (["owner"], 409)
    assert await office.risks() == {"letters": "limited"}
    again = await office.put(adam, {**high, "owner": "bert@example.nl"})
    assert await office.approve(ada, again) == 403
    assert await office.approve(dora, again) == ["owner"]
    assert await office.approve(bert, again) == []


async def test_a_key_that_one_person_issues_is_no_owner(office: StartingHouse) -> None:
    adam, dora = await office.meet("adam", "admins"), await office.meet("dora", "guards")
    carl = await office.meet("carl", "officers")
    await office.meet("ada", "makers")
    secrets = {}
    for name, kind, days in (("first", "person", 9), ("hers", "person", 3), ("office", "admin", 3)):
        body = {"name": name, "kind": kind, "owner": "ada@example.nl", "days": days}
        made = await office.ask(adam, "POST", "/keys", body)
        secrets[name] = made.json()["secret"]
        if name == "hers":  # beside the first, it acts at once
            assert made.status_code == 201, made.text
        else:
            assert await office.approve(carl, made.json()["proposal"]) == []
    await office.snapshot()
    proposal = await office.put(carl)
    assert await office.approve(dora, proposal) == ["owner"]
    path, body = f"/own-approvals/{proposal}/approve", {"comment": "agreed"}
    assert (await office.ask(secrets["hers"], "GET", "/me")).status_code == 200
    assert (await office.ask(secrets["hers"], "POST", path, body)).status_code == 403
    assert await office.risks() == {}
    approved = await office.ask(secrets["office"], "POST", path, body)  # two persons made that one
    assert approved.json() == {"state": "approved", "waits_for": []}


async def test_who_saw_the_secret_of_a_key_is_not_its_owner_too(office: StartingHouse) -> None:
    adam, carl = (
        await office.meet("adam", "admins", "guards"),
        await office.meet("carl", "officers"),
    )
    made = await office.ask(
        adam, "POST", "/keys", {"name": "hers", "kind": "admin", "owner": "ada@example.nl"}
    )
    assert await office.approve(carl, made.json()["proposal"]) == []
    await office.snapshot()
    proposal = await office.put(carl)
    assert await office.approve(adam, proposal) == ["owner"]
    path, body = f"/own-approvals/{proposal}/approve", {"comment": "agreed"}
    assert (await office.ask(made.json()["secret"], "POST", path, body)).status_code == 403
    assert await office.risks() == {}


async def test_an_approval_ends_with_its_proposal(office: StartingHouse) -> None:
    adam, ada = await office.meet("adam", "admins"), await office.meet("ada", "makers")
    proposal = await office.put(adam)
    assert await office.approve(ada, proposal) == ["officer"]
    await _set(office, proposal, expires=1.0)
    assert await office.approve(await office.meet("dora", "guards"), proposal) == 409
    again = await office.put(adam)
    assert await office.approve(await office.meet("dora", "guards"), again) == ["owner"]
    assert await office.risks() == {}


async def test_an_owner_who_has_left_stops_nobody(office: StartingHouse) -> None:
    """Another approver takes the place; who has left approves nothing."""
    adam, ada = await office.meet("adam", "admins"), await office.meet("ada", "makers")
    proposal = await office.put(adam)
    dora = await office.meet("dora", "guards")
    assert await office.approve(dora, proposal) == ["owner"]
    left = await office.ask(adam, "POST", "/persons/ada@example.nl/deactivate", {"reason": "gone"})
    assert left.status_code == 200, left.text
    assert await office.approve(ada, proposal) == 401
    assert await office.approve(await office.meet("carl", "officers"), proposal) == []


async def _approvals(office: Office, proposal: str) -> str:
    async with office.plane.database.read() as connection:
        query = proposals.select().where(proposals.c.id == proposal)
        return str((await connection.execute(query)).one().approvals)


async def _set(office: Office, proposal: str, **values: Any) -> None:
    async with office.plane.database.write() as connection:
        where = proposals.c.id == proposal
        await connection.execute(update(proposals).where(where).values(values))
