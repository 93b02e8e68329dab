"""Refusal by default: every route of both planes, with every role and every other credential.

The tables of ``tests/support/access_matrix.py`` say what a route needs. A route that is not in them
fails here, and so does one that asks for less than they say.
"""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
import pytest_asyncio
from fastapi import FastAPI

from gateway.api.app import DataPlane
from gateway.core.system.secrets import create, load_for_gateway
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import parse
from gateway.governance.changes.edits import WAITING
from gateway.governance.proposals.change_control import KIND as CHANGE
from gateway.governance.proposals.service import Draft
from gateway.governance.stops.schemas import Stoppable
from tests.support.access_matrix import (
    ADMIN,
    ANYBODY,
    AUDIT_ID,
    DATA_PUBLIC,
    DATA_ROUTES,
    NEEDS,
    PUBLIC,
    SAMPLE,
    SCIM,
    Answer,
    Route,
    approvers,
    asked,
    data_routes_of,
    filled,
    gateway_of,
    keys_of,
    permissions_by_role,
    routes_of,
)
from tests.support.issuer import AUDIENCE, TestIssuer
from tests.support.office import CONFIG, Office
from tests.support.persons import ALICE, BOB, applied, secret_of
from tests.support.postgres import fresh_database
from tests.support.schema import TEMPLATE, migrate

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]
HELD = permissions_by_role()
ROLES = sorted(HELD)
DECIDERS = [role for role in ROLES if "proposals:read" in HELD[role]]  # others never come so far
AUTHOR = Actor("k_author", "author", frozenset(ROLES), "sign-on", person="author")
PROPOSALS = f"{ADMIN}/proposals"
WHY = {"reason": "complaint number 12"}
CASE = {"owner": "team", "legal_basis": "contract", "risk": "minimal"}
TERM = {"kind": "deny", "text": "Kraanvogel"}
INCIDENT = {"kind": "other", "description": "wrong", "aware": 0, "requests": [AUDIT_ID]}
COMPLAINT = {"receipt": AUDIT_ID, "text": "This is wrong.", "language": "en"}
GROUPS = ["officers", "approvers", "admins"]
# What is no sign-in at all: 401 everywhere, whatever roles stand behind it.
INVALID = (
    "nobody",
    "basic",
    "x-api-key",
    "unknown-key",
    "unknown-token",
    "expired-token",
    "leaver",
    "worker",
    "app",
    "revoked_admin",
    "stopped_admin",
    "leavers_admin",
    "elsewhere_admin",
)
# Good credentials of persons without any role: 403 wherever a permission is needed.
POWERLESS = ("visitor", "person", "roleless_admin")
WHOLE = {"nobody", "roleless_admin", "scim_client"}  # who tries every method of SCIM
# The data plane serves applications, and persons with rights. Its own mappings name no visitor.
WITHOUT_RIGHTS = (
    "nobody",
    "basic",
    "unknown-key",
    "unknown-token",
    "expired-token",
    "leaver",
    "visitor",
    "worker",
    "operator",
    *(
        f"{state}_{kind}"
        for state in ("revoked", "stopped", "leavers", "elsewhere")
        for kind in ("app", "admin")
    ),
)
# It ends the sign-on that asks: test_logout.py has who may.
OWN_SIGN_OUT = ("POST", f"{ADMIN}/me/sign-out")
BODIES = {"none": b"", "a list": b"[]", "half of JSON": b"{", "too deep": b"[" * 9999}
AROUND = (
    f"{ADMIN}/keys/",
    f"{ADMIN}//keys",
    f"{ADMIN}/nowhere",
    f"/{ADMIN}/keys",
    f"/.{ADMIN}/keys",
    f"/x/..{ADMIN}/keys",
    "/Admin/v1/keys",
    "/scim/v2/nowhere",
    f"/{SCIM}/Users",
)


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


