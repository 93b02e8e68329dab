"""``/admin/v1/subjects``: where a person is mentioned, access for a person, and erasing a person."""

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse
from pydantic import Field
from starlette.background import BackgroundTask

from gateway.core.finding import PERSONAL_TYPES
from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.data_subjects.person_keys import DataSubject
from gateway.governance.data_subjects.service import KIND
from gateway.governance.data_subjects.tombstones import Tombstone
from gateway.governance.http.schemas import Body, Document
from gateway.governance.plane import ControlPlane

ACCESS_NAME = "sluis-access.zip"


class SubjectBody(Body):
    """One identifier of a person."""

    type: str = Field(max_length=32)
    value: str = Field(min_length=1, max_length=500)


class SubjectsBody(Body):
    """All known identifiers and spellings of one person, and why."""

    subjects: list[SubjectBody] = Field(min_length=1, max_length=100)
    reason: str = Field(min_length=3, max_length=500)


class TombstoneBody(Body):
    """A line of the file of erasures."""

    time: int
    seq: int
    hash: str = Field(max_length=64)
    names: list[Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]] = Field(
        default=[], max_length=1000
    )


class ReplayBody(Body):
    """A file of erasures."""

    tombstones: list[TombstoneBody] = Field(max_length=100_000)


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter(prefix="/subjects")
    find_ = Depends(allowed(plane, "subjects:find"))
    export_ = Depends(allowed(plane, "subjects:export"))
    erase_ = Depends(allowed(plane, "subjects:erase"))

    @routes.get("/types", dependencies=[find_])
    async def types() -> Document:
        return {"types": list(PERSONAL_TYPES)}

    @routes.post("/find")
    async def find(body: SubjectsBody, actor: Annotated[Actor, find_]) -> Document:
        return await plane.subjects.find(subjects_of(body.subjects), actor, reason=body.reason)

    @routes.post("/export")
    async def export(body: SubjectsBody, actor: Annotated[Actor, export_]) -> Response:
        folder = tempfile.TemporaryDirectory()
        path = Path(folder.name) / ACCESS_NAME
        try:
            given = await plane.access.export(
                path, subjects_of(body.subjects), actor, reason=body.reason
            )
        except BaseException:
            folder.cleanup()
            raise
        headers = {
            "x-sluis-values": str(given.values),
            "x-sluis-requests": str(given.requests),
            "x-sluis-bodies": str(given.bodies),
        }
        return FileResponse(
            path,
            media_type="application/zip",
            filename=ACCESS_NAME,
            headers=headers,
            background=BackgroundTask(folder.cleanup),
        )

    @routes.post("/erase")
    async def erase(body: SubjectsBody, actor: Annotated[Actor, erase_]) -> Document:
        subjects = subjects_of(body.subjects)
        if not await plane.policies.needs_second("subjects:erase"):
            return await plane.subjects.erase(subjects, actor, reason=body.reason)
        subject, document, digest = await plane.subjects.proposed(subjects, reason=body.reason)
        identity = await plane.proposals.propose(
            KIND, subject, document, actor, comment=body.reason, recorded={"digest": digest}
        )
        return {"proposal": identity, "state": "pending"}

    @routes.post("/replay")
    async def replay(body: ReplayBody, actor: Annotated[Actor, erase_]) -> Document:
        stones = [Tombstone(one.time, one.seq, one.hash, one.names) for one in body.tombstones]
        return await plane.subjects.replay(stones, actor)

    return routes


def subjects_of(bodies: list[SubjectBody]) -> list[DataSubject]:
    """Identifiers as the control plane takes them."""
    return [DataSubject(one.type, one.value) for one in bodies]
