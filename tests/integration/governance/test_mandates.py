"""Within a mandate one person acts at once, on record; outside it the change waits."""

import datetime
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert

from gateway.approvals.provenance import ProvenanceError, check_provenance
from gateway.core.snapshot import Snapshot
from gateway.core.system.secrets import create
from gateway.governance.changes.tables import catalogue
from tests.integration.governance.test_use_case_starts import CONFIG, StartingHouse
from tests.support.issuer import TestIssuer

pytestmark = pytest.mark.integration
HOUSE = """\
providers: [{{name: near, kind: worker, base_url: "http://127.0.0.1:9/v1", zone: internal}}]
deployments:
  - {{name: chat, provider: near, model: m@1}}
  - {{name: large, provider: near, model: m@2}}
use_cases: [{{name: letters, owner: hr, legal_basis: contract, risk: minimal}}]
"""


def last_day(days: int = 30) -> str:
    return (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days)).isoformat()


MOST = {
    "models": ["chat"],
    "purposes": ["letters"],
    "clearance": "restricted",
    "budget": {"amount": 20},
    "expires": 90,
}
MANDATE: dict[str, Any] = {
    "holder": "adam@example.nl",
    "until": last_day(),
    "grants": [
        {"kind": "key", "teams": ["press"], "most": MOST},
        {"kind": "team", "teams": ["press"], "most": {"budget": {"amount": 500}}},
    ],
}
_FLOOR = {"kind": "key", "teams": ["press"], "most": {"floor": "public"}}
KEY = {
    "name": "bot",
    "team": "press",
    "models": ["chat"],
    "purposes": ["letters"],
    "clearance": "restricted",
    "budget": {"amount": 20},
}


class MandateHouse(StartingHouse):
    """Adam and Eve are administrators; Carl and Paul approve."""

    config = CONFIG + HOUSE
    adam: str
    eve: str
    carl: str
    paul: str

    async def furnish(self) -> None:
        self.adam, self.eve = await self.meet("adam", "admins"), await self.meet("eve", "admins")
        self.carl = await self.meet("carl", "officers")
        self.paul = await self.meet("paul", "approvers")
        await self.agreed("PUT", "/teams/press", {"budget": {"amount": 50}})
        await self.snapshot()

    async def agreed(self, method: str, path: str, body: Any, *, by: str = "") -> None:
        """A change that is in force, approved where it must be."""
        answer = await self.ask(by or self.eve, method, path, body)
        assert answer.status_code in (200, 201, 202), answer.text
        if proposal := answer.json().get("proposal"):
            assert await self.approve(self.carl, proposal) == []

    async def give(self, **values: Any) -> None:
        await self.agreed("PUT", "/mandates/daily", {**MANDATE, **values})

    async def status(self, who: str, method: str, path: str, body: Any = None) -> int:
        return (await self.ask(who, method, path, body)).status_code

    async def budget(self) -> float:
        (team,) = (await self.snapshot()).teams
        return float(team.budget.amount)

    def accepts(self, new: Snapshot, before: Snapshot | None = None) -> bool:
        """Whether a gateway takes a snapshot over."""
        try:
            check_provenance(new, before, self.secrets.signing.public_key(), one_person=False)
        except ProvenanceError:
            return False
        return True


@pytest.fixture(params=["sqlite", "postgres"])
async def house(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: TestIssuer
) -> AsyncIterator[MandateHouse]:
    secrets = create(tmp_path / "secrets")
    url = f"sqlite:///{tmp_path / 'governance.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    made = MandateHouse(url, secrets, tmp_path if request.param == "sqlite" else None, issuer)
    await made.open()
    await made.furnish()
    yield made
    await made.close()


async def test_another_person_gives_it_who_does_not_have_it(house: MandateHouse) -> None:
    waits = await house.ask(house.adam, "PUT", "/mandates/daily", MANDATE)
    assert waits.status_code == 202, waits.text
    proposal = waits.json()["proposal"]
    assert await house.approve(house.adam, proposal) == 403
    both = await house.meet("adam", "admins", "officers")
    assert await house.approve(both, proposal) == 403
    assert (await house.snapshot()).mandates == []
    assert await house.status(house.adam, "POST", "/keys", KEY) == 202
    assert await house.approve(house.carl, proposal) == []
    assert [one.name for one in (await house.snapshot()).mandates] == ["daily"]
    of_role = {**MANDATE, "holder": None, "role": "compliance_officer"}
    waits = await house.ask(house.adam, "PUT", "/mandates/officers", of_role)
    assert await house.approve(house.carl, waits.json()["proposal"]) == 403
    assert await house.approve(house.paul, waits.json()["proposal"]) == []


