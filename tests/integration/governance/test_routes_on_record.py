"""Every route that changes or reveals something leaves an entry, and declares its response.

Whatever one person with any role then asks of it, with other values of its fields, nothing is newly
in force by that person alone.
"""

import datetime
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, text

from gateway.core.objects.keys import NewKey
from gateway.core.system.secrets import create
from gateway.evidence import INTENT, Entry, Trail
from gateway.evidence.disclosure_profile import OPERATIONAL, WITHHELD
from gateway.evidence.entry import values_of
from gateway.evidence.ledger_store import LedgerStore
from gateway.governance.cases.deadlines.rules import packaged
from gateway.governance.catalogue.config_file import parse
from gateway.governance.notices.channels import NoticeChannel, NoticeSettings
from gateway.governance.plane import ControlPlane, build
from gateway.governance.reviews.tables import review
from tests.support.cards import CARD
from tests.support.control_app import control_app
from tests.support.evaluation_suites import description, items_text
from tests.support.issuer import TestIssuer
from tests.support.persons import applied, issued
from tests.support.route_trials import HOUSE, Call, LonePerson
from tests.support.schema import migrate
from tests.support.tiny_model import make_tiny

pytestmark = pytest.mark.integration
# They neither change nor reveal anything: they try a text, a bundle or a token of the caller.
LOOK_ONLY = {
    ("PUT", "/models/uploads"),  # files that nothing uses until they are registered
    ("POST", "/policies/try"),
    ("POST", "/policies/check"),
    ("POST", "/policies/difference"),
    ("POST", "/policies/replay"),
    ("POST", "/identity/test"),
    ("POST", "/models/{name}/{version}/sign-on"),  # the approval after it is on record
    ("POST", "/proposals/{identity}/sign-on"),
    ("POST", "/own-approvals/{identity}/sign-on"),
    ("POST", "/saved-views"),  # bookmarks that only the caller sees
    ("DELETE", "/saved-views/{identity}"),
}
AUDIT_ID = "a" * 32
_REQUEST = "control:person_request:"
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
    calls: list[Call] = field(default_factory=list)

    async def ask(self, method: str, path: str, body: Any = None, *, who: int = 0) -> Any:
        """The answer's document; fails when it was refused."""
        app = control_app(self.plane)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://control/admin/v1",
            headers={"authorization": f"Bearer {self.keys[who]}"},
        ) as client:
            answer = await client.request(method, path, json=body)
        assert answer.is_success, (method, path, answer.text)
        self.calls.append(Call(method, path, body))
        is_json = answer.headers["content-type"].startswith("application/json")
        return answer.json() if is_json else None

    async def complain(self) -> str:
        """What somebody without a credential sends; gives the complaint's id."""
        app = control_app(self.plane)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://control"
        ) as anybody:
            body = {"receipt": AUDIT_ID, "text": "This is wrong.", "language": "en"}
            answer = await anybody.post("/complaints", json=body)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    async def agreed(self, method: str, path: str, body: Any) -> Any:
        """What a call makes, which another person approves where it waits."""
        answer = await self.ask(method, path, body)
        if answer.get("proposal"):
            await self.ask("POST", f"/proposals/{answer['proposal']}/approve", {}, who=1)
        return answer

    async def requested(self) -> str:
        """A request of a person that waits for somebody."""
        now = int(time.time() * 1000)
        body = {"kind": "access", "received": now - 1000, "person": "Jan", "text": "what is kept?"}
        return str((await self.ask("POST", "/person-requests", body))["id"])

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


