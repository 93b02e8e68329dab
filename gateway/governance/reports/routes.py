"""``/admin/v1/reports``: list, make, read and check reports."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.reports.kinds import FORMATS, KINDS, LANGUAGES
from gateway.governance.reports.schemas import (
    Format,
    Language,
    ReportBody,
    ReportCheckResponse,
    ReportsResponse,
)
from gateway.governance.reports.service import ReportFile, ReportRequest, Reports

_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {name: {} for name in FORMATS.values()}, "description": "The report."}
}


def router(guard: Guard, reports: Reports) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/reports")
    read = Depends(guard.allowed("reports:read"))
    make_ = Depends(guard.allowed("reports:make"))

    @routes.get("", dependencies=[read])
    async def list_reports() -> ReportsResponse:
        return ReportsResponse(
            kinds=list(KINDS),
            languages=list(LANGUAGES),
            formats=list(FORMATS),
            timezone=await reports.timezone(),
            regular=await reports.list_scheduled(),
            stored=await reports.list(),
        )

    @routes.post("", response_class=Response, responses=_FILES)
    async def make(body: ReportBody, actor: Annotated[Actor, make_]) -> Response:
        request = ReportRequest(
            body.kind, body.since, body.until, body.language, body.format, body.timezone
        )
        return _file(await reports.create(request, actor))

    @routes.get("/{identity}", response_class=Response, responses=_FILES)
    async def get(
        identity: str,
        actor: Annotated[Actor, read],
        language: Annotated[Language, Query()] = "en",
        form: Annotated[Format, Query(alias="format")] = "pdf",
    ) -> Response:
        return _file(await reports.get(identity, actor, language=language, form=form))

    @routes.post("/{identity}/check")
    async def check(identity: str, actor: Annotated[Actor, make_]) -> ReportCheckResponse:
        return await reports.check(identity, actor)

    return routes


def _file(file: ReportFile) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{file.name}"',
        "x-sluis-report": file.digest,
        "x-sluis-sha256": file.sha256,
    }
    return Response(file.data, media_type=file.media_type, headers=headers)
