"""``/admin/v1/audit``: search, one request's story, reveal, export."""

import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from pydantic import Field
from starlette.background import BackgroundTask

from gateway.core.errors import Unavailable
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.audit.exports import ExportRequest, PendingExport
from gateway.governance.audit.receipts import Receipts
from gateway.governance.audit.search import Search
from gateway.governance.http.schemas import Body, Document, ReasonBody
from gateway.governance.plane import ControlPlane


class ExportBody(Body):
    """A period in epoch milliseconds; ``until`` is exclusive. A full package needs a reason.

    ``where`` opens only entries with one of the given values in each of the given fields.
    """

    since: int
    until: int
    formats: list[str] = Field(default=["jsonl", "csv"])
    profile: DisclosureProfile = DisclosureProfile.PSEUDONYMISED
    reason: str = Field(default="", max_length=500)
    where: dict[str, list[str]] = Field(default_factory=dict)


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter(prefix="/audit")
    read = Depends(allowed(plane, "audit:read"))
    reveal_ = Depends(allowed(plane, "audit:reveal"))
    export_ = Depends(allowed(plane, "audit:export"))
    finder = Search(plane.trail)
    receipts = Receipts(plane.database, plane.trail)

    @routes.get("", dependencies=[read])
    async def search(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: str | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> Document:
        paging = {"limit", "before", "since", "until"}
        filters = {k: v for k, v in request.query_params.items() if k not in paging}
        page = await finder.page(filters, limit=limit, before=before, since=since, until=until)
        return {"entries": page.rows, "before": page.before}

    @routes.get("/checkpoint", dependencies=[read])
    async def checkpoint() -> Response:
        """The newest signed head of the log, for whoever keeps it elsewhere."""
        newest = await plane.trail.log.latest()
        if newest is None:
            raise Unavailable("Nothing was signed yet; try again in a second.", retry_after=1)
        return PlainTextResponse(newest.note, media_type="text/plain; charset=utf-8")

    @routes.get("/{audit_id}", dependencies=[read])
    async def story(audit_id: str) -> Document:
        return {"entries": await plane.trail.story(audit_id)}

    @routes.get("/{audit_id}/receipt", dependencies=[read])
    async def receipt(audit_id: str) -> Document:
        """What proves that the entries of a request are in the log: leaves, places, audit paths."""
        return dict(msgspec.to_builtins(await receipts.of(audit_id)))

    @routes.post("/{audit_id}/reveal")
    async def reveal(audit_id: str, body: ReasonBody, actor: Annotated[Actor, reveal_]) -> Document:
        return {"payloads": await plane.trail.reveal(audit_id, actor, reason=body.reason)}

    @routes.post("/exports")
    async def export(body: ExportBody, actor: Annotated[Actor, export_]) -> Response:
        return await _package(plane, body, actor)

    return routes


async def _package(plane: ControlPlane, body: ExportBody, actor: Actor) -> Response:
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / f"sluis-audit-{body.since}-{body.until}.zip"
    try:
        done = await plane.exports.make(path, actor, ExportRequest(**body.model_dump()))
    except BaseException:
        folder.cleanup()
        raise
    if isinstance(done, PendingExport):
        folder.cleanup()
        return JSONResponse(done.document(plane.permissions), status_code=202)
    headers = {
        "x-sluis-entries": str(done.entries),
        "x-sluis-selected": str(done.selected),
        "x-sluis-logs": str(done.logs),
        "x-sluis-root": done.root,
    }
    return FileResponse(
        path,
        media_type="application/zip",
        filename=path.name,
        headers=headers,
        background=BackgroundTask(folder.cleanup),
    )
