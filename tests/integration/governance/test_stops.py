"""Stop switches of the control plane on both databases: who may, who has followed, who starts."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import Snapshot, unseal
from gateway.evidence import Entry, Trail
from gateway.governance.snapshots.tables import snapshot
from tests.support.control_app import control_app
from tests.support.persons import BOB, issued, issued_key
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
REASON = {"reason": "incident 12", "wait": False}
STOP = "/use-cases/hiring/stop"


class Desk:
    """People of each role, and what they get."""

    def __init__(self, kept: Retained) -> None:
        self.kept = kept
        self.keys: dict[str, str] = {}

    async def key(self, role: str, number: int = 1) -> str:
        name = f"{role}-{number}"
        if name not in self.keys:
            new = NewKey(name=name, kind="admin", roles=[role])
            self.keys[name] = await issued(self.kept.plane, new)
        return self.keys[name]

    async def ask(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        role, _, number = who.partition("#")
        bearer = await self.key(role, int(number or 1))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(control_app(self.kept.plane)),
            base_url="http://control/admin/v1",
            headers={"authorization": f"Bearer {bearer}"},
        ) as client:
            return await client.request(method, path, json=body)

    async def snapshot(self) -> tuple[Snapshot, str]:
        """The published snapshot with its digest."""
        plane = self.kept.plane
        digest = await plane.snapshots.publish()
        query = select(snapshot.c.envelope).where(snapshot.c.digest == digest)
        async with plane.database.read() as connection:
            envelope = (await connection.execute(query)).scalar_one()
        return unseal(bytes(envelope), plane.secrets.signing.public_key())

    async def swap(self, trail: Trail) -> None:
        """A gateway applies the published snapshot, and says so."""
        _, digest = await self.snapshot()
        await trail.record(
            Entry("gateway:snapshot:swap", "", self.kept.clock.ms, {"snapshot": digest})
        )

    async def states(self) -> list[str]:
        (stop,) = (await self.ask("auditor", "GET", "/stops")).json()["stops"]
        return [one["state"] for one in stop["gateways"]]


@pytest.fixture
async def desk(kept: Retained) -> Desk:
    await kept.plane.snapshots.publish()
    return Desk(kept)


@pytest.mark.parametrize("role", ["platform_admin", "compliance_officer"])
async def test_an_officer_stops_at_once(desk: Desk, role: str) -> None:
    answer = await desk.ask(role, "POST", STOP, REASON)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["kind"], answer.json()["name"]) == ("use_case", "hiring")
    assert (await desk.snapshot())[0].stops.use_cases == ["hiring"]
    (entry,) = await desk.kept.told("control:stop:set")
    assert (entry["kind"], entry["name"], entry["reason"]) == ("use_case", "hiring", "incident 12")


@pytest.mark.parametrize("role", ["auditor", "model_owner", "policy_author", "policy_approver"])
async def test_nobody_else_stops(desk: Desk, role: str) -> None:
    assert (await desk.ask(role, "POST", STOP, REASON)).status_code == 403
    assert (await desk.snapshot())[0].stops.use_cases == []


async def test_each_kind_is_stopped_by_its_name(desk: Desk) -> None:
    key, _ = await issued_key(desk.kept.plane, NewKey(name="bot"))
    for path in ("/deployments/gpt-eu", "/keys/bot"):
        answer = await desk.ask("compliance_officer", "POST", f"{path}/stop", REASON)
        assert answer.status_code == 200, answer.text
    stops = (await desk.snapshot())[0].stops
    assert (stops.deployments, stops.keys) == (["gpt-eu"], [key.id])
    assert stops.listed() == ["deployment:gpt-eu", "keys:1"]


@pytest.mark.parametrize("path", ["/use-cases/none", "/aliases/none", "/keys/none"])
async def test_an_unknown_object_is_not_found(desk: Desk, path: str) -> None:
    answer = await desk.ask("platform_admin", "POST", f"{path}/stop", REASON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_a_stopped_admin_key_does_nothing_any_more(desk: Desk) -> None:
    assert (await desk.ask("auditor", "GET", "/stops")).status_code == 200
    answer = await desk.ask("compliance_officer", "POST", "/keys/auditor-1/stop", REASON)
    assert answer.status_code == 200, answer.text
    assert (await desk.ask("auditor", "GET", "/stops")).status_code == 401


async def test_a_second_stop_changes_nothing(desk: Desk) -> None:
    first = (await desk.ask("platform_admin", "POST", STOP, REASON)).json()
    again = (await desk.ask("compliance_officer", "POST", STOP, {"reason": "other"})).json()
    assert (again["by"], again["since"], again["reason"]) == (
        first["by"],
        first["since"],
        "incident 12",
    )
    assert len(await desk.kept.told("control:stop:set")) == 1


async def test_what_was_stopped_starts_by_another_person(desk: Desk) -> None:
    await desk.key("compliance_officer", 2)
    await desk.ask("compliance_officer", "POST", STOP, REASON)
    asked = await desk.ask(
        "compliance_officer", "POST", "/use-cases/hiring/start", {"reason": "it is mended"}
    )
    assert asked.status_code == 202
    assert asked.json()["waiting"] == ["start use_case hiring"]
    assert asked.json()["applied"] == []
    approve = f"/proposals/{asked.json()['proposal']}/approve"
    assert (await desk.ask("compliance_officer", "POST", approve, {})).status_code == 403
    assert (await desk.ask("platform_admin", "POST", approve, {})).status_code == 403
    assert (await desk.snapshot())[0].stops.use_cases == ["hiring"]
    assert (await desk.ask("compliance_officer#2", "POST", approve, {})).status_code == 200
    assert (await desk.snapshot())[0].stops.use_cases == []
    (lifted,) = await desk.kept.told("control:stop:lift")
    assert (lifted["kind"], lifted["name"]) == ("use_case", "hiring")


async def test_a_stale_proposal_does_not_lift_a_later_stop(desk: Desk) -> None:
    start = ("compliance_officer", "POST", "/use-cases/hiring/start", {"reason": "it is mended"})
    await desk.ask("platform_admin", "POST", STOP, REASON)
    proposals = [(await desk.ask(*start)).json()["proposal"] for _ in range(2)]
    first, second = (f"/proposals/{one}/approve" for one in proposals)
    assert (await desk.ask("policy_approver", "POST", first, {})).status_code == 200
    desk.kept.clock.ms += 1000
    await desk.ask("platform_admin", "POST", STOP, REASON)
    assert (await desk.ask("policy_approver", "POST", second, {})).status_code == 404
    assert (await desk.snapshot())[0].stops.use_cases == ["hiring"]


async def test_what_is_not_stopped_is_not_started(desk: Desk) -> None:
    answer = await desk.ask(
        "platform_admin", "POST", "/use-cases/hiring/start", {"reason": "it is mended"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_a_stop_outlives_its_object(desk: Desk) -> None:
    await desk.ask("platform_admin", "POST", STOP, REASON)
    for text in ("version: 1\n", CONFIG):
        desk.kept.clock.ms += 1000
        answer = await desk.ask("platform_admin", "POST", "/apply", {"text": text})
        if proposal := answer.json().get("proposal"):
            await desk.kept.plane.proposals.decide(proposal, BOB, approve=True, comment="agreed")
    published, _ = await desk.snapshot()
    assert "hiring" in [case.name for case in published.use_cases]
    assert published.stops.use_cases == ["hiring"]


async def test_a_gateway_acknowledges_by_its_own_entry(desk: Desk) -> None:
    async with desk.kept.trail() as trail:
        await desk.swap(trail)
        await desk.ask("platform_admin", "POST", STOP, REASON)
        assert await desk.states() == ["waiting"]
        await desk.swap(trail)
        assert await desk.states() == ["acknowledged"]
    (stop,) = (await desk.ask("auditor", "GET", "/stops")).json()["stops"]
    assert stop["gateways"] == []  # it was closed in order


async def test_a_silent_gateway_is_named_once_on_record_and_by_an_alarm(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    plane = desk.kept.plane
    async with desk.kept.trail("pod-1:8080"):
        await desk.ask("platform_admin", "POST", STOP, REASON)
        desk.kept.clock.ms += 4_900
        await plane.stops.watch()
        assert await desk.kept.told("control:stop:silent") == []
        desk.kept.clock.ms += 200
        for _ in range(3):
            await plane.stops.watch()
        (entry,) = await desk.kept.told("control:stop:silent")
        assert entry["gateways"] == ["pod-1:8080"]
        (stop,) = (await desk.ask("auditor", "GET", "/stops")).json()["stops"]
        assert stop["silent"] == ["pod-1:8080"]
    (alarm,) = [one for one in caplog.records if "stop:gateway:silent" in one.getMessage()]
    assert alarm.__dict__["gateways"] == "pod-1:8080"
