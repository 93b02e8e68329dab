"""``/admin/v1``: the control plane over HTTP. Every route names the permission that it needs."""

import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.core.errors import ConfigError, InvalidRequest, Refusal
from gateway.core.level import Level
from gateway.core.refusal_http import body_of, status_of, waiting_of
from gateway.decisions import BundleError
from gateway.evidence.export import TrailDamaged
from gateway.governance.actor import Actor
from gateway.governance.config_file import parse
from gateway.governance.keys import NewKey
from gateway.governance.plane import ControlPlane
from gateway.governance.policies import check, run_tests, try_text
from gateway.governance.sign_in import actor_of
from gateway.privacy import Scope, Vault, spans_of

_WEEK_MS = 7 * 86_400_000
Document = dict[str, Any]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class KeyBody(_Body):
    """A key to be issued."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")
    kind: str = Field(default="app", pattern="^(app|person|admin)$")
    team: str | None = None
    models: list[str] = []
    purposes: list[str] = []
    roles: list[str] = []
    clearance: str = "confidential"
    floor: str = "internal"
    strict: bool = False
    days: int = 90


class ModelBody(_Body):
    """A version to be registered, by directories on the control plane's machine."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    base: str
    adapter: str | None = None
    clearance: str = "restricted"


class ReasonBody(_Body):
    """Why."""

    reason: str = Field(min_length=3, max_length=500)