def _channels(folder: Path) -> NoticeSettings:
    secret = folder / "webhook-secret"
    secret.write_text("s" * 32)
    hook = {"url": "https://127.0.0.1:9/", "secret_file": str(secret)}
    return NoticeSettings([NoticeChannel.model_validate({"name": "desk", "webhook": hook})])


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    secrets = create(tmp_path / "secrets")
    plane = build(
        database_url=f"sqlite:///{tmp_path / 'governance.db'}",
        secrets=secrets,
        data_dir=tmp_path,
        signed_head=tmp_path / "signed-head",
        gateway_url="http://127.0.0.1:9",
        notices=_channels(tmp_path),
        models_dir=tmp_path,
    )
    await migrate(plane.database)
    await plane.start()
    desk = Desk(plane, tmp_path)
    for name in ("one", "two", "three"):
        new = NewKey(name=name, kind="admin", roles=plane.permissions.roles)
        desk.keys.append(await issued(plane, new))
    await applied(plane, parse(HOUSE, source="sluis.yaml"))
    trail = Trail(LedgerStore(tmp_path / "audit-gateway.db"), kek=secrets.kek, origin="gateway")
    await trail.start(clock_ms=1)
    await trail.record(Entry(INTENT, AUDIT_ID, 2, {"zone": "eu"}, subject="k"), b'{"messages":[]}')
    await trail.stop(clock_ms=3)
    make_tiny(tmp_path / "tiny")
    yield desk
    await plane.close()


async def _revoke(desk: Desk) -> None:
    key = await desk.agreed("POST", "/keys", {"name": "short"})
    await desk.ask("POST", f"/keys/{key['id']}/revoke")


async def _in_force(desk: Desk, text: str) -> None:
    await applied(desk.plane, parse(text, source="sluis.yaml"))
    await desk.plane.issuer_keys.refresh()
    await desk.plane.snapshots.publish()


async def _of_key(desk: Desk, method: str, how: str, body: Any) -> None:
    key = await desk.agreed("POST", "/keys", {"name": "short"})
    await desk.ask(method, f"/keys/{key['id']}{how}", body)


OWN = """\
version: 1
providers: [{name: house, kind: openai, base_url: "http://127.0.0.1:1/v1", zone: internal}]
deployments: [{name: own, provider: house, model: m}]
use_cases: [{name: help, owner: desk, legal_basis: contract, risk: minimal}]
teams: [{name: makers, self_service: {models: [own], purposes: [help]}}]
"""


async def _of_own_key(desk: Desk, how: str | None, body: Any) -> None:
    await _in_force(desk, OWN)
    new = NewKey("dev", kind="person", team="makers", roles=["developer"], owner="jan")
    desk.keys.append(await issued(desk.plane, new))
    key = await desk.ask("POST", "/own-keys", {"name": "mine"}, who=3)
    if how:
        await desk.ask("POST", f"/own-keys/{key['id']}/{how}", body, who=3)


async def _delete_team(desk: Desk) -> None:
    await desk.ask("PUT", "/teams/makers", {})
    await desk.ask("DELETE", "/teams/makers")


async def _known(desk: Desk) -> str:
    """A person without a name, who has been cut off by a pseudonym in the trail."""
    path = f"/persons/u_{'0' * 24}/deactivate"
    return str((await desk.ask("POST", path, REASON))["id"])


async def _of_person(desk: Desk, how: str) -> None:
    await desk.ask("POST", f"/persons/{await _known(desk)}/{how}", REASON)


async def _hand_over(desk: Desk) -> None:
    person = await _known(desk)
    back = await desk.ask("POST", f"/persons/{person}/reactivate", REASON)
    await desk.ask("POST", f"/proposals/{back['proposal']}/approve", {}, who=1)
    key = await desk.agreed("POST", "/keys", {"name": "short"})
    await desk.ask("POST", f"/keys/{key['id']}/hand-over", {"owner": person, **REASON})


async def _trust(desk: Desk, issuer: TestIssuer) -> None:
    of_staff = f"{{name: staff, issuer: '{issuer.url}', audience: console}}"
    await _in_force(desk, f"version: 1\nidentity: {{issuers: [{of_staff}]}}\n")


async def _sign_out_own(desk: Desk) -> None:
    with TestIssuer() as issuer:
        await _trust(desk, issuer)
        desk.keys.append(issuer.token("carla", aud="console"))
        await desk.ask("POST", "/me/sign-out", who=-1)


