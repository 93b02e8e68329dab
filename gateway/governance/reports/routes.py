"""``/admin/v1/reports``: make one, list and read the regular ones, count one again."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.catalogue.processing_register import Timezone
from gateway.governance.http.schemas import Body, Document
from gateway.governance.plane import ControlPlane
from gateway.governance.reports import FORMATS, KINDS, LANGUAGES, ReportFile, ReportRequest

Kind = Literal["activity", "processing", "ai-act", "algorithms"]
Language = Literal["en", "nl"]
Form = Literal["pdf", "csv", "json", "parquet"]
_LATEST = 2**42  # the year 2109


class ReportBody(Body):
    """A kind and a period in epoch milliseconds; ``until`` is exclusive."""

    kind: Kind
    since: int = Field(ge=0, le=_LATEST)
    until: int = Field(ge=0, le=_LATEST)
    language: Language = "en"
    format: Form = "pdf"
    timezone: Timezone | None = None


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter(prefix="/reports")
    read = Depends(allowed(plane, "reports:read"))
    make_ = Depends(allowed(plane, "reports:make"))

    @routes.get("", dependencies=[read])
    async def show() -> Document:
        return {
            "kinds": list(KINDS),
            "languages": list(LANGUAGES),
            "formats": list(FORMATS),
            "timezone": await plane.reports.timezone(),
            "regular": await plane.reports.regular(),
            "stored": await plane.reports.stored(),
        }

    @routes.post("")
    async def make(body: ReportBody, actor: Annotated[Actor, make_]) -> Response:
        wanted = ReportRequest(
            body.kind, body.since, body.until, body.language, body.format, body.timezone
        )
        return _answer(await plane.reports.make(wanted, actor))

    @routes.get("/{identity}")
    async def one(
        identity: str,
        actor: Annotated[Actor, read],
        language: Annotated[Language, Query()] = "en",
        form: Annotated[Form, Query(alias="format")] = "pdf",
    ) -> Response:
        return _answer(await plane.reports.read(identity, actor, language=language, form=form))

    @routes.post("/{identity}/check")
    async def check(identity: str, actor: Annotated[Actor, make_]) -> Document:
        return await plane.reports.check(identity, actor)

    return routes


def _answer(file: ReportFile) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{file.name}"',
        "x-sluis-report": file.digest,
        "x-sluis-sha256": file.sha256,
    }
    return Response(file.data, media_type=file.media_type, headers=headers)