@dataclass
class Premises:
    """Both planes over one database, and the headers of callers of every kind."""

    office: Office
    callers: dict[str, dict[str, str]]
    embedded: bool
    gateway: DataPlane = field(init=False)

    @property
    def control(self) -> FastAPI:
        return self.office.app()

    async def ask(self, who: str, route: Route, body: bytes = b"{}") -> Answer:
        """One request to the control plane."""
        return await asked(self.control, route, self.callers[who], body)

    async def ask_all(self, who: str) -> dict[Route, Answer]:
        """The answers of all routes that need a sign-in, about what does not exist."""
        routes = NEEDS if who in WHOLE else SAMPLE
        return {
            route: await self.ask(who, (route[0], filled(route[1])))
            for route in routes
            if route != OWN_SIGN_OUT
        }

    async def proposal(self, *powers: str) -> str:
        """A proposal that needs these powers."""
        draft = Draft(CHANGE, "a change", "[]", {}, powers=powers)
        return await self.office.plane.proposals.create(draft, AUTHOR, comment="")

    async def objects(self) -> dict[str, str]:
        """What exists: a name or an id by the beginning of its path, the longest first."""
        await self._made("PUT", "/use-cases/real", CASE)
        await self._made("PUT", "/teams/real", {})
        review = int(time.time() * 1000) + 86_400_000
        user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "els"}
        return {
            f"{ADMIN}/audit/entries": "1",
            f"{ADMIN}/audit/": AUDIT_ID,
            f"{ADMIN}/keys": "auditor",
            f"{ADMIN}/persons/": "dirk@example.nl",
            f"{ADMIN}/use-cases": "real",
            f"{ADMIN}/{{what}}": "real",
            f"{ADMIN}/teams": "real",
            f"{ADMIN}/proposals": await self.proposal("persons"),
            f"{ADMIN}/terms": await self._made("POST", "/terms", {"add": [TERM], **WHY}),
            f"{ADMIN}/holds": await self._made(
                "POST", "/holds", {"review": review, "use_case": "real", **WHY}
            ),
            f"{ADMIN}/incidents": await self._made("POST", "/incidents", INCIDENT),
            f"{ADMIN}/complaints": await self._made("POST", "/complaints", COMPLAINT, under=""),
            f"{SCIM}/Users": await self._made("POST", "/Users", user, under=SCIM),
        }

    async def _made(self, method: str, path: str, body: Any, *, under: str = ADMIN) -> str:
        """Makes something; gives its id, if it has one."""
        answer = await self.ask("full_admin", (method, under + path), orjson.dumps(body))
        assert answer.status in {200, 201, 202}, answer
        made = orjson.loads(answer.text)
        if answer.status == WAITING:
            decide = self.office.plane.proposals.decide
            await decide(made["proposal"], BOB, approve=True, comment="agreed")
        return str(made.get("id"))