async def _log_out(desk: Desk) -> None:
    with TestIssuer() as issuer:
        await _trust(desk, issuer)
        app = control_app(desk.plane)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://control"
        ) as provider:
            data = {"logout_token": issuer.logout_token(sub="carla")}
            answer = await provider.post("/logout/backchannel/staff", data=data)
        assert answer.is_success, answer.text


async def _sign_out_issuer(desk: Desk) -> None:
    issuer = "{name: staff, issuer: 'http://127.0.0.1:9', audience: sluis}"
    text = f"version: 1\nidentity: {{issuers: [{issuer}]}}\n"
    await _in_force(desk, text)
    await desk.ask("POST", "/persons/sign-out", {"issuer": "staff", **REASON})


async def _approved(desk: Desk, version: str) -> None:
    await desk.model(version)
    for who in (1, 2):
        await desk.ask("POST", f"/models/tiny/{version}/approve", who=who)


async def _approve_model(desk: Desk) -> None:
    await _approved(desk, "1")


async def _promote(desk: Desk) -> None:
    await _approve_model(desk)
    await desk.ask("POST", "/models/tiny/1/promote", {})


async def _rollback(desk: Desk) -> None:
    await _promote(desk)
    await _approved(desk, "2")
    await desk.ask("POST", "/models/tiny/2/promote", {})
    await desk.ask("POST", "/models/tiny/rollback", {})


async def _quarantine(desk: Desk) -> None:
    await desk.model("1")
    await desk.ask("POST", "/models/tiny/1/quarantine", REASON)


async def _deprecate(desk: Desk) -> None:
    await _approve_model(desk)
    body = {"until": "2099-12-31", **REASON}
    await desk.ask("POST", "/models/tiny/1/deprecate", body)


async def _retire(desk: Desk) -> None:
    await desk.model("1")
    await desk.ask("POST", "/models/tiny/1/retire", REASON)


async def _set_card(desk: Desk) -> None:
    await desk.model("1")
    await desk.ask("PUT", "/models/tiny/1/card", {"text": CARD})


ENGINES = """\
version: 1
providers: [{name: house, kind: vllm, base_url: "http://127.0.0.1:1/v1", zone: internal}]
deployments: [{name: chat, provider: house, version: "chat@1"}]
"""
SUITE = {
    "description": description("refusal", name="letters"),
    "items": items_text({"expected": "answer"}, {"expected": "answer"}),
}


async def _engine(desk: Desk) -> str:
    """A registered version of an engine's model of high risk; gives the path of its evaluations."""
    stated = {"served_name": "chat", "engine": "vllm", "source": "x/y", "revision": "1"}
    card = CARD.replace("risk: minimal", "risk: high")
    body = {"name": "chat", "version": "1", "engine": stated, "card": card}
    await desk.ask("POST", "/models", body)
    return "/models/chat/1/evaluations"


async def _own_suite(desk: Desk) -> None:
    waiting = await desk.ask("POST", "/evaluations/suites", SUITE)
    await desk.ask("POST", f"/proposals/{waiting['proposal']}/approve", {}, who=1)


async def _run_here(desk: Desk) -> None:
    """A run of the control plane; its gateway does not answer."""
    path = await _engine(desk)
    await _own_suite(desk)
    await _in_force(desk, ENGINES)
    await desk.ask("POST", f"{path}/run", {"suites": ["letters"]})


async def _override(desk: Desk) -> None:
    await desk.ask("POST", f"{await _engine(desk)}/override", REASON)


async def _propose_policy(desk: Desk) -> None:
    files = (await desk.ask("GET", "/policies"))["files"]
    changed = files["content.yaml"].replace("a forbidden topic", "forbidden")
    await desk.ask("POST", "/policies/proposals", {"files": {"content.yaml": changed}})


async def _roll_policy_back(desk: Desk) -> None:
    await _propose_policy(desk)
    (waiting,) = (await desk.ask("GET", "/proposals"))["proposals"][:1]
    await desk.ask("POST", f"/proposals/{waiting['id']}/approve", {}, who=1)
    await desk.ask("POST", "/policies/rollback", {})