class TagBody(_Body):
    """Which tag to move."""

    tag: str = Field(default="production", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


class TryBody(_Body):
    """A text for the try-it box, with the clearance and floor of an imagined key."""

    text: str = Field(max_length=100_000)
    clearance: str = "restricted"
    floor: str = "internal"


class BundleBody(_Body):
    """Files of a bundle; those that are left out stay as they are."""

    files: dict[str, str]
    comment: str = ""


class CommentBody(_Body):
    """A remark with a decision."""

    comment: str = ""


class ExportBody(_Body):
    """A period in epoch milliseconds; ``until`` is exclusive."""

    since: int
    until: int
    formats: list[str] = ["jsonl", "csv"]


class ApplyBody(_Body):
    """The text of a sluis.yaml."""

    text: str


def create_app(plane: ControlPlane, *, resolve: Callable[[str], str | None]) -> FastAPI:
    """The application; ``resolve`` gives values of ``env:NAME`` for applied files."""
    app = FastAPI(title="Sluis control plane", version="1", docs_url=None, redoc_url=None)
    app.state.plane = plane
    app.include_router(_operations(plane))
    for router in (
        _me(plane), _keys(plane), _catalogue(plane, resolve), _models(plane), _policies(plane),
        _proposals(plane), _audit(plane),
    ):  # fmt: skip
        app.include_router(router, prefix="/admin/v1")
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(TrailDamaged, _damaged)
    return app


def _allowed(plane: ControlPlane, permission: str) -> Callable[[Request], Awaitable[Actor]]:
    """A dependency: the actor, once the permission is his or hers."""

    async def actor(request: Request) -> Actor:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        found = await actor_of(plane, credential.strip() if scheme.lower() == "bearer" else None)
        if permission:
            plane.permissions.require(found, permission)
        return found

    return actor


def _operations(plane: ControlPlane) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> Document:
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz() -> Document:
        async with plane.database.read() as connection:
            await plane.catalogue.load(connection)
        return {"status": "ready"}

    return router


def _me(plane: ControlPlane) -> APIRouter:
    router = APIRouter()
    anyone = Depends(_allowed(plane, ""))
    overview = Depends(_allowed(plane, "overview:read"))

    @router.get("/me")
    async def me(actor: Annotated[Actor, anyone]) -> Document:
        return {
            "id": actor.id,
            "name": actor.name,
            "roles": sorted(actor.roles),
            "permissions": sorted(plane.permissions.of(actor)),
        }

    @router.get("/overview", dependencies=[overview])
    async def show(since: int | None = None) -> Document:
        moment = since if since is not None else int(time.time() * 1000) - _WEEK_MS
        return {"since": moment, **await plane.trail.overview(moment)}

    return router


def _keys(plane: ControlPlane) -> APIRouter:
    router = APIRouter(prefix="/keys")
    read, write = Depends(_allowed(plane, "keys:read")), Depends(_allowed(plane, "keys:write"))

    @router.get("", dependencies=[read])
    async def show() -> Document:
        hidden = {"digest"}
        return {
            "keys": [
                {
                    **{
                        field: getattr(stored.key, field)
                        for field in stored.key.__struct_fields__
                        if field not in hidden
                    },
                    "source": stored.source,
                    "created": stored.created,
                    "revoked": stored.revoked,
                }
                for stored in await plane.keys.all()
            ]
        }

    @router.post("", status_code=201)
    async def create(body: KeyBody, actor: Annotated[Actor, write]) -> Document:
        key, secret = await plane.keys.create(NewKey(**body.model_dump()), actor)
        await plane.snapshots.publish()
        return {"id": key.id, "name": key.name, "secret": secret, "expires": key.expires}

    @router.post("/{reference}/revoke")
    async def revoke(reference: str, actor: Annotated[Actor, write]) -> Document:
        revoked = await plane.keys.revoke(reference, actor)
        await plane.snapshots.publish()
        return {"revoked": revoked}

    return router


def _catalogue(plane: ControlPlane, resolve: Callable[[str], str | None]) -> APIRouter:
    router = APIRouter()
    read = Depends(_allowed(plane, "catalogue:read"))
    write = Depends(_allowed(plane, "catalogue:write"))

    @router.get("/catalogue", dependencies=[read])
    async def show() -> Document:
        async with plane.database.read() as connection:
            found = await plane.catalogue.load(connection)
        return {kind: [orjson.loads(item) for item in items] for kind, items in found.items()}

    @router.post("/apply")
    async def apply(body: ApplyBody, actor: Annotated[Actor, write]) -> Document:
        try:
            config = parse(body.text, source="sluis.yaml")
            applied = await plane.catalogue.apply(config, actor, resolve=resolve)
        except ConfigError as error:
            raise InvalidRequest(str(error)) from error
        await plane.snapshots.refresh_issuers()
        await plane.snapshots.publish()
        return {"applied": applied.counts, "warnings": applied.warnings}

    return router


def _models(plane: ControlPlane) -> APIRouter:
    router = APIRouter(prefix="/models")
    read = Depends(_allowed(plane, "models:read"))
    register_ = Depends(_allowed(plane, "models:register"))
    approve_ = Depends(_allowed(plane, "models:approve"))
    tag_ = Depends(_allowed(plane, "models:tag"))
    quarantine_ = Depends(_allowed(plane, "models:quarantine"))

    @router.get("", dependencies=[read])
    async def show() -> Document:
        return {"models": [version.document() for version in await plane.models.all()]}

    @router.post("", status_code=201)
    async def register(body: ModelBody, actor: Annotated[Actor, register_]) -> Document:
        digest = await plane.models.register(
            body.name, body.version, actor, base=Path(body.base),
            adapter=Path(body.adapter) if body.adapter else None, clearance=body.clearance,
        )  # fmt: skip
        return {"digest": digest, "state": "draft"}

    @router.post("/{name}/{version}/approve")
    async def approve(name: str, version: str, actor: Annotated[Actor, approve_]) -> Document:
        await plane.models.approve(name, version, actor)
        await plane.snapshots.publish()
        return {"state": "approved"}

    @router.post("/{name}/{version}/quarantine")
    async def quarantine(
        name: str, version: str, body: ReasonBody, actor: Annotated[Actor, quarantine_]
    ) -> Document:
        await plane.models.quarantine(name, version, actor, reason=body.reason)
        await plane.snapshots.publish()
        return {"state": "quarantined"}

    @router.post("/{name}/{version}/promote")
    async def promote(
        name: str, version: str, body: TagBody, actor: Annotated[Actor, tag_]
    ) -> Document:
        await plane.models.promote(name, version, actor, tag=body.tag)
        await plane.snapshots.publish()
        return {"tag": body.tag, "version": version}

    @router.post("/{name}/rollback")
    async def rollback(name: str, body: TagBody, actor: Annotated[Actor, tag_]) -> Document:
        version = await plane.models.rollback(name, actor, tag=body.tag)
        await plane.snapshots.publish()
        return {"tag": body.tag, "version": version}

    return router


def _policies(plane: ControlPlane) -> APIRouter:
    router = APIRouter(prefix="/policies")
    read = Depends(_allowed(plane, "policies:read"))
    may_try = Depends(_allowed(plane, "policies:try"))
    propose_ = Depends(_allowed(plane, "policies:propose"))

    @router.get("", dependencies=[read])
    async def show() -> Document:
        files = await plane.policies.active()
        return {
            "digest": check(files).digest,
            "files": files,
            "history": await plane.policies.history(),
        }

    @router.post("/try")
    async def try_it(body: TryBody, actor: Annotated[Actor, may_try]) -> Document:
        policy = check(await plane.policies.active())
        vault = Vault(plane.secrets.placeholder, Scope("try-it", actor.id, actor.id, ""))
        try:
            clearance, floor = Level.parse(body.clearance), Level.parse(body.floor)
        except ValueError as error:
            raise InvalidRequest(str(error)) from error
        findings = await plane.reader.findings(body.text)
        redacted = vault.redact(body.text, spans_of(body.text, findings))
        return try_text(policy, body.text, findings, redacted, clearance=clearance, floor=floor)

    @router.post("/check", dependencies=[may_try])
    async def check_bundle(body: BundleBody) -> Document:
        files = {**await plane.policies.active(), **body.files}
        try:
            results = run_tests(files)
        except BundleError as error:
            return {"ok": False, "error": str(error), "tests": []}
        tests = [asdict(result) for result in results]
        return {"ok": all(result.passed for result in results), "error": None, "tests": tests}

    @router.post("/proposals", status_code=201)
    async def propose(body: BundleBody, actor: Annotated[Actor, propose_]) -> Document:
        files = {**await plane.policies.active(), **body.files}
        identity = await plane.proposals.propose_bundle(files, actor, comment=body.comment)
        return {"id": identity, "state": "pending"}

    return router


def _proposals(plane: ControlPlane) -> APIRouter:
    router = APIRouter(prefix="/proposals")
    read = Depends(_allowed(plane, "proposals:read"))
    decide_ = Depends(_allowed(plane, "policies:approve"))

    @router.get("", dependencies=[read])
    async def show() -> Document:
        return {"proposals": await plane.proposals.all()}

    @router.get("/{identity}", dependencies=[read])
    async def one(identity: str) -> Document:
        return await plane.proposals.show(identity)

    @router.post("/{identity}/approve")
    async def approve(
        identity: str, body: CommentBody, actor: Annotated[Actor, decide_]
    ) -> Document:
        await plane.proposals.decide(identity, actor, approve=True, comment=body.comment)
        await plane.snapshots.publish()
        return {"state": "approved"}

    @router.post("/{identity}/reject")
    async def reject(
        identity: str, body: CommentBody, actor: Annotated[Actor, decide_]
    ) -> Document:
        await plane.proposals.decide(identity, actor, approve=False, comment=body.comment)
        return {"state": "rejected"}

    return router


def _audit(plane: ControlPlane) -> APIRouter:
    router = APIRouter(prefix="/audit")
    read = Depends(_allowed(plane, "audit:read"))
    reveal_ = Depends(_allowed(plane, "audit:reveal"))
    export_ = Depends(_allowed(plane, "audit:export"))

    @router.get("", dependencies=[read])
    async def search(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: int | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> Document:
        paging = {"limit", "before", "since", "until"}
        filters = {k: v for k, v in request.query_params.items() if k not in paging}
        page = await plane.trail.search(
            limit=limit, before=before, since=since, until=until, **filters
        )
        return {"entries": page.rows, "before": page.before}

    @router.get("/{audit_id}", dependencies=[read])
    async def story(audit_id: str) -> Document:
        return {"entries": await plane.trail.story(audit_id)}

    @router.post("/{audit_id}/reveal")
    async def reveal(audit_id: str, body: ReasonBody, actor: Annotated[Actor, reveal_]) -> Document:
        return {"payloads": await plane.trail.reveal(audit_id, actor, reason=body.reason)}

    @router.post("/exports")
    async def export(body: ExportBody, actor: Annotated[Actor, export_]) -> Response:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"sluis-audit-{body.since}-{body.until}.zip"
            done = await plane.trail.export(
                path, actor, since=body.since, until=body.until, formats=body.formats
            )
            data = path.read_bytes()
        headers = {
            "content-disposition": f'attachment; filename="{path.name}"',
            "x-sluis-entries": str(done.entries),
        }
        return Response(data, media_type="application/zip", headers=headers)

    return router


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return JSONResponse(body_of(error), status_code=status_of(error), headers=waiting_of(error))


async def _invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = ".".join(str(step) for step in first["loc"][1:])
    refusal = InvalidRequest(f"{where}: {first['msg']}", param=where)
    return JSONResponse(body_of(refusal), status_code=400)


async def _damaged(_: Request, error: Exception) -> Response:
    refusal = Refusal(f"The trail is damaged and was not signed: {error}", code="trail_damaged")
    return JSONResponse(body_of(refusal), status_code=409)