async def _let_in(office: Office, worker_token: str) -> dict[str, dict[str, str]]:
    """Gives the headers of all callers, by name; those of keys are the names of the keys."""
    plane, secrets = office.plane, office.secrets
    file = CONFIG.format(issuer=office.issuer.url, audience=AUDIENCE) + keys_of(ROLES)
    await applied(plane, parse(file, source="sluis.yaml"))
    leaver = await office.meet("dirk", *GROUPS)
    names = [key.name for key in await plane.keys.list()]
    for kind in ("admin", "app"):
        await plane.keys.revoke(f"revoked_{kind}", ALICE)
        await plane.stops.stop(Stoppable.KEY, f"stopped_{kind}", ALICE, reason="it is lost")
    await plane.leaving.persons.deactivate("dirk@example.nl", ALICE, reason="left")
    await plane.snapshots.publish()
    expired = office.issuer.token("els", groups=GROUPS, exp=int(time.time()) - 600)
    full = secret_of("env:full_admin")
    return {name: bearer(secret_of(f"env:{name}")) for name in names} | {
        "nobody": {},
        "basic": {"authorization": f"Basic {full}"},
        "x-api-key": {"x-api-key": full},
        "app_in_x_api_key": {"x-api-key": secret_of("env:app")},
        "unknown-key": bearer("sluis_00000000_unknown-unknown-unknown"),
        "unknown-token": bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."),
        "expired-token": bearer(expired),
        "visitor": bearer(office.person("els", "visitors")),
        "leaver": bearer(leaver),
        "worker": bearer(worker_token),
        "operator": bearer(secrets.operator_token),
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgres"])
async def premises(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, issuer: TestIssuer
) -> AsyncIterator[Premises]:
    folder = tmp_path_factory.mktemp("premises")
    async with AsyncExitStack() as stack:
        url = None
        if request.param == "postgres":
            server = request.getfixturevalue("postgres")
            url = stack.enter_context(fresh_database(server, TEMPLATE))
        database, data_dir = url or f"sqlite:///{folder / 'governance.db'}", None if url else folder
        office = Office(database, create(folder / "secrets"), data_dir, issuer)
        stack.push_async_callback(office.close)
        await migrate(office.plane.database)
        await office.open()
        worker_token = load_for_gateway(folder / "secrets").worker_token
        made = Premises(office, await _let_in(office, worker_token), embedded=url is None)
        made.gateway = await gateway_of(office, stack, folder, url)
        yield made


async def test_every_route_is_in_a_table(premises: Premises) -> None:
    assert routes_of(premises.control) == NEEDS.keys() | PUBLIC.keys()
    assert data_routes_of(premises.gateway) == DATA_ROUTES | DATA_PUBLIC.keys()


async def test_each_permission_is_of_a_role_and_of_a_route() -> None:
    of_roles = {one for held in HELD.values() for one in held}
    needed = set(NEEDS.values()) - {ANYBODY}
    assert needed <= of_roles
    assert {one for one in of_roles - needed if not one.endswith(":approve")} == set()


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_has_its_routes_and_no_others(premises: Premises, role: str) -> None:
    """403 that names the permission, before a look at the body or at what the path names."""
    wrong = {}
    for route, answer in (await premises.ask_all(role)).items():
        permission = NEEDS[route]
        if permission in {ANYBODY, *HELD[role]}:
            good = answer.status not in {401, 403, 500}
        else:
            good = answer.status == 403 and f"'{permission}'" in answer.text
        if not good:
            wrong[route] = answer
    assert not wrong


@pytest.mark.parametrize("who", INVALID)
async def test_what_is_no_sign_in_opens_nothing(premises: Premises, who: str) -> None:
    answers = await premises.ask_all(who)
    assert {route: answer for route, answer in answers.items() if answer.status != 401} == {}


@pytest.mark.parametrize("who", POWERLESS)
async def test_whoever_has_no_role_may_do_nothing(premises: Premises, who: str) -> None:
    answers = await premises.ask_all(who)
    wanted = {route: 403 if NEEDS[route] else 200 for route in answers}
    assert {route: answer.status for route, answer in answers.items()} == wanted


@pytest.mark.parametrize("route", PUBLIC, ids=" ".join)
async def test_what_is_public_needs_nobody(premises: Premises, route: Route) -> None:
    """Those are all: any other route refuses "nobody" above."""
    _, status = PUBLIC[route]
    assert (await premises.ask("nobody", (route[0], filled(route[1])))).status == status


@pytest.mark.parametrize("path", AROUND)
async def test_no_spelling_of_a_path_leads_around_the_sign_in(
    premises: Premises, path: str
) -> None:
    for method in ("GET", "POST", "HEAD", "OPTIONS", "TRACE"):
        assert (await premises.ask("nobody", (method, path))).status in {401, 404}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_the_permission_comes_before_the_body(premises: Premises, body: bytes) -> None:
    wrong = {}
    for method, path in SAMPLE:
        if method in {"POST", "PUT", "PATCH"} and (method, path) != OWN_SIGN_OUT:
            answer = await premises.ask("roleless_admin", (method, filled(path)), body)
            if answer.status != 403:
                wrong[method, path] = answer
    assert not wrong


async def test_the_permission_comes_before_the_object(premises: Premises) -> None:
    """Whoever may not ask learns nothing about which objects there are."""
    wrong = {}
    known = await premises.objects()
    for method, path in NEEDS:
        prefix = next((one for one in known if path.startswith(one)), None)
        if prefix is None or "{" not in path:
            continue
        real = method, filled(path, known[prefix])
        refused = await premises.ask("roleless_admin", real)
        if refused != await premises.ask("roleless_admin", (method, filled(path))):
            wrong[method, path] = refused
        if method == "GET" and (found := await premises.ask("full_admin", real)).status != 200:
            wrong[method, path] = found
    assert not wrong


async def test_only_holders_of_a_power_approve(premises: Premises) -> None:
    wrong = {}
    for power, holders in approvers().items():
        path = f"{PROPOSALS}/{await premises.proposal(power)}"
        for role in DECIDERS:
            if role not in holders:
                answer = await premises.ask(role, ("POST", f"{path}/approve"))
                if answer.status != 403 or f"'{power}:approve'" not in answer.text:
                    wrong[power, role] = answer
        left = await premises.ask("auditor", ("GET", path))
        if '"state":"pending"' not in left.text:
            wrong[power, "anybody"] = left
    assert not wrong


@pytest.mark.parametrize("role", DECIDERS)
async def test_a_decision_needs_every_power_of_the_proposal(premises: Premises, role: str) -> None:
    own = [power for power, holders in approvers().items() if role in holders]
    path = f"{PROPOSALS}/{await premises.proposal(*approvers())}"  # no role has them all
    for how in ("approve", "reject"):
        assert (await premises.ask(role, ("POST", f"{path}/{how}"))).status == 403
    if own:
        path = f"{PROPOSALS}/{await premises.proposal(*own)}/reject"
        assert (await premises.ask(role, ("POST", path))).status == 200


@pytest.mark.parametrize("premises", ["postgres"], indirect=True)  # embedded, it may be alone
async def test_the_operator_of_the_machine_approves_nothing(premises: Premises) -> None:
    for power in approvers():
        path = f"{PROPOSALS}/{await premises.proposal(power)}/approve"
        assert (await premises.ask("operator", ("POST", path))).status == 403, power


async def _statuses(premises: Premises, who: str) -> set[int]:
    """The statuses of all routes of the data plane, by each way to write their paths."""
    return {
        (await asked(premises.gateway, (method, path), premises.callers[who])).status
        for method, full in DATA_ROUTES
        for path in (
            full,
            full.removeprefix("/v1"),
            f"{full}/",
            full.replace("models/", "models/gpt"),
        )
    }


@pytest.mark.parametrize("who", WITHOUT_RIGHTS)
async def test_the_data_plane_refuses_whoever_has_no_rights(premises: Premises, who: str) -> None:
    assert await _statuses(premises, who) <= {401, 403}


@pytest.mark.parametrize("who", ["app", "app_in_x_api_key", "person"])
async def test_the_data_plane_lets_in_whoever_has_rights(premises: Premises, who: str) -> None:
    assert await _statuses(premises, who) == {200, 400, 404}  # 404 of a model


@pytest.mark.parametrize("who", ["full_admin", "roleless_admin", "scim_client"])
async def test_the_data_plane_refuses_keys_of_administrators(premises: Premises, who: str) -> None:
    assert await _statuses(premises, who) <= {401, 403}


async def test_the_data_plane_shows_what_is_listed_to_nobody(premises: Premises) -> None:
    answers = {one: (await asked(premises.gateway, one, {})).status for one in DATA_PUBLIC}
    assert set(answers.values()) == {200}