async def _decide(desk: Desk, how: str) -> None:
    await desk.ask("POST", f"/proposals/{await desk.proposal()}/{how}", {}, who=1)


async def _comment(desk: Desk) -> None:
    path = f"/proposals/{await desk.proposal()}/comments"
    await desk.ask("POST", path, {"text": "which teams use this?"}, who=1)


async def _reviewers(desk: Desk) -> None:
    path = f"/proposals/{await desk.proposal()}/reviewers"
    await desk.ask("POST", path, {"roles": ["policy_approver"]}, who=1)


async def _hold(desk: Desk) -> str:
    review = int((time.time() + 30 * 86_400) * 1000)
    return str((await desk.ask("POST", "/holds", {"review": review, **BYSTANDER}))["id"])


async def _release(desk: Desk) -> None:
    await desk.ask("POST", f"/holds/{await _hold(desk)}/release", REASON)


async def _flagged(desk: Desk) -> None:
    """A request that a rule flagged; how it comes to the list is in test_reviews.py."""
    about = {"team": "hr", "key": "k_app", "model": "gpt", "use_case": "", "level": "internal"}
    row = {"request": AUDIT_ID, "time": 1, "rules": '["one"]', "state": "open", **about}
    async with desk.plane.database.write() as connection:
        await connection.execute(insert(review).values(**row))
    body = {"outcome": "nothing", **REASON}
    await desk.ask("POST", f"/reviews/{AUDIT_ID}/decide", body)


async def _of_incident(desk: Desk, how: str, body: Any) -> None:
    await desk.ask("POST", f"/incidents/{await desk.incident()}/{how}", body)


async def _followed(desk: Desk) -> None:
    incident = await desk.incident()
    await desk.ask("POST", f"/incidents/{incident}/follow-ups", {"text": "add a rule"})
    await desk.ask("POST", f"/incidents/{incident}/follow-ups/1/done")


async def _draft(desk: Desk) -> None:
    incident = await desk.incident()
    body = {"rules": ["gdpr-33"], "reasons": "a risk"}
    await desk.ask("POST", f"/incidents/{incident}/judge", body)
    draft = {"rule": "gdpr-33", "language": "en", **REASON}
    await desk.ask("POST", f"/incidents/{incident}/draft", draft)


async def _report_incident(desk: Desk) -> None:
    incident = await desk.incident()
    body = {"rules": ["gdpr-33"], "reasons": "a risk"}
    await desk.ask("POST", f"/incidents/{incident}/judge", body)
    done = {"rule": "gdpr-33", "at": 1}
    await desk.ask("POST", f"/incidents/{incident}/report", done)


async def _stated(desk: Desk, rule: str, **changed: Any) -> None:
    row = packaged().rules[rule].model_dump(mode="json", exclude={"id"})
    body = {"deadline": {**row, **changed}, **REASON}
    asked = await desk.ask("PUT", f"/deadlines/{rule}", body)
    await desk.ask("POST", f"/proposals/{asked['proposal']}/approve", {}, who=1)


async def _deadline(desk: Desk) -> None:
    await _stated(desk, "gdpr-33", hours=48)


async def _extend_complaint(desk: Desk) -> None:
    await _stated(desk, "awb-9-11", in_use=True)
    await _stated(desk, "complaint", in_use=False)
    await _of_complaint(desk, "extend", REASON)


async def _reset_deadline(desk: Desk) -> None:
    await _deadline(desk)
    asked = await desk.ask("POST", "/deadlines/gdpr-33/reset", REASON)
    await desk.ask("POST", f"/proposals/{asked['proposal']}/approve", {}, who=1)


async def _of_request(desk: Desk, how: str, body: Any) -> None:
    await desk.ask("POST", f"/person-requests/{await desk.requested()}/{how}", body)


async def _of_complaint(desk: Desk, how: str, body: Any) -> None:
    await desk.ask("POST", f"/complaints/{await desk.complain()}/{how}", body)


