"""``…/{name}/stop`` and ``…/{name}/start``, and ``/admin/v1/stops``: who has followed a stop."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.changes.edits import WAITING
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import WaitingChange
from gateway.governance.proposals.service import Proposals
from gateway.governance.stops.schemas import (
    StartBody,
    StopBody,
    StopListResponse,
    Stoppable,
    StopResponse,
)
from gateway.governance.stops.service import StopControl


def router(guard: Guard, stops: StopControl, proposals: Proposals) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter()
    read, write = Depends(guard.allowed("stops:read")), Depends(guard.allowed("stops:write"))

    @routes.get("/stops", dependencies=[read])
    async def list_stops() -> StopListResponse:
        return StopListResponse(stops=list(await stops.list()))

    @routes.post("/{what}/{name}/stop")
    async def stop(
        what: Stoppable, name: str, body: StopBody, actor: Annotated[Actor, write]
    ) -> StopResponse:
        return await stops.stop(what, name, actor, reason=body.reason, wait=body.wait)

    @routes.post("/{what}/{name}/start", status_code=WAITING)
    async def start(
        what: Stoppable, name: str, body: StartBody, actor: Annotated[Actor, write]
    ) -> WaitingChange:
        draft = await stops.draft_start(what, name, reason=body.reason)
        proposal = await proposals.create(draft, actor, comment=body.reason)
        waiting = [f"start {draft.subject}"]
        return WaitingChange(proposal=proposal, waiting=waiting, applied=[])

    return routes
