"""``/admin/v1/audit``: search, the entries of a request, receipts, reveal, export."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from starlette.background import BackgroundTask

from gateway.core.errors import Unavailable
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.actor import Actor
from gateway.governance.audit.exports import ExportRequest, Exports, PendingExport
from gateway.governance.audit.key_names import KeyNames
from gateway.governance.audit.receipts import Receipts
from gateway.governance.audit.reveals import PendingReveal, Reveals
from gateway.governance.audit.schemas import (
    EntryResponse,
    ExportBody,
    PendingExportResponse,
    PendingRevealResponse,
    ReceiptResponse,
    RequestEntriesResponse,
    RevealBody,
    RevealResponse,
    SearchResponse,
)
from gateway.governance.audit.search import Search
from gateway.governance.audit.service import AuditService
from gateway.governance.http.permissions import Guard
from gateway.governance.journal import LOG as CONTROL_LOG
from gateway.governance.pseudonyms.service import PersonPrivacy
from gateway.storage.database import Database

_PAGING = ("limit", "before", "since", "until")
_EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {}}, "description": "The package."},
    202: {"model": PendingExportResponse, "description": "Another person must approve first."},
}
_REVEALED: dict[int | str, dict[str, Any]] = {
    202: {"model": PendingRevealResponse, "description": "Another person must approve first."},
}
_NOTE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {}}, "description": "The newest signed head of the log."}
}


def router(
    guard: Guard,
    trail: AuditService,
    reveals: Reveals,
    exports: Exports,
    permissions: Permissions,
    database: Database,
    privacy: PersonPrivacy,
) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/audit")
    read = Depends(guard.allowed("audit:read"))
    export_ = Depends(guard.allowed("audit:export"))
    searcher = Search(trail)
    names = KeyNames(database)
    receipts = Receipts(database, trail)

    @routes.get("", dependencies=[read])
    async def search(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: str | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> SearchResponse:
        filters = {k: v for k, v in request.query_params.items() if k not in _PAGING}
        await privacy.check_search(filters)
        filters = await names.resolved(filters)
        page = await searcher.page(filters, limit=limit, before=before, since=since, until=until)
        await names.add(page.rows)
        return SearchResponse.of(page.rows, page.before)

    _add_checkpoint(routes, trail, read)
    _add_reveal(routes, guard, reveals, permissions)

    @routes.get("/entries/{seq}", dependencies=[read])
    async def get_entry(seq: int, log: str = CONTROL_LOG) -> EntryResponse:
        """One entry by its number, by default of the control plane."""
        return await trail.entry(log, seq)

    @routes.get("/{audit_id}", dependencies=[read])
    async def get(audit_id: str) -> RequestEntriesResponse:
        return RequestEntriesResponse(entries=await trail.entries_of(audit_id))

    @routes.get("/{audit_id}/receipt", dependencies=[read])
    async def get_receipt(audit_id: str) -> ReceiptResponse:
        """The proof that the entries of a request are in the log."""
        return ReceiptResponse.model_validate(await receipts.of(audit_id))

    @routes.post("/exports", response_class=FileResponse, responses=_EXPORTED)
    async def export(body: ExportBody, actor: Annotated[Actor, export_]) -> Response:
        return await _package(exports, permissions, body, actor)

    return routes


def _add_checkpoint(routes: APIRouter, trail: AuditService, read: Any) -> None:
    @routes.get(
        "/checkpoint", dependencies=[read], response_class=PlainTextResponse, responses=_NOTE
    )
    async def checkpoint() -> Response:
        """The newest signed head of the log, to be kept elsewhere."""
        newest = await trail.log.latest()
        if newest is None:
            raise Unavailable("Nothing was signed yet; try again in a second.", retry_after=1)
        return PlainTextResponse(newest.note, media_type="text/plain; charset=utf-8")


def _add_reveal(
    routes: APIRouter, guard: Guard, reveals: Reveals, permissions: Permissions
) -> None:
    reveal_ = Depends(guard.allowed("audit:reveal"))

    @routes.post("/{audit_id}/reveal", response_model=RevealResponse, responses=_REVEALED)
    async def reveal(
        audit_id: str, body: RevealBody, actor: Annotated[Actor, reveal_]
    ) -> RevealResponse | JSONResponse:
        shown = await reveals.reveal(audit_id, actor, code=body.code, reason=body.reason)
        if isinstance(shown, PendingReveal):
            waits = shown.describe(permissions)
            return JSONResponse(waits.model_dump(), status_code=202)
        return RevealResponse(payloads=shown)


async def _package(
    exports: Exports, permissions: Permissions, body: ExportBody, actor: Actor
) -> Response:
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / f"sluis-audit-{body.since}-{body.until}.zip"
    try:
        done = await exports.make(path, actor, ExportRequest(**body.model_dump()))
    except BaseException:
        folder.cleanup()
        raise
    if isinstance(done, PendingExport):
        folder.cleanup()
        pending = done.describe(permissions)
        return JSONResponse(pending.model_dump(), status_code=202)
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
