"""``/admin/v1/holds``: list, place and release legal holds."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.holds.schemas import (
    HoldBody,
    HoldListResponse,
    ReleaseResponse,
)
from gateway.governance.holds.service import Holds, NewHold
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ObjectStateResponse, ReasonBody
from gateway.governance.person_keys import subjects_of
from gateway.governance.policies.service import Policies
from gateway.governance.proposals.service import Proposals
from gateway.governance.proposals.states import PENDING


def router(guard: Guard, holds: Holds, policies: Policies, proposals: Proposals) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/holds")
    read = Depends(guard.allowed("holds:read"))
    create_ = Depends(guard.allowed("holds:create"))
    release_ = Depends(guard.allowed("holds:release"))

    @routes.get("", dependencies=[read])
    async def list_holds() -> HoldListResponse:
        return HoldListResponse(holds=await holds.list())

    @routes.post("", status_code=201)
    async def create(body: HoldBody, actor: Annotated[Actor, create_]) -> ObjectStateResponse:
        new = NewHold(
            reason=body.reason,
            review=body.review,
            people=tuple(subjects_of(body.subjects)),
            since=body.since,
            until=body.until,
            use_case=body.use_case,
            requests=tuple(body.requests),
        )
        return ObjectStateResponse(id=await holds.create(new, actor), state="active")

    @routes.post("/{identity}/release", response_model_exclude_unset=True)
    async def release(
        identity: str, body: ReasonBody, actor: Annotated[Actor, release_]
    ) -> ReleaseResponse:
        if not await policies.requires_second_person("holds:release"):
            await holds.release(identity, actor, reason=body.reason)
            return ReleaseResponse(id=identity, state="released")
        draft = await holds.draft_release(identity, reason=body.reason)
        proposal = await proposals.create(draft, actor, comment=body.reason)
        return ReleaseResponse(id=identity, state=PENDING, proposal=proposal)

    return routes
