"""What every route of both planes needs, written by hand: the code does not vouch for itself.

And both planes in this process, so that thousands of requests take seconds.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from gateway.api.app import MAX_BODY, DataPlane
from gateway.api.operations import PATHS
from gateway.compiled.snapshot import compile_snapshot
from gateway.core.system.secrets import load_for_gateway
from gateway.evidence import INTENT, AnswerStore, Entry, Trail
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.postgres_store import PostgresStore
from gateway.evidence.queries import LedgerQueries
from gateway.evidence.value_reader import LedgerValues
from gateway.governance.scim.app import ScimApplication
from gateway.limits import Meter
from gateway.request.conversation_store import ConversationStore
from gateway.request.documents import DocumentExtractor
from gateway.request.idempotency import Idempotency
from gateway.request.pipeline import Pipeline
from gateway.request.refusal_log import RefusalLog
from gateway.request.response_history import ResponseHistory
from gateway.request.scanner import Scanner
from gateway.request.sealed_index import SealedIndex
from gateway.request.services import Services, SnapshotStatus
from gateway.routing import CircuitBreakers
from gateway.telemetry import Telemetry
from tests.support.detector import DETECTOR
from tests.support.office import Office

Route = tuple[str, str]  # method and path
ADMIN, SCIM = "/admin/v1", "/scim/v2"
AUDIT_ID = "a" * 32  # of a request in the trail of the data plane
ANYBODY = ""  # no permission: whoever signs in
_POLICIES = Path(__file__).resolve().parents[2] / "policies"
_SCIM_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Without a credential: why that is meant, and the answer to an empty request.
PUBLIC: dict[Route, tuple[str, int]] = {
    ("GET", "/worker/v1/snapshot"): ("model workers, with the token of workers", 401),
    ("GET", "/healthz"): ("a cluster probes liveness without an account", 200),
    ("GET", "/readyz"): ("a cluster probes readiness without an account", 200),
    ("GET", "/openapi.json"): ("the same in every installation: the shapes, and no data", 200),
    ("HEAD", "/openapi.json"): ("as GET", 200),
    ("GET", "/complaints"): ("the form for whoever has a receipt and no account", 200),
    ("POST", "/complaints"): ("whoever was decided about has a receipt and no account", 400),
    ("POST", "/logout/backchannel/{issuer}"): ("the signed logout token is the credential", 400),
}
# By permission, under ``/admin/v1``.
_ROUTES: dict[str, str] = {
    ANYBODY: """
        GET /me
        POST /me/sign-out
        GET /home
    """,
    "use_cases:own": """
        GET /own-approvals
        POST /own-approvals/{identity}/approve
        POST /own-approvals/{identity}/reject
        POST /own-approvals/{identity}/sign-on
        GET /own-use-cases
        GET /own-use-cases/{name}/usage
        PUT /own-use-cases/{name}
        POST /own-use-cases/{name}/stop
    """,  # to the first four also whoever is an owner by a proposal that waits
    "teams:own": """
        GET /own-teams
        GET /own-teams/{name}/usage
        POST /own-teams/{name}/keys
        POST /own-teams/{name}/keys/{reference}/revoke
    """,
    "mandates:read": """
        GET /mandates
        GET /mandates/{name}
    """,
    "mandates:write": """
        PUT /mandates/{name}
        DELETE /mandates/{name}
    """,
    "overview:read": "GET /overview",
    "keys:read": "GET /keys",
    "keys:write": """
        POST /keys
        PATCH /keys/{reference}
        POST /keys/{reference}/rotate
        POST /keys/{reference}/revoke
        POST /keys/{reference}/hand-over
    """,
    "keys:own": """
        GET /own-keys
        POST /own-keys
        POST /own-keys/{reference}/rotate
        POST /own-keys/{reference}/revoke
    """,
    "persons:read": """
        GET /persons
        GET /persons/{reference}
    """,
    "persons:write": """
        POST /persons/sign-out
        POST /persons/{reference}/deactivate
        POST /persons/{reference}/sign-out
        POST /persons/{reference}/reactivate
    """,
    "catalogue:read": """
        GET /catalogue
        GET /notices
        GET /teams
        GET /teams/{name}
        GET /identity/providers
        POST /identity/test
    """,
    "catalogue:write": """
        POST /apply
        POST /notices/{name}/test
        PUT /teams/{name}
        DELETE /teams/{name}
    """,
    "models:read": """
        GET /models
        GET /models/{name}/history
        GET /models/{name}/{version}/card
        GET /models/{name}/{version}/bom
        GET /models/{name}/{version}/evaluations
        GET /evaluations
        GET /evaluations/suites
        GET /evaluations/suites/proposals/{identity}
        GET /evaluations/suites/proposals/{identity}/files
    """,
    "models:register": """
        POST /models
        PUT /models/uploads
        PUT /models/{name}/{version}/card
    """,
    "models:evaluate": """
        POST /models/{name}/{version}/evaluations/run
        POST /models/{name}/{version}/evaluations/override
        POST /evaluations/suites
    """,
    "models:approve": """
        POST /models/{name}/{version}/approve
        POST /models/{name}/{version}/sign-on
    """,
    "models:quarantine": "POST /models/{name}/{version}/quarantine",
    "models:tag": """
        POST /models/{name}/{version}/promote
        POST /models/{name}/rollback
        POST /models/{name}/{version}/deprecate
        POST /models/{name}/{version}/retire
    """,
    "policies:read": """
        GET /policies
        GET /policies/status
        GET /policies/rules
        GET /policies/difference
    """,
    "policies:try": """
        GET /policies/names
        POST /policies/try
        POST /policies/check
        POST /policies/difference
        POST /policies/replay
    """,
    "policies:propose": """
        POST /policies/proposals
        POST /policies/rollback
    """,
    "proposals:read": """
        GET /proposals
        GET /proposals/{identity}
        POST /proposals/{identity}/approve
        POST /proposals/{identity}/comments
        POST /proposals/{identity}/reject
        POST /proposals/{identity}/reviewers
        POST /proposals/{identity}/sign-on
    """,  # the last four also need the powers of the proposal
    "terms:read": """
        GET /terms
        GET /terms/proposals/{identity}
    """,
    "terms:propose": "POST /terms",
    "audit:read": """
        GET /audit
        GET /audit/checkpoint
        GET /audit/entries/{seq}
        GET /audit/{audit_id}
        GET /audit/{audit_id}/receipt
        GET /trail/gap
        GET /saved-views
        POST /saved-views
        DELETE /saved-views/{identity}
    """,
    "audit:reveal": """
        POST /audit/{audit_id}/reveal
        POST /policies/replay/texts
    """,
    "audit:export": "POST /audit/exports",
    "trail:restore": "POST /trail/gap",
    "pseudonyms:resolve": "POST /pseudonyms/resolve",
    "subjects:find": """
        GET /subjects/types
        POST /subjects/find
        POST /cases/search
    """,
    "subjects:export": "POST /subjects/export",
    "subjects:erase": """
        POST /subjects/erase
        POST /subjects/replay
    """,
    "holds:read": "GET /holds",
    "holds:create": "POST /holds",
    "holds:release": "POST /holds/{identity}/release",
    "deadlines:read": """
        GET /deadlines
    """,
    "deadlines:write": """
        PUT /deadlines/{identity}
        POST /deadlines/{identity}/reset
    """,
    "reviews:read": """
        GET /reviews
        GET /reviews/{request}
    """,
    "reviews:decide": "POST /reviews/{request}/decide",
    "incidents:read": """
        GET /incidents
        GET /incidents/{identity}
        GET /incidents/{identity}/used
        GET /incidents/{identity}/containment
    """,
    "incidents:contain": "POST /incidents/{identity}/contain",
    "incidents:handle": """
        POST /incidents
        POST /incidents/{identity}/reveal
        POST /incidents/{identity}/follow-ups
        POST /incidents/{identity}/follow-ups/{number}/done
        POST /incidents/{identity}/draft
        POST /incidents/{identity}/judge
        POST /incidents/{identity}/report
        POST /incidents/{identity}/close
    """,
    "requests:read": """
        GET /person-requests
        GET /person-requests/{identity}
    """,
    "requests:handle": """
        POST /person-requests
        POST /person-requests/{identity}/reveal
        POST /person-requests/{identity}/identify
        POST /person-requests/{identity}/extend
        POST /person-requests/{identity}/messages
        POST /person-requests/{identity}/decide
    """,
    "complaints:read": """
        GET /complaints
        GET /complaints/{identity}
        GET /complaints/{identity}/explanation
    """,
    "complaints:handle": """
        POST /complaints/{identity}/reveal
        POST /complaints/{identity}/decide
        POST /complaints/{identity}/messages
        POST /complaints/{identity}/extend
    """,
    "reports:read": """
        GET /reports
        GET /reports/{identity}
        GET /providers/register
    """,
    "reports:make": """
        POST /reports
        POST /reports/{identity}/check
    """,
    "usage:read": """
        GET /usage
        GET /usage/check
    """,
    "usage:rebuild": "POST /usage/rebuild",
    "stops:read": "GET /stops",
    "stops:write": """
        POST /{what}/{name}/stop
        POST /{what}/{name}/start
    """,
    "break_glass:read": "GET /break-glass",
    "break_glass:end": "POST /break-glass/{identity}/end",
    "break_glass:review": "POST /break-glass/{identity}/review",
    "use_cases:read": """
        GET /use-cases
        GET /use-cases/{name}
    """,
    "use_cases:write": """
        PUT /use-cases/{name}
        DELETE /use-cases/{name}
    """,
}
# Under ``/scim/v2`` each path answers each method itself, with errors of SCIM's own form.
_SCIM_PATHS = (
    "/ServiceProviderConfig",
    "/ResourceTypes",
    "/ResourceTypes/{identity}",
    "/Schemas",
    "/Schemas/{identity}",
    "/.search",
    "/Bulk",
    "/Me",
    "/Users",
    "/Users/{identity}",
    "/Groups",
    "/Groups/{identity}",
    "/{path:path}",
)
DATA_ROUTES: frozenset[Route] = frozenset({
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/responses"),
    ("POST", "/v1/messages"),
    ("POST", "/v1/messages/count_tokens"),
    ("POST", "/v1/embeddings"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/"),  # and what follows it
    ("POST", "/v1/privacy/detect"),
    ("POST", "/v1/moderations"),
})
DATA_PUBLIC: dict[Route, str] = {
    ("GET", "/healthz"): "a cluster probes liveness without an account",
    ("GET", "/readyz"): "a cluster probes readiness without an account",
    ("GET", "/openapi.json"): "the same in every installation: the shapes, and no data",
    ("GET", "/metrics"): "a collector of the cluster reads counts, which name nobody",
}


def _needs() -> Iterator[tuple[Route, str]]:
    for permission, routes in _ROUTES.items():
        for line in routes.strip().splitlines():
            method, path = line.split()
            yield (method, ADMIN + path), permission
    for path in _SCIM_PATHS:
        for method in _SCIM_METHODS:
            yield (method, SCIM + path), "scim:write"


NEEDS: dict[Route, str] = dict(_needs())
# The same with one method for each path of SCIM, which answers all methods by one function.
SAMPLE: dict[Route, str] = {
    route: permission
    for route, permission in NEEDS.items()
    if route[1].startswith(ADMIN)
    or route[0] == _SCIM_METHODS[_SCIM_PATHS.index(route[1].removeprefix(SCIM)) % 5]
}


def routes_of(app: FastAPI) -> set[Route]:
    """All that the control plane answers; a socket or a mount has "?" for its method."""
    endpoints: list[Any] = [getattr(one, "endpoint", None) for one in app.routes]
    application = next(one for one in endpoints if isinstance(one, ScimApplication))
    own = [one for one in app.routes if getattr(one, "endpoint", None) is not application]
    return {
        (method, str(route.path))
        for route in iter_route_contexts([*own, *application.router.routes])
        for method in (route.methods or {"?"})
    }


def data_routes_of(app: DataPlane) -> set[Route]:
    """All that the data plane answers."""
    return {*app._v1._routes, *(("GET", path) for path in PATHS)}


def filled(path: str, value: str = "unknown") -> str:
    """A path with the same value for each of its parameters; ``what`` is a kind that exists."""
    path = path.replace("{what}", "use-cases").replace("{path:path}", "{path}")
    parts = (value if part.startswith("{") else part for part in path.split("/"))
    return "/".join(parts)


def permissions_by_role() -> dict[str, set[str]]:
    """What the files of the release give to each role."""
    found = {role: set(given) for role, given in _file("roles")["roles"].items()}
    for power, roles in approvers().items():
        for role in roles:
            found[role].add(f"{power}:approve")
    return found


def approvers() -> Mapping[str, Iterable[str]]:
    """The roles that may approve each power, by the file of the release."""
    return {power: about["approve"] for power, about in _file("powers")["powers"].items()}


def _file(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((_POLICIES / f"{name}.yaml").read_text(encoding="utf-8")))


def _key(name: str, kind: str, roles: Iterable[str] = (), more: str = "") -> str:
    listed = ", ".join(roles)
    return f'  - {{name: {name}, kind: {kind}, roles: [{listed}], secret: "env:{name}"{more}}}\n'


def keys_of(roles: Sequence[str]) -> str:
    """The keys of sluis.yaml: with each role alone, and with all roles but not in force."""
    lines = [_key(role, "admin", [role], f", owner: of-{role}") for role in roles]
    lines += [
        _key("full_admin", "admin", roles, ", owner: ada"),
        _key("roleless_admin", "admin", (), ", owner: ada"),
        _key("person", "person"),
        _key("app", "app"),
    ]
    for kind, given in (("admin", roles), ("app", ())):
        owner = ", owner: ada"
        lines += [
            _key(f"revoked_{kind}", kind, given, owner),
            _key(f"stopped_{kind}", kind, given, owner),
            _key(f"leavers_{kind}", kind, given, ", owner: dirk@example.nl"),
            _key(f"elsewhere_{kind}", kind, given, owner + ", networks: [192.0.2.0/24]"),
        ]
    return "keys:\n" + "".join(lines)


@dataclass
class Answer:
    """What a plane answered."""

    status: int = 0
    text: str = ""


async def asked(app: Any, route: Route, headers: Mapping[str, str], body: bytes = b"{}") -> Answer:
    """One request to an application in this process, without the cost of a client."""
    method, path = route
    bare, _, query = path.partition("?")
    sent = {"host": "plane", "content-type": "application/json", **headers}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": bare,
        "raw_path": bare.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("plane", 80),
    }
    answer, bodies = Answer(), [b"" if method == "GET" else body]

    async def receive() -> dict[str, Any]:
        if not bodies:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": bodies.pop(), "more_body": False}

    async def send(message: Any) -> None:
        answer.status = message.get("status", answer.status)
        answer.text += message.get("body", b"").decode("utf-8", "replace")

    await app(scope, receive, send)
    return answer


async def gateway_of(
    office: Office, stack: AsyncExitStack, folder: Path, url: str | None
) -> DataPlane:
    """A data plane in this process that has taken the published snapshot."""
    secrets = load_for_gateway(folder / "secrets")
    clock, wall = time.monotonic, time.time
    compiled = compile_snapshot(
        await office.snapshot(),
        pepper=secrets.pepper,
        secret=lambda _: None,
        worker_token=secrets.worker_token,
        formats={},
    )
    file = folder / "audit-gateway.db"
    store = PostgresStore(url) if url else LedgerStore(file)
    trail = Trail(store, kek=secrets.kek, origin="gateway")
    answers = AnswerStore(LedgerQueries(file, thread="answers"), kek=secrets.kek)
    services = Services(
        compiled=lambda: compiled,
        status=lambda: SnapshotStatus(internal_only=False, too_old=False),
        scanner=Scanner(
            DETECTOR, None, key=secrets.placeholder, capacity=1, person_key=lambda *_: None
        ),
        documents=DocumentExtractor(
            lambda *_, **__: None, key=secrets.placeholder, deadline_s=1.0, clock=clock
        ),
        placeholder_key=secrets.placeholder,
        conversations=ConversationStore(
            LedgerValues(file, kek=secrets.kek),  # nothing is read here
            pepper=secrets.pepper,
            person_key=lambda *_: None,
            wall=wall,
        ),
        idempotency=Idempotency(
            answers,
            pepper=secrets.pepper,
            wall=wall,
        ),
        history=ResponseHistory(answers, pepper=secrets.pepper, wall=wall, max_body=MAX_BODY),
        sealed=SealedIndex(secrets.placeholder),
        meter=Meter(clock=clock, wall=wall),
        breakers=CircuitBreakers(clock),
        trail=trail,
        refusal_log=RefusalLog(trail, pepper=secrets.pepper, clock=clock, wall=wall),
        telemetry=Telemetry(None, clock=clock),
        clock=clock,
        wall=wall,
    )
    now = int(wall() * 1000)
    await trail.start(clock_ms=now)
    await trail.record(Entry(INTENT, AUDIT_ID, now, {"zone": "eu"}, subject="k"), b"{}")
    stack.push_async_callback(trail.stop, clock_ms=now)
    stack.push_async_callback(services.refusal_log.stop)
    stack.push_async_callback(compiled.egress.close)
    return DataPlane(Pipeline(services), clock=clock, not_ready=dict, metrics=str)