async def _check_report(desk: Desk) -> None:
    regular = "version: 1\nreports: {regular: [{kind: activity, every: week}]}\n"
    await desk.ask("POST", "/apply", {"text": regular})
    await desk.plane.reports.make_due()
    reports = (await desk.ask("GET", "/reports"))["stored"]
    await desk.ask("POST", f"/reports/{reports[0]['id']}/check")


async def _resolve(desk: Desk) -> None:
    body = {"pseudonym": "p_0123", **REASON}
    asked = await desk.ask("POST", "/pseudonyms/resolve", body)
    await desk.ask("POST", f"/proposals/{asked['proposal']}/approve", {}, who=1)
    await desk.ask("POST", "/pseudonyms/resolve", body)


async def _gap(desk: Desk) -> None:
    await desk.plane.trail.log.advance()
    async with desk.plane.database.write() as connection:
        for table in ("log_run", "log_tile", "log_head", "log_checkpoint"):
            await connection.execute(text(f"DELETE FROM {table}"))
    asked = await desk.ask("POST", "/trail/gap", REASON)
    await desk.ask("POST", f"/proposals/{asked['proposal']}/approve", {}, who=1)


async def _stop(desk: Desk) -> None:
    await desk.ask("POST", "/keys/one/stop", REASON)


async def _start(desk: Desk) -> None:
    key = await desk.agreed("POST", "/keys", {"name": "short"})
    await desk.ask("POST", f"/keys/{key['id']}/stop", {**REASON, "wait": False})
    await desk.ask("POST", f"/keys/{key['id']}/start", REASON)


async def _exception(desk: Desk) -> str:
    wider = "version: 1\ninternal_networks: [127.0.0.0/8, 10.0.0.0/8]\n"
    body = {"text": wider, "exception_minutes": 60, "comment": "incident 12"}
    identity = (await desk.ask("POST", "/apply", body))["proposal"]
    await desk.ask("POST", f"/proposals/{identity}/approve", {}, who=1)
    await desk.ask("POST", f"/break-glass/{identity}/end")
    return str(identity)


async def _review(desk: Desk) -> None:
    path = f"/break-glass/{await _exception(desk)}/review"
    await desk.ask("POST", path, {"comment": "as meant"}, who=1)


CASE = {"owner": "owner of two", "legal_basis": "contract", "risk": "minimal"}


async def _of_own_use_case(desk: Desk, method: str, how: str, body: Any) -> None:
    await desk.agreed("PUT", "/use-cases/letters", CASE)
    await desk.ask(method, f"/own-use-cases/letters{how}", body, who=1)


MANDATE = {
    "holder": "owner of one",
    "until": (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(9)).isoformat(),
    "grants": [{"kind": "team", "teams": ["makers"], "most": {"budget": {"amount": 9}}}],
}


async def _give_mandate(desk: Desk) -> None:
    await desk.agreed("PUT", "/teams/makers", {"lead": "owner of one"})
    await desk.agreed("PUT", "/mandates/daily", MANDATE)


async def _end_mandate(desk: Desk) -> None:
    await _give_mandate(desk)
    await desk.ask("DELETE", "/mandates/daily")


async def _key_of_own_team(desk: Desk, *, ends: bool) -> None:
    await desk.agreed("PUT", "/teams/makers", {"lead": "owner of two"})
    key = await desk.ask("POST", "/own-teams/makers/keys", {"name": "bot"}, who=1)
    if ends:
        await desk.ask("POST", f"/proposals/{key['proposal']}/approve", {})
        await desk.ask("POST", f"/own-teams/makers/keys/{key['id']}/revoke", who=1)


async def _decide_as_owner(desk: Desk, decision: str) -> None:
    waits = await desk.ask("PUT", "/use-cases/letters", {**CASE, "risk": "limited"})
    await desk.ask("POST", f"/own-approvals/{waits['proposal']}/{decision}", {}, who=1)


