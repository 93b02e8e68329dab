"""``/admin/v1/holds``: legal holds."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends
from pydantic import Field

from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.data_subjects.routes import SubjectBody, subjects_of
from gateway.governance.holds.service import KIND, MOST_REQUESTS, NewHold
from gateway.governance.http.schemas import Body, Document, ReasonBody
from gateway.governance.plane import ControlPlane

_LATEST = 2**42  # the year 2109


class HoldBody(Body):
    """What all entries under the hold have in common; times are epoch milliseconds."""

    reason: str = Field(min_length=3, max_length=500)
    review: int = Field(ge=0, le=_LATEST)
    subjects: list[SubjectBody] = Field(default=[], max_length=100)
    since: int | None = Field(default=None, ge=0, le=_LATEST)
    until: int | None = Field(default=None, ge=0, le=_LATEST)
    use_case: str | None = Field(default=None, min_length=1, max_length=128)
    requests: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        default=[], max_length=MOST_REQUESTS
    )


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter(prefix="/holds")
    read = Depends(allowed(plane, "holds:read"))
    create_ = Depends(allowed(plane, "holds:create"))
    release_ = Depends(allowed(plane, "holds:release"))

    @routes.get("", dependencies=[read])
    async def show() -> Document:
        return {"holds": await plane.holds.all()}

    @routes.post("", status_code=201)
    async def create(body: HoldBody, actor: Annotated[Actor, create_]) -> Document:
        new = NewHold(
            reason=body.reason,
            review=body.review,
            people=tuple(subjects_of(body.subjects)),
            since=body.since,
            until=body.until,
            use_case=body.use_case,
            requests=tuple(body.requests),
        )
        return {"id": await plane.holds.create(new, actor), "state": "active"}

    @routes.post("/{identity}/release")
    async def release(
        identity: str, body: ReasonBody, actor: Annotated[Actor, release_]
    ) -> Document:
        if not await plane.policies.needs_second("holds:release"):
            await plane.holds.release(identity, actor, reason=body.reason)
            return {"id": identity, "state": "released"}
        await plane.holds.check_open(identity)
        document = orjson.dumps({"hold": identity, "reason": body.reason}).decode()
        proposal = await plane.proposals.propose(
            KIND, identity, document, actor, comment=body.reason, recorded={"hold": identity}
        )
        return {"id": identity, "state": "pending", "proposal": proposal}

    return routes
