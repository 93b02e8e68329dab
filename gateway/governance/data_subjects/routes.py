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
from gateway.governance.data_subjects.service import DataSubjects
from gateway.governance.data_subjects.tombstones import Tombstone
from gateway.governance.http.permissions import Guard
from gateway.governance.person_keys import subjects_of
from gateway.governance.policies.service import Policies
from gateway.governance.proposals.service import Proposals
from gateway.governance.proposals.states import PENDING
from gateway.governance.subject_access.service import PackageSummary, SubjectAccess

ACCESS_NAME = "sluis-access.zip"
_PACKAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {}}, "description": "What is stored of the person."}
}


def router(
    guard: Guard,
    data_subjects: DataSubjects,
    access: SubjectAccess,
    policies: Policies,
    proposals: Proposals,
) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/subjects")
    find_ = Depends(guard.allowed("subjects:find"))
    export_ = Depends(guard.allowed("subjects:export"))
    erase_ = Depends(guard.allowed("subjects:erase"))

    @routes.get("/types", dependencies=[find_])
    async def list_types() -> TypesResponse:
        return TypesResponse(types=list(PERSONAL_TYPES))

    @routes.post("/find")
    async def find(body: SubjectsBody, actor: Annotated[Actor, find_]) -> FoundResponse:
        return await data_subjects.find(subjects_of(body.subjects), actor, reason=body.reason)

    @routes.post("/export", response_class=FileResponse, responses=_PACKAGE)
    async def export(body: SubjectsBody, actor: Annotated[Actor, export_]) -> Response:
        folder = tempfile.TemporaryDirectory()
        path = Path(folder.name) / ACCESS_NAME
        try:
            summary = await access.export(
                path, subjects_of(body.subjects), actor, reason=body.reason
            )
        except BaseException:
            folder.cleanup()
            raise
        return FileResponse(
            path,
            media_type="application/zip",
            filename=ACCESS_NAME,
            headers=_counts(summary),
            background=BackgroundTask(folder.cleanup),
        )

    @routes.post("/erase")
    async def erase(
        body: SubjectsBody, actor: Annotated[Actor, erase_]
    ) -> ErasedResponse | ErasureProposedResponse:
        subjects = subjects_of(body.subjects)
        if not await policies.requires_second_person("subjects:erase"):
            return await data_subjects.erase(subjects, actor, reason=body.reason)
        draft = await data_subjects.draft_erasure(subjects, reason=body.reason)
        identity = await proposals.create(draft, actor, comment=body.reason)
        return ErasureProposedResponse(proposal=identity, state=PENDING)

    @routes.post("/replay")
    async def replay(body: ReplayBody, actor: Annotated[Actor, erase_]) -> ReplayedResponse:
        tombstones = [Tombstone(one.time, one.seq, one.hash, one.names) for one in body.tombstones]
        return await data_subjects.replay(tombstones, actor)

    return routes


def _counts(summary: PackageSummary) -> dict[str, str]:
    return {
        "x-sluis-values": str(summary.values),
        "x-sluis-requests": str(summary.requests),
        "x-sluis-bodies": str(summary.bodies),
        "x-sluis-cases": str(summary.cases),
    }