async def test_within_it_one_person_acts_at_once_on_record(house: MandateHouse) -> None:
    await house.give()
    before = await house.snapshot()
    made = await house.ask(house.adam, "POST", "/keys", KEY)
    assert made.status_code == 201, made.text
    wider = {"budget": {"amount": 500}}
    assert await house.status(house.adam, "PUT", "/teams/press", wider) == 200
    assert await house.status(house.eve, "POST", "/keys", KEY) == 202
    now = await house.snapshot()
    assert [key.id for key in now.keys] == [made.json()["id"]]
    assert await house.budget() == 500
    assert house.accepts(now, before)
    assert house.accepts(now)
    found = [one for one in await house.entries() if one.get("basis") == "mandate"]
    assert len(found) == 2
    used = json.loads(found[0]["mandate"])
    assert (used["name"], used["holder"], len(used["digest"])) == ("daily", "adam@example.nl", 64)
    (mine,) = (await house.ask(house.adam, "GET", "/mandates")).json()["mandates"]
    assert (mine["mine"], mine["ended"]) == (True, False)
    assert not (await house.ask(house.eve, "GET", "/mandates/daily")).json()["mine"]


@pytest.mark.parametrize(
    "values",
    [
        {"models": ["large"]},
        {"models": []},
        {"budget": {"amount": 21}},
        {"budget": None},
        {"floor": "public"},
        {"days": 91},
        {"kind": "admin", "owner": "adam@example.nl", "roles": ["auditor"]},
    ],
)
async def test_outside_it_the_change_waits(house: MandateHouse, values: dict[str, Any]) -> None:
    await house.give()
    await house.agreed("POST", "/keys", {**KEY, "name": "first", "clearance": "internal"})
    assert await house.status(house.adam, "POST", "/keys", {**KEY, **values}) == 202
    assert len((await house.snapshot()).keys) == 1


async def test_another_team_and_another_field_wait(house: MandateHouse) -> None:
    await house.give()
    await house.agreed("PUT", "/teams/law", {"budget": {"amount": 50}})
    assert await house.status(house.adam, "POST", "/keys", {**KEY, "team": "law"}) == 202
    assert await house.status(house.adam, "PUT", "/teams/press", {"budget": {"amount": 501}}) == 202
    lead = {"budget": {"amount": 400}, "lead": "adam@example.nl"}
    assert await house.status(house.adam, "PUT", "/teams/press", lead) == 202
    assert {team.name: team.lead for team in (await house.snapshot()).teams}["press"] is None


async def test_who_has_a_role_acts_within_it_and_a_lead_in_the_own_team(
    house: MandateHouse,
) -> None:
    await house.give(holder=None, role="platform_admin")
    assert await house.status(house.eve, "POST", "/keys", KEY) == 201
    await house.give(holder=None, role="team_lead")
    assert await house.status(house.eve, "POST", "/keys", {**KEY, "clearance": "restricted"}) == 202
    await house.agreed("PUT", "/teams/press", {"budget": {"amount": 50}, "lead": "adam@example.nl"})
    assert await house.status(house.adam, "POST", "/keys", KEY) == 201


async def test_an_ended_mandate_is_of_no_use_and_what_was_done_stays(house: MandateHouse) -> None:
    await house.give()
    assert await house.status(house.adam, "POST", "/keys", KEY) == 201
    shorter = {**MANDATE, "grants": MANDATE["grants"][:1]}
    assert await house.status(house.eve, "PUT", "/mandates/daily", shorter) == 200
    assert await house.status(house.adam, "PUT", "/teams/press", {"budget": {"amount": 60}}) == 202
    before = await house.snapshot()
    assert await house.status(house.eve, "DELETE", "/mandates/daily") == 200
    now = await house.snapshot()
    assert (now.mandates, len(now.keys)) == ([], 1)
    assert house.accepts(now, before)
    assert house.accepts(now)
    assert await house.status(house.adam, "POST", "/keys", KEY) == 202
    assert await house.status(house.adam, "PUT", "/mandates/daily", MANDATE) == 202
    for plane in house.planes:
        await plane.close()
    house.planes = [house._plane(), house._plane()]
    await house.planes[0].start()
    assert house.accepts(await house.snapshot())


