"""``/admin/v1/trail/gap``: what a restore lost, and the proposal to go on without it."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ReasonBody
from gateway.governance.proposals.service import Proposals
from gateway.governance.proposals.states import PENDING
from gateway.governance.trail_gaps.schemas import GapResponse, ProposedGapResponse
from gateway.governance.trail_gaps.service import TrailGaps


def router(guard: Guard, gaps: TrailGaps, proposals: Proposals) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/trail")
    read = Depends(guard.allowed("audit:read"))
    restore_ = Depends(guard.allowed("trail:restore"))

    @routes.get("/gap", dependencies=[read])
    async def gap() -> GapResponse:
        return GapResponse.model_validate(await gaps.read())

    @routes.post("/gap", status_code=202)
    async def propose(body: ReasonBody, actor: Annotated[Actor, restore_]) -> ProposedGapResponse:
        """Propose to go on without the missing entries."""
        draft, found = await gaps.draft(reason=body.reason)
        identity = await proposals.create(draft, actor, comment=body.reason)
        return ProposedGapResponse(state=PENDING, proposal=identity, missing=found.missing)

    return routes
