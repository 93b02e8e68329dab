"""Every route that changes or reveals something leaves an entry, and declares its response."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.core.system.secrets import create
from gateway.evidence import INTENT, Entry, Trail
from gateway.evidence.disclosure_profile import OPERATIONAL, WITHHELD
from gateway.evidence.entry import values_of
from gateway.evidence.ledger_store import LedgerStore
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.app import create_app
from gateway.governance.keys.service import NewKey
from gateway.governance.plane import ControlPlane, build
from tests.support.tiny_model import make_tiny

pytestmark = pytest.mark.integration
# They neither change nor reveal anything: they try a text or a bundle of the caller.
LOOK_ONLY = {("POST", "/policies/try"), ("POST", "/policies/check")}
AUDIT_ID = "a" * 32
REASON = {"reason": "complaint number 12"}
PERSON = {"subjects": [{"type": "EMAIL", "value": "jan@example.nl"}], **REASON}
BYSTANDER = {"subjects": [{"type": "EMAIL", "value": "els@example.nl"}], **REASON}
PERIOD = {"since": 0, "until": 2_000_000_000_000}


@dataclass
class Desk:
    """Two people with all roles, and the entries that their requests leave."""

    plane: ControlPlane
    folder: Path
    made: dict[str, str] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)

    async def ask(self, method: str, path: str, body: Any = None, *, who: int = 0) -> Any:
        """The answer's document; fails when it was refused."""
        app = create_app(self.plane, resolve=lambda _: "sk-value-0000000000000000000")
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://control/admin/v1",
            headers={"authorization": f"Bearer {self.keys[who]}"},
        ) as client:
            answer = await client.request(method, path, json=body)
        assert answer.is_success, (method, path, answer.text)
        is_json = answer.headers["content-type"].startswith("application/json")
        return answer.json() if is_json else None

    async def complain(self) -> str:
        """What somebody without a credential sends; gives the complaint's id."""
        app = create_app(self.plane, resolve=lambda _: None)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://control"
        ) as anybody:
            body = {"receipt": AUDIT_ID, "text": "This is wrong.", "language": "en"}
            answer = await anybody.post("/complaints", json=body)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    async def incident(self) -> str:
        """An incident that waits for somebody."""
        body = {"kind": "other", "description": "wrong", "aware": 0, "requests": [AUDIT_ID]}
        return str((await self.ask("POST", "/incidents", body))["id"])

    async def events(self) -> list[str]:
        """The events of the control plane, in their order."""
        query = "SELECT event FROM audit_entry WHERE log = 'control' ORDER BY seq"
        return [row["event"] for row in await self.plane.trail.rows(query, {})]

    async def fields(self) -> set[str]:
        """The names of all fields of all entries."""
        rows = await self.plane.trail.rows("SELECT disclosure FROM audit_detail", {})
        return {name for row in rows for name in values_of(bytes(row["disclosure"]))}

    async def proposal(self) -> str:
        """A proposal that waits for somebody."""
        terms = {"add": [{"kind": "deny", "text": f"Term {time.monotonic_ns()}"}], **REASON}
        return str((await self.ask("POST", "/terms", terms))["id"])

    async def model(self, version: str) -> None:
        """A registered version of a model."""
        body = {"name": "tiny", "version": version, "base": str(self.folder / "tiny")}
        await self.ask("POST", "/models", body)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    secrets = create(tmp_path / "secrets")
    plane = build(
        database_url=f"sqlite:///{tmp_path / 'governance.db'}", secrets=secrets, data_dir=tmp_path
    )
    await plane.start()
    desk = Desk(plane, tmp_path)
    for name in ("one", "two"):
        new = NewKey(name=name, kind="admin", roles=plane.permissions.roles)
        desk.keys.append((await plane.keys.create(new, LOCAL_OPERATOR))[1])
    trail = Trail(LedgerStore(tmp_path / "audit-gateway.db"), kek=secrets.kek, origin="gateway")
    await trail.start(clock_ms=1)
    await trail.record(Entry(INTENT, AUDIT_ID, 2, {"zone": "eu"}, subject="k"), b'{"messages":[]}')
    await trail.stop(clock_ms=3)
    make_tiny(tmp_path / "tiny")
    yield desk
    await plane.close()


async def _revoke(desk: Desk) -> None:
    key = await desk.ask("POST", "/keys", {"name": "short"})
    await desk.ask("POST", f"/keys/{key['id']}/revoke")


