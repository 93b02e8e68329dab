"""Owners and leads see and do what a record gives them, and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from gateway.core.system.secrets import create
from gateway.governance.changes.tables import catalogue
from gateway.governance.reviews.tables import review
from tests.integration.governance.test_use_case_starts import CONFIG, LIMITED, StartingHouse
from tests.support.access_matrix import ADMIN, NEEDS, filled
from tests.support.issuer import TestIssuer

pytestmark = pytest.mark.integration
_KEY = {"name": "bot", "team": "press", "owner": "carl@example.nl"}


class _House(StartingHouse):
    """Ada owns the use case letters and leads the team press; Bert owns and leads others."""

    ada: str
    adam: str
    carl: str
    dora: str

    async def furnish(self) -> None:
        self.adam, self.carl = (
            await self.meet("adam", "admins"),
            await self.meet("carl", "officers"),
        )
        self.dora, self.ada = await self.meet("dora", "guards"), await self.meet("ada")
        for name, person in (("letters", "ada"), ("other", "bert")):
            owner = {**LIMITED, "owner": f"{person}@example.nl", "risk": "minimal"}
            assert await self.approve(self.carl, await self.put(self.adam, owner, name)) == []
        for name, person in (("press", "ada"), ("sales", "bert")):
            body = {"lead": f"{person}@example.nl", "budget": {"amount": 50}}
            await self.agreed(self.adam, "PUT", f"/teams/{name}", body)
        await self.agreed(self.adam, "POST", "/keys", _KEY)
        await self.snapshot()

    async def agreed(self, who: str, method: str, path: str, body: Any) -> None:
        """A change that is in force, approved where it must be."""
        answer = await self.ask(who, method, path, body)
        assert answer.status_code in (200, 201, 202), answer.text
        if proposal := answer.json().get("proposal"):
            assert await self.approve(self.carl, proposal) == []


@pytest.fixture(params=["sqlite", "postgres"])
async def house(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: TestIssuer
) -> AsyncIterator[_House]:
    secrets = create(tmp_path / "secrets")
    url = f"sqlite:///{tmp_path / 'governance.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    made = _House(url, secrets, tmp_path if request.param == "sqlite" else None, issuer)
    made.config = CONFIG
    await made.open()
    await made.furnish()
    yield made
    await made.close()


async def test_an_owner_and_lead_may_use_the_own_routes_alone(house: _House) -> None:
    me = (await house.ask(house.ada, "GET", "/me")).json()
    assert sorted(me["roles"]) == ["team_lead", "use_case_owner"]
    assert sorted(me["permissions"]) == ["teams:own", "use_cases:own"]
    for (method, path), need in NEEDS.items():
        if path.startswith(ADMIN) and need and not need.endswith(":own"):
            answer = await house.ask(house.ada, method, filled(path).removeprefix(ADMIN), {})
            assert answer.status_code == 403, (method, path)


async def test_an_owner_sees_stops_and_proposes_the_own_use_case(house: _House) -> None:
    row = {"time": 1, "rules": "[]", "team": "", "key": "", "model": "", "level": "public"}
    async with house.plane.database.write() as connection:
        for number, (name, state) in enumerate((
            ("letters", "open"),
            ("letters", "decided"),
            ("other", "open"),
        )):
            values = {**row, "request": str(number), "use_case": name, "state": state}
            await connection.execute(review.insert().values(values))
    (own,) = (await house.ask(house.ada, "GET", "/own-use-cases")).json()["use_cases"]
    assert (own["use_case"]["name"], own["reviews"], own["open_reviews"]) == ("letters", 2, 1)
    figures = await house.ask(house.ada, "GET", "/own-use-cases/letters/usage")
    assert (figures.status_code, figures.json()["budgets"]) == (200, [])
    change = {**LIMITED, "legal_basis": "consent", "risk": "minimal"}
    waits = await house.ask(house.ada, "PUT", "/own-use-cases/letters", change)
    assert waits.status_code == 202, waits.text
    assert await house.approve(house.ada, waits.json()["proposal"]) == 403
    stop = {"reason": "complaint 12", "wait": False}
    stopped = await house.ask(house.ada, "POST", "/own-use-cases/letters/stop", stop)
    assert stopped.status_code == 200, stopped.text
    assert (await house.snapshot()).stops.use_cases == ["letters"]


async def test_what_is_of_another_is_as_good_as_none(house: _House) -> None:
    stop = {"reason": "complaint 12", "wait": False}
    for method, path, body in (
        ("GET", "/own-use-cases/other/usage", None),
        ("PUT", "/own-use-cases/other", LIMITED),
        ("PUT", "/own-use-cases/new", LIMITED),
        ("POST", "/own-use-cases/other/stop", stop),
        ("GET", "/own-teams/sales/usage", None),
    ):
        answer = await house.ask(house.ada, method, path, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), path
    for nobody in (await house.meet("eve"), house.carl):
        assert (await house.ask(nobody, "GET", "/own-use-cases")).status_code == 403
        assert (await house.ask(nobody, "GET", "/own-teams")).status_code == 403
    assert (await house.snapshot()).stops.use_cases == []


async def test_a_lead_sees_usage_budget_and_keys_of_the_own_team(house: _House) -> None:
    (own,) = (await house.ask(house.ada, "GET", "/own-teams")).json()["teams"]
    assert (own["team"]["name"], own["team"]["budget"]["amount"]) == ("press", 50)
    assert [key["name"] for key in own["keys"]] == ["bot"]
    figures = (await house.ask(house.ada, "GET", "/own-teams/press/usage")).json()
    assert [one["team"] for one in figures["budgets"]] == ["press"]


async def test_a_lead_issues_keys_within_what_keys_of_the_team_may_do(house: _House) -> None:
    """The mandate that ships: what exceeds them waits, and other teams are not theirs."""
    path, same = "/own-teams/press/keys", {"name": "own", "owner": "ada@example.nl", "days": 30}
    made = await house.ask(house.ada, "POST", path, same)
    assert made.status_code == 201, made.text
    key = made.json()["id"]
    assert key in [one.id for one in (await house.snapshot()).keys]
    for wider in ({"clearance": "restricted"}, {"floor": "public"}, {"days": 365}):
        assert (await house.ask(house.ada, "POST", path, {**same, **wider})).status_code == 202
    for other in ({"kind": "admin"}, {"roles": ["auditor"]}, {"team": "sales"}):
        assert (await house.ask(house.ada, "POST", path, {**same, **other})).status_code == 400
    assert (await house.ask(house.ada, "POST", "/own-teams/sales/keys", same)).status_code == 404
    for stranger in (await house.meet("bert"), house.carl):
        refused = await house.ask(stranger, "POST", f"{path}/{key}/revoke")
        assert refused.status_code in (403, 404)
    of_sales = await house.ask(await house.meet("bert"), "POST", "/own-teams/sales/keys", same)
    assert of_sales.status_code == 202  # the first key of a team
    assert (await house.ask(house.ada, "POST", f"{path}/own/revoke")).status_code == 200
    assert (await house.ask(house.ada, "POST", f"{path}/own/revoke")).status_code == 404


async def test_a_lead_is_given_by_two_persons_and_taken_by_one(house: _House) -> None:
    body = {"lead": "eve@example.nl", "budget": {"amount": 50}}
    eve = await house.meet("eve")
    waits = await house.ask(house.adam, "PUT", "/teams/press", body)
    assert waits.status_code == 202, waits.text
    assert await house.approve(house.adam, waits.json()["proposal"]) == 403
    new = await house.ask(house.adam, "PUT", "/teams/fresh", {"lead": "eve@example.nl"})
    assert new.status_code == 202, new.text
    assert (await house.ask(eve, "GET", "/own-teams")).status_code == 403
    taken = await house.ask(house.adam, "PUT", "/teams/press", {"budget": {"amount": 50}})
    assert taken.status_code == 200, taken.text
    assert (await house.ask(house.ada, "GET", "/own-teams")).status_code == 403


async def test_a_former_owner_is_none_from_the_next_snapshot_on(house: _House) -> None:
    changed = {**LIMITED, "owner": "bert@example.nl", "risk": "minimal"}
    await house.agreed(house.adam, "PUT", "/use-cases/letters", changed)
    assert (await house.ask(house.ada, "GET", "/own-use-cases")).status_code == 403
    stop = {"reason": "complaint 12", "wait": False}
    refused = await house.ask(house.ada, "POST", "/own-use-cases/letters/stop", stop)
    assert refused.status_code == 403


async def test_a_row_of_the_database_makes_no_owner(house: _House) -> None:
    async with house.plane.database.write() as connection:
        document = '{"name":"other","owner":"eve@example.nl","legal_basis":"x","risk":"minimal"}'
        row = catalogue.c.name == "other"
        await connection.execute(update(catalogue).where(row).values(document=document))
    eve = await house.meet("eve")
    await house.plane.snapshots.publish()
    assert (await house.ask(eve, "GET", "/own-use-cases")).status_code == 403


async def test_an_unverified_address_and_a_pipeline_make_no_owner(house: _House) -> None:
    for claims in ({"email_verified": False}, {"email_verified": "false"}):
        token = house.issuer.token("mallory", email="ada@example.nl", **claims)
        assert (await house.ask(token, "GET", "/own-use-cases")).status_code == 403


async def test_an_owner_without_a_role_finds_and_approves_what_waits(house: _House) -> None:
    finn, eve = await house.meet("finn"), await house.meet("eve")
    proposal = await house.put(house.adam, {**LIMITED, "owner": "finn@example.nl"}, "fresh")
    (found,) = (await house.ask(finn, "GET", "/own-approvals")).json()["approvals"]
    assert (found["id"], found["use_cases"], found["approved"]) == (proposal, ["fresh"], False)
    assert {line["object"] for line in found["lines"]} == {"use_case fresh"}
    assert (await house.ask(eve, "GET", "/own-approvals")).status_code == 403
    path, body = f"/own-approvals/{proposal}/approve", {"comment": "mine"}
    assert (await house.ask(eve, "POST", path, body)).status_code == 403
    assert (await house.ask(finn, "GET", f"/proposals/{proposal}")).status_code == 403
    approved = await house.ask(finn, "POST", path, body)
    assert [one["kind"] for one in approved.json()["waits_for"]] == ["officer"]
    (found,) = (await house.ask(finn, "GET", "/own-approvals")).json()["approvals"]
    assert found["approved"]
    assert await house.approve(house.dora, proposal) == []
    assert (await house.ask(finn, "GET", "/own-use-cases")).status_code == 200


async def test_an_owner_approves_no_other_change(house: _House) -> None:
    wider = await house.ask(
        house.adam, "PUT", "/use-cases/letters", {**LIMITED, "risk": "minimal", "legal_basis": "x"}
    )
    proposal = wider.json()["proposal"]
    assert (await house.ask(house.ada, "GET", "/own-approvals")).json()["approvals"] == []
    path = f"/own-approvals/{proposal}/approve"
    assert (await house.ask(house.ada, "POST", path, {"comment": "mine"})).status_code == 403


async def test_an_owner_is_asked_and_rejects_what_waits_and_no_one_else_does(house: _House) -> None:
    finn, eve = await house.meet("finn"), await house.meet("eve")
    proposal = await house.put(house.adam, {**LIMITED, "owner": "Finn@example.nl"}, "fresh")
    shown = (await house.ask(house.carl, "GET", f"/proposals/{proposal}")).json()
    assert [one["label"] for one in shown["reviewers"]] == ["Finn@example.nl"]
    path, body = f"/own-approvals/{proposal}/reject", {"comment": "too early"}
    for who in (eve, house.ada):
        assert (await house.ask(who, "POST", path, body)).status_code in {403, 404}
    assert (await house.ask(finn, "POST", path, body)).json() == {"state": "rejected"}
    assert (await house.ask(finn, "POST", path, body)).status_code == 403
    shown = (await house.ask(house.carl, "GET", f"/proposals/{proposal}")).json()
    assert (shown["state"], shown["decision_comment"]) == ("rejected", "too early")
    other = await house.ask(house.adam, "PUT", "/use-cases/letters", {**LIMITED, "floor": "public"})
    reject = f"/own-approvals/{other.json()['proposal']}/reject"
    assert (await house.ask(house.dora, "POST", reject, body)).status_code == 403