async def _delete_use_case(desk: Desk) -> None:
    await desk.agreed("PUT", "/use-cases/letters", CASE)
    await desk.ask("DELETE", "/use-cases/letters")


def post(path: str, body: Any = None) -> Callable[[Desk], Awaitable[object]]:
    """A route that needs nothing before it."""
    return lambda desk: desk.ask("POST", path, body)


TINY = "/models/{name}/{version}"
DECISION = {"outcome": "partly", "reasons": "half of it was wrong"}
# What to do, with the route as the last that is asked, and the event that it leaves.
_DOCUMENTS: list[dict[str, Any]] = []
ROUTES: dict[tuple[str, str], tuple[Callable[[Desk], Awaitable[object]], str]] = {
    ("POST", "/keys"): (post("/keys", {"name": "new"}), "control:key:create"),
    ("POST", "/keys/{reference}/revoke"): (_revoke, "control:key:revoke"),
    ("PATCH", "/keys/{reference}"): (
        lambda d: _of_key(d, "PATCH", "", {"clearance": "internal"}),
        "control:key:change",
    ),
    ("POST", "/keys/{reference}/rotate"): (
        lambda d: _of_key(d, "POST", "/rotate", {}),
        "control:key:rotate",
    ),
    ("POST", "/own-keys"): (lambda d: _of_own_key(d, None, None), "control:key:create"),
    ("POST", "/own-keys/{reference}/rotate"): (
        lambda d: _of_own_key(d, "rotate", {}),
        "control:key:rotate",
    ),
    ("POST", "/own-keys/{reference}/revoke"): (
        lambda d: _of_own_key(d, "revoke", None),
        "control:key:revoke",
    ),
    ("PUT", "/teams/{name}"): (lambda d: d.ask("PUT", "/teams/makers", {}), "control:team:change"),
    ("DELETE", "/teams/{name}"): (_delete_team, "control:team:delete"),
    ("POST", "/keys/{reference}/hand-over"): (_hand_over, "control:proposal:create"),
    ("POST", "/persons/{reference}/deactivate"): (_known, "control:person:deactivate"),
    ("POST", "/persons/{reference}/sign-out"): (
        lambda d: _of_person(d, "sign-out"),
        "control:person:sign_out",
    ),
    ("POST", "/persons/{reference}/reactivate"): (
        lambda d: _of_person(d, "reactivate"),
        "control:proposal:create",
    ),
    ("POST", "/logout/backchannel/{issuer}"): (_log_out, "control:person:sign_out"),
    ("POST", "/me/sign-out"): (_sign_out_own, "control:person:sign_out"),
    ("POST", "/persons/sign-out"): (_sign_out_issuer, "control:person:sign_out"),
    ("POST", "/break-glass/{identity}/end"): (_exception, "control:break_glass:end"),
    ("POST", "/break-glass/{identity}/review"): (_review, "control:break_glass:review"),
    ("POST", "/{what}/{name}/stop"): (_stop, "control:stop:set"),
    ("POST", "/{what}/{name}/start"): (_start, "control:proposal:create"),
    ("PUT", "/use-cases/{name}"): (
        lambda desk: desk.ask("PUT", "/use-cases/letters", CASE),
        "control:use_case:set",
    ),
    ("PUT", "/own-use-cases/{name}"): (
        lambda d: _of_own_use_case(d, "PUT", "", {**CASE, "legal_basis": "consent"}),
        "control:use_case:set",
    ),
    ("POST", "/own-use-cases/{name}/stop"): (
        lambda d: _of_own_use_case(d, "POST", "/stop", {**REASON, "wait": False}),
        "control:stop:set",
    ),
    ("PUT", "/mandates/{name}"): (_give_mandate, "control:change:apply"),
    ("DELETE", "/mandates/{name}"): (_end_mandate, "control:change:apply"),
    ("POST", "/own-teams/{name}/keys"): (
        lambda d: _key_of_own_team(d, ends=False),
        "control:key:create",
    ),
    ("POST", "/own-teams/{name}/keys/{reference}/revoke"): (
        lambda d: _key_of_own_team(d, ends=True),
        "control:key:revoke",
    ),
    ("POST", "/own-approvals/{identity}/approve"): (
        lambda desk: _decide_as_owner(desk, "approve"),
        "control:proposal:agree",
    ),
    ("POST", "/own-approvals/{identity}/reject"): (
        lambda desk: _decide_as_owner(desk, "reject"),
        "control:proposal:reject",
    ),
    ("DELETE", "/use-cases/{name}"): (_delete_use_case, "control:use_case:delete"),
    ("POST", "/apply"): (post("/apply", {"text": "version: 1\n"}), "control:catalogue:apply"),
    ("POST", "/models"): (lambda desk: desk.model("1"), "control:model:register"),
    ("POST", TINY + "/approve"): (_approve_model, "control:model:approve"),
    ("POST", TINY + "/deprecate"): (_deprecate, "control:model:deprecate"),
    ("POST", TINY + "/retire"): (_retire, "control:model:retire"),
    ("PUT", TINY + "/card"): (_set_card, "control:model:card"),
    ("POST", TINY + "/quarantine"): (_quarantine, "control:model:quarantine"),
    ("POST", TINY + "/promote"): (_promote, "control:model:promote"),
    ("POST", "/models/{name}/rollback"): (_rollback, "control:model:promote"),
    ("POST", TINY + "/evaluations/run"): (_run_here, "control:evaluation:start"),
    ("POST", TINY + "/evaluations/override"): (_override, "control:proposal:create"),
    ("POST", "/evaluations/suites"): (
        post("/evaluations/suites", SUITE),
        "control:proposal:create",
    ),
    ("POST", "/policies/proposals"): (_propose_policy, "control:proposal:create"),
    ("POST", "/policies/replay/texts"): (
        post("/policies/replay/texts", {"files": {}, **PERIOD, **REASON}),
        "control:policy:replay",
    ),
    ("POST", "/policies/rollback"): (_roll_policy_back, "control:proposal:create"),
    ("POST", "/proposals/{identity}/approve"): (
        lambda d: _decide(d, "approve"),
        "control:proposal:approve",
    ),
    ("POST", "/proposals/{identity}/comments"): (_comment, "control:proposal:comment"),
    ("POST", "/proposals/{identity}/reviewers"): (_reviewers, "control:proposal:ask"),
    ("POST", "/proposals/{identity}/reject"): (
        lambda d: _decide(d, "reject"),
        "control:proposal:reject",
    ),
    ("POST", "/terms"): (lambda desk: desk.proposal(), "control:proposal:create"),
    ("POST", "/audit/{audit_id}/reveal"): (
        post(f"/audit/{AUDIT_ID}/reveal", {"code": "other", **REASON}),
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
    ("POST", "/pseudonyms/resolve"): (_resolve, "control:pseudonym:reveal"),
    ("POST", "/trail/gap"): (_gap, "control:trail:restore"),
    ("POST", "/holds"): (_hold, "control:hold:create"),
    ("POST", "/holds/{identity}/release"): (
        _release,
        "control:proposal:create",
    ),  # a second person releases
    ("POST", "/reviews/{request}/decide"): (_flagged, "control:review:decide"),
    ("POST", "/incidents"): (lambda desk: desk.incident(), "control:incident:open"),
    ("POST", "/incidents/{identity}/reveal"): (
        lambda d: _of_incident(d, "reveal", REASON),
        "control:incident:reveal",
    ),
    ("POST", "/incidents/{identity}/judge"): (
        lambda d: _of_incident(d, "judge", {"rules": ["gdpr-33"], "reasons": "a risk"}),
        "control:incident:judge",
    ),
    ("POST", "/incidents/{identity}/contain"): (
        lambda d: _of_incident(d, "contain", {"keys": ["two"], **REASON, "wait": False}),
        "control:incident:contain",
    ),
    ("POST", "/incidents/{identity}/follow-ups"): (
        lambda d: _of_incident(d, "follow-ups", {"text": "add a rule"}),
        "control:incident:follow",
    ),
    ("POST", "/incidents/{identity}/follow-ups/{number}/done"): (
        _followed,
        "control:incident:followed",
    ),
    ("POST", "/incidents/{identity}/draft"): (_draft, "control:incident:reveal"),
    ("POST", "/incidents/{identity}/report"): (_report_incident, "control:incident:report"),
    ("PUT", "/deadlines/{identity}"): (_deadline, "control:deadline:set"),
    ("POST", "/deadlines/{identity}/reset"): (_reset_deadline, "control:deadline:reset"),
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
    ("POST", "/complaints/{identity}/messages"): (
        lambda d: _of_complaint(d, "messages", {"text": "Dear Jan", "direction": "sent"}),
        "control:case:message",
    ),
    ("POST", "/complaints/{identity}/extend"): (_extend_complaint, "control:complaint:extend"),
    ("POST", "/person-requests"): (lambda d: d.requested(), f"{_REQUEST}open"),
    ("POST", "/person-requests/{identity}/reveal"): (
        lambda d: _of_request(d, "reveal", REASON),
        f"{_REQUEST}reveal",
    ),
    ("POST", "/person-requests/{identity}/identify"): (
        lambda d: _of_request(d, "identify", {"how": "a passport"}),
        f"{_REQUEST}identify",
    ),
    ("POST", "/person-requests/{identity}/extend"): (
        lambda d: _of_request(d, "extend", REASON),
        f"{_REQUEST}extend",
    ),
    ("POST", "/person-requests/{identity}/messages"): (
        lambda d: _of_request(d, "messages", {"text": "Dear Jan", "direction": "sent"}),
        "control:case:message",
    ),
    ("POST", "/person-requests/{identity}/decide"): (
        lambda d: _of_request(d, "decide", {"outcome": "granted", "reasons": "as asked"}),
        f"{_REQUEST}decide",
    ),
    ("POST", "/cases/search"): (post("/cases/search", PERSON), "control:case:search"),
    ("POST", "/reports"): (
        post("/reports", {"kind": "activity", **PERIOD, "format": "csv"}),
        "control:report:make",
    ),
    ("POST", "/reports/{identity}/check"): (_check_report, "control:report:check"),
    ("POST", "/notices/{name}/test"): (post("/notices/desk/test"), "control:notice:test"),
    ("POST", "/usage/rebuild"): (post("/usage/rebuild", {}), "control:usage:rebuild"),
}


async def test_every_route_that_changes_or_tells_something_is_in_the_table(desk: Desk) -> None:
    document = control_app(desk.plane).openapi()
    routes = {
        (method.upper(), path.removeprefix("/admin/v1"))
        for path, methods in document["paths"].items()
        for method in methods
        if method != "get"
    }
    assert routes == set(ROUTES) | LOOK_ONLY


async def test_every_route_declares_its_response(desk: Desk) -> None:
    document = control_app(desk.plane).openapi()
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


def _document(app: FastAPI) -> dict[str, Any]:
    """The document of the API: it takes a second to make."""
    if not _DOCUMENTS:
        _DOCUMENTS.append(app.openapi())
    return _DOCUMENTS[0]


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
async def test_it_leaves_its_entry_and_widens_nothing_by_one_person(
    desk: Desk, route: tuple[str, str]
) -> None:
    do, event = ROUTES[route]
    await desk.ask("GET", "/me")
    await desk.ask("GET", "/me", who=1)  # their sign-ins are on record now
    before = len(await desk.events())
    await do(desk)
    assert (await desk.events())[before:].count(event) >= 1
    assert await desk.fields() <= OPERATIONAL | set(WITHHELD)
    calls = [one for one in desk.calls if one.is_of(*route)]
    if calls:
        app = control_app(desk.plane)
        person = LonePerson(desk.plane, app, desk.keys[0], "owner of one")
        assert await person.tries(calls[-1], route[1], _document(app))