async def _approve_model(desk: Desk) -> None:
    await desk.model("1")
    await desk.ask("POST", "/models/tiny/1/approve", who=1)


async def _promote(desk: Desk) -> None:
    await _approve_model(desk)
    await desk.ask("POST", "/models/tiny/1/promote", {})


async def _rollback(desk: Desk) -> None:
    await _promote(desk)
    await desk.model("2")
    await desk.ask("POST", "/models/tiny/2/approve", who=1)
    await desk.ask("POST", "/models/tiny/2/promote", {})
    await desk.ask("POST", "/models/tiny/rollback", {})


async def _quarantine(desk: Desk) -> None:
    await desk.model("1")
    await desk.ask("POST", "/models/tiny/1/quarantine", REASON)


async def _propose_policy(desk: Desk) -> None:
    files = (await desk.ask("GET", "/policies"))["files"]
    changed = files["content.yaml"].replace("explosives", "explosive-things")
    await desk.ask("POST", "/policies/proposals", {"files": {"content.yaml": changed}})


async def _decide(desk: Desk, how: str) -> None:
    await desk.ask("POST", f"/proposals/{await desk.proposal()}/{how}", {}, who=1)


async def _hold(desk: Desk) -> str:
    review = int((time.time() + 30 * 86_400) * 1000)
    return str((await desk.ask("POST", "/holds", {"review": review, **BYSTANDER}))["id"])


async def _release(desk: Desk) -> None:
    await desk.ask("POST", f"/holds/{await _hold(desk)}/release", REASON)


async def _of_incident(desk: Desk, how: str, body: Any) -> None:
    await desk.ask("POST", f"/incidents/{await desk.incident()}/{how}", body)


async def _of_complaint(desk: Desk, how: str, body: Any) -> None:
    await desk.ask("POST", f"/complaints/{await desk.complain()}/{how}", body)


async def _check_report(desk: Desk) -> None:
    regular = "version: 1\nreports: {regular: [{kind: activity, every: week}]}\n"
    await desk.ask("POST", "/apply", {"text": regular})
    await desk.plane.reports.make_due()
    reports = (await desk.ask("GET", "/reports"))["stored"]
    await desk.ask("POST", f"/reports/{reports[0]['id']}/check")


async def _stop(desk: Desk) -> None:
    await desk.ask("POST", "/keys/one/stop", REASON)


async def _start(desk: Desk) -> None:
    key = await desk.ask("POST", "/keys", {"name": "short"})
    await desk.ask("POST", f"/keys/{key['id']}/stop", {**REASON, "wait": False})
    await desk.ask("POST", f"/keys/{key['id']}/start", REASON)


CASE = {"owner": "team", "legal_basis": "contract", "risk": "limited"}


async def _delete_use_case(desk: Desk) -> None:
    await desk.ask("PUT", "/use-cases/letters", CASE)
    await desk.ask("DELETE", "/use-cases/letters")


def post(path: str, body: Any = None) -> Callable[[Desk], Awaitable[object]]:
    """A route that needs nothing before it."""
    return lambda desk: desk.ask("POST", path, body)


