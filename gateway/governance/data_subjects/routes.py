"""``/admin/v1/subjects``: find, export and erase what is stored of a person."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from gateway.core.finding import PERSONAL_TYPES
from gateway.governance.actor import Actor
from gateway.governance.data_subjects.schemas import (
    ErasedResponse,
    ErasureProposedResponse,
    FoundResponse,
    ReplayBody,
    ReplayedResponse,
    SubjectsBody,
    TypesResponse,
)
from gateway.governance.data_subjects.tombstones import Tombstone
from gateway.governance.http.permissions import allowed
from gateway.governance.person_keys import subjects_of
from gateway.governance.plane import ControlPlane
from gateway.governance.proposals.service import PENDING

ACCESS_NAME = "sluis-access.zip"
_PACKAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {}}, "description": "What is stored of the person."}
}


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/subjects")
    find_ = Depends(allowed(plane, "subjects:find"))
    export_ = Depends(allowed(plane, "subjects:export"))
    erase_ = Depends(allowed(plane, "subjects:erase"))

    @routes.get("/types", dependencies=[find_])
    async def list_types() -> TypesResponse:
        return TypesResponse(types=list(PERSONAL_TYPES))

    @routes.post("/find")
    async def find(body: SubjectsBody, actor: Annotated[Actor, find_]) -> FoundResponse:
        return await plane.subjects.find(subjects_of(body.subjects), actor, reason=body.reason)

    @routes.post("/export", response_class=FileResponse, responses=_PACKAGE)
    async def export(body: SubjectsBody, actor: Annotated[Actor, export_]) -> Response:
        folder = tempfile.TemporaryDirectory()
        path = Path(folder.name) / ACCESS_NAME
        try:
            summary = await plane.subject_access.export(
                path, subjects_of(body.subjects), actor, reason=body.reason
            )
        except BaseException:
            folder.cleanup()
            raise
        headers = {
            "x-sluis-values": str(summary.values),
            "x-sluis-requests": str(summary.requests),
            "x-sluis-bodies": str(summary.bodies),
        }
        return FileResponse(
            path,
            media_type="application/zip",
            filename=ACCESS_NAME,
            headers=headers,
            background=BackgroundTask(folder.cleanup),
        )

    @routes.post("/erase")
    async def erase(
        body: SubjectsBody, actor: Annotated[Actor, erase_]
    ) -> ErasedResponse | ErasureProposedResponse:
        subjects = subjects_of(body.subjects)
        if not await plane.policies.requires_second_person("subjects:erase"):
            return await plane.subjects.erase(subjects, actor, reason=body.reason)
        draft = await plane.subjects.draft_erasure(subjects, reason=body.reason)
        identity = await plane.proposals.create(draft, actor, comment=body.reason)
        return ErasureProposedResponse(proposal=identity, state=PENDING)

    @routes.post("/replay")
    async def replay(body: ReplayBody, actor: Annotated[Actor, erase_]) -> ReplayedResponse:
        tombstones = [Tombstone(one.time, one.seq, one.hash, one.names) for one in body.tombstones]
        return await plane.subjects.replay(tombstones, actor)

    return routes
