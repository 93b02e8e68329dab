"""``/admin/v1/reports``: list, make, read and check reports."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import allowed
from gateway.governance.plane import ControlPlane
from gateway.governance.reports.kinds import FORMATS, KINDS, LANGUAGES
from gateway.governance.reports.schemas import (
    Format,
    Language,
    ReportBody,
    ReportCheckResponse,
    ReportsResponse,
)
from gateway.governance.reports.service import ReportFile, ReportRequest

_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {name: {} for name in FORMATS.values()}, "description": "The report."}
}


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/reports")
    read = Depends(allowed(plane, "reports:read"))
    make_ = Depends(allowed(plane, "reports:make"))

    @routes.get("", dependencies=[read])
    async def list_reports() -> ReportsResponse:
        return ReportsResponse(
            kinds=list(KINDS),
            languages=list(LANGUAGES),
            formats=list(FORMATS),
            timezone=await plane.reports.timezone(),
            regular=await plane.reports.list_scheduled(),
            stored=await plane.reports.list(),
        )

    @routes.post("", response_class=Response, responses=_FILES)
    async def make(body: ReportBody, actor: Annotated[Actor, make_]) -> Response:
        request = ReportRequest(
            body.kind, body.since, body.until, body.language, body.format, body.timezone
        )
        return _file(await plane.reports.create(request, actor))

    @routes.get("/{identity}", response_class=Response, responses=_FILES)
    async def get(
        identity: str,
        actor: Annotated[Actor, read],
        language: Annotated[Language, Query()] = "en",
        form: Annotated[Format, Query(alias="format")] = "pdf",
    ) -> Response:
        return _file(await plane.reports.get(identity, actor, language=language, form=form))

    @routes.post("/{identity}/check")
    async def check(identity: str, actor: Annotated[Actor, make_]) -> ReportCheckResponse:
        return await plane.reports.check(identity, actor)

    return routes


def _file(file: ReportFile) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{file.name}"',
        "x-sluis-report": file.digest,
        "x-sluis-sha256": file.sha256,
    }
    return Response(file.data, media_type=file.media_type, headers=headers)