TINY = "/models/{name}/{version}"
DECISION = {"outcome": "partly", "reasons": "half of it was wrong"}
# What to do, with the route as the last that is asked, and the event that it leaves.
ROUTES: dict[tuple[str, str], tuple[Callable[[Desk], Awaitable[object]], str]] = {
    ("POST", "/keys"): (post("/keys", {"name": "new"}), "control:key:create"),
    ("POST", "/keys/{reference}/revoke"): (_revoke, "control:key:revoke"),
    ("POST", "/{what}/{name}/stop"): (_stop, "control:stop:set"),
    ("POST", "/{what}/{name}/start"): (_start, "control:proposal:create"),
    ("PUT", "/use-cases/{name}"): (
        lambda desk: desk.ask("PUT", "/use-cases/letters", CASE),
        "control:use_case:set",
    ),
    ("DELETE", "/use-cases/{name}"): (_delete_use_case, "control:use_case:delete"),
    ("POST", "/apply"): (post("/apply", {"text": "version: 1\n"}), "control:catalogue:apply"),
    ("POST", "/models"): (lambda desk: desk.model("1"), "control:model:register"),
    ("POST", TINY + "/approve"): (_approve_model, "control:model:approve"),
    ("POST", TINY + "/quarantine"): (_quarantine, "control:model:quarantine"),
    ("POST", TINY + "/promote"): (_promote, "control:model:promote"),
    ("POST", "/models/{name}/rollback"): (_rollback, "control:model:promote"),
    ("POST", "/policies/proposals"): (_propose_policy, "control:proposal:create"),
    ("POST", "/proposals/{identity}/approve"): (
        lambda d: _decide(d, "approve"),
        "control:proposal:approve",
    ),
    ("POST", "/proposals/{identity}/reject"): (
        lambda d: _decide(d, "reject"),
        "control:proposal:reject",
    ),
    ("POST", "/terms"): (lambda desk: desk.proposal(), "control:proposal:create"),
    ("POST", "/audit/{audit_id}/reveal"): (
        post(f"/audit/{AUDIT_ID}/reveal", REASON),
        "control:payload:reveal",
    ),
    ("POST", "/audit/exports"): (post("/audit/exports", PERIOD), "control:audit:export"),
    ("POST", "/subjects/find"): (post("/subjects/find", PERSON), "subject:values:find"),
    ("POST", "/subjects/export"): (post("/subjects/export", PERSON), "subject:access:export"),
    ("POST", "/subjects/erase"): (post("/subjects/erase", PERSON), "subject:values:erase"),
    ("POST", "/subjects/replay"): (
        post("/subjects/replay", {"tombstones": []}),
        "subject:values:replay",
    ),
    ("POST", "/holds"): (_hold, "control:hold:create"),
    ("POST", "/holds/{identity}/release"): (
        _release,
        "control:proposal:create",
    ),  # a second person releases
    ("POST", "/incidents"): (lambda desk: desk.incident(), "control:incident:open"),
    ("POST", "/incidents/{identity}/reveal"): (
        lambda d: _of_incident(d, "reveal", REASON),
        "control:incident:reveal",
    ),
    ("POST", "/incidents/{identity}/close"): (
        lambda d: _of_incident(d, "close", {"outcome": "mended"}),
        "control:incident:close",
    ),
    ("POST", "/complaints"): (lambda desk: desk.complain(), "control:complaint:open"),  # of anybody
    ("POST", "/complaints/{identity}/reveal"): (
        lambda d: _of_complaint(d, "reveal", REASON),
        "control:complaint:reveal",
    ),
    ("POST", "/complaints/{identity}/decide"): (
        lambda d: _of_complaint(d, "decide", DECISION),
        "control:complaint:decide",
    ),
    ("POST", "/reports"): (
        post("/reports", {"kind": "activity", **PERIOD, "format": "csv"}),
        "control:report:make",
    ),
    ("POST", "/reports/{identity}/check"): (_check_report, "control:report:check"),
}


async def test_every_route_that_changes_or_tells_something_is_in_the_table(desk: Desk) -> None:
    document = create_app(desk.plane, resolve=lambda _: None).openapi()
    routes = {
        (method.upper(), path.removeprefix("/admin/v1"))
        for path, methods in document["paths"].items()
        for method in methods
        if method != "get"
    }
    assert routes == set(ROUTES) | LOOK_ONLY


async def test_every_route_declares_its_response(desk: Desk) -> None:
    document = create_app(desk.plane, resolve=lambda _: None).openapi()
    undeclared = [
        (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for status, response in operation["responses"].items()
        if status.startswith("2") and not _declared(response, document["components"]["schemas"])
    ]
    assert not undeclared


def _declared(response: dict[str, Any], schemas: dict[str, Any]) -> bool:
    """Whether it has a model, or is a file."""
    content = response["content"]
    if content.keys() != {"application/json"}:
        return bool(content)
    schema = content["application/json"]["schema"]
    models = [one["$ref"].rpartition("/")[2] for one in schema.get("anyOf", [schema])]
    return all(schemas[name].get("properties") for name in models)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
async def test_it_leaves_its_entry(desk: Desk, route: tuple[str, str]) -> None:
    do, event = ROUTES[route]
    await desk.ask("GET", "/me")
    await desk.ask("GET", "/me", who=1)  # their sign-ins are on record now
    before = len(await desk.events())
    await do(desk)
    assert (await desk.events())[before:].count(event) >= 1
    assert await desk.fields() <= OPERATIONAL | set(WITHHELD)