async def test_a_row_of_the_database_gives_none(house: MandateHouse) -> None:
    document = json.dumps({"name": "own", **MANDATE, "holder": "adam@example.nl"})
    values = {"kind": "mandate", "name": "own", "position": 0, "document": document}
    async with house.plane.database.write() as connection:
        await connection.execute(insert(catalogue).values(**values, source="record"))
    assert await house.status(house.adam, "POST", "/keys", KEY) == 202
    assert (await house.snapshot()).mandates == []
    async with house.plane.database.write() as connection:
        await connection.execute(delete(catalogue).where(catalogue.c.kind == "mandate"))
    await house.give()
    await house.snapshot()
    async with house.plane.database.write() as connection:
        await connection.execute(delete(catalogue).where(catalogue.c.kind == "mandate"))
    assert await house.status(house.adam, "POST", "/keys", KEY) == 202


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"until": last_day(366)}, 400),
        ({"until": last_day(-1)}, 400),
        ({"role": "auditor"}, 400),
        ({"holder": None}, 400),
        ({"holder": None, "role": "use_case_owner"}, 400),
        ({"grants": []}, 400),
        ({"grants": [{"kind": "team", "teams": ["press"], "most": {"floor": "public"}}]}, 400),
        ({"grants": [{"kind": "mandate", "teams": ["press"], "most": {"expires": 1}}]}, 400),
        ({"grants": [{"kind": "key", "teams": ["other"], "most": {"expires": 1}}]}, 400),
        ({"grants": [{"kind": "key", "teams": ["press"], "most": {"models": ["gpt"]}}]}, 400),
        ({"grants": [{"kind": "key", "teams": ["press"], "most": {}}]}, 400),
        (
            {
                "grants": [
                    {"kind": "team", "teams": ["press"], "most": {"limits": {"concurrent": 1}}}
                ]
            },
            400,
        ),
    ],
)
async def test_what_may_not_be_granted_is_refused(
    house: MandateHouse, values: dict[str, Any], status: int
) -> None:
    assert await house.status(house.eve, "PUT", "/mandates/daily", {**MANDATE, **values}) == status


async def test_its_holder_widens_it_under_no_name(house: MandateHouse) -> None:
    """Neither longer nor wider, nor as the approver under another writing of the name."""
    await house.give()
    longer, wider = {"until": last_day(60)}, {"grants": [*MANDATE["grants"], _FLOOR]}
    for values in (longer, wider, {"holder": "ADAM@example.nl"}, {"holder": None, "role": "admin"}):
        answer = await house.ask(house.adam, "PUT", "/mandates/daily", {**MANDATE, **values})
        assert answer.status_code in {202, 400}, answer.text
    for name in ("ADAM@example.nl", "аdam@example.nl", "adam@example.nl"):
        waits = await house.ask(house.eve, "PUT", "/mandates/own", {**MANDATE, "holder": name})
        both = await house.meet("adam", "admins", "officers")
        assert await house.approve(both, waits.json()["proposal"]) == 403
    (still,) = (await house.snapshot()).mandates
    assert (still.until, len(still.grants), still.holder) == (last_day(), 2, "adam@example.nl")


async def test_small_steps_and_two_mandates_reach_no_further_than_one_grant(
    house: MandateHouse,
) -> None:
    await house.give()
    levels = {"kind": "key", "teams": ["press"], "most": {"clearance": "restricted"}}
    await house.agreed("PUT", "/mandates/levels", {**MANDATE, "grants": [levels]})
    for amount in (200, 499, 500, 501, 600):
        status = await house.status(
            house.adam, "PUT", "/teams/press", {"budget": {"amount": amount}}
        )
        assert status == (200 if amount <= 500 else 202)
    split = {**MANDATE["grants"][0], "most": {**MOST, "clearance": "internal"}}
    await house.give(grants=[split, MANDATE["grants"][1]])
    assert await house.status(house.adam, "POST", "/keys", KEY) == 202
    assert await house.budget() == 500


async def test_a_bound_holds_for_the_first_key_of_a_team_also_where_it_states_nothing(
    house: MandateHouse,
) -> None:
    await house.give()
    stated: list[dict[str, Any]] = [{"budget": None}, {"purposes": []}, {"models": []}]
    for values in stated:
        assert await house.status(house.adam, "POST", "/keys", {**KEY, **values}) == 202
    assert (await house.snapshot()).keys == []


@pytest.mark.parametrize("names", [["daily"], ["daily", "other"]], ids=["one", "two"])
async def test_grants_do_not_add_up_in_one_change_nor_in_two(
    house: MandateHouse, names: list[str]
) -> None:
    """A key of `chat` at a low level, and one of `large` at a high level: not `chat` at that."""
    low = {"kind": "key", "teams": ["press"], "most": {**MOST, "clearance": "internal"}}
    high = {"kind": "key", "teams": ["press"], "most": {**MOST, "models": ["large"]}}
    for name, grants in zip(names, [[low], [high]] if names[1:] else [[low, high]], strict=True):
        await house.agreed("PUT", f"/mandates/{name}", {**MANDATE, "grants": grants})
    assert await house.status(house.adam, "POST", "/keys", KEY) == 202
    made = await house.ask(house.adam, "POST", "/keys", {**KEY, "clearance": "internal"})
    assert made.status_code == 201, made.text
    place = f"/keys/{made.json()['id']}"
    assert await house.status(house.adam, "PATCH", place, {"clearance": "restricted"}) == 202
    assert [key.clearance for key in (await house.snapshot()).keys] == ["internal"]


async def test_the_catalogue_shows_who_acts_alone(house: MandateHouse) -> None:
    await house.give()
    (one,) = (await house.ask(house.eve, "GET", "/catalogue")).json()["mandate"]
    assert (one["name"], one["holder"]) == ("daily", "adam@example.nl")
