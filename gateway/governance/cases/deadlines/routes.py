"""``/admin/v1/deadlines``: the calendar of law, and proposals to change its rows."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from gateway.governance.actor import Actor
from gateway.governance.cases.deadlines.schemas import DeadlineBody, DeadlineListResponse
from gateway.governance.cases.deadlines.service import Deadlines
from gateway.governance.changes.edits import WAITING
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ReasonBody, WaitingChange
from gateway.governance.proposals.service import Draft, Proposals

_Id = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]


def router(guard: Guard, deadlines: Deadlines, proposals: Proposals) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/deadlines")
    read = Depends(guard.allowed("deadlines:read"))
    write = Depends(guard.allowed("deadlines:write"))

    async def proposed(draft: Draft, actor: Actor, reason: str) -> WaitingChange:
        proposal = await proposals.create(draft, actor, comment=reason)
        return WaitingChange(proposal=proposal, waiting=[f"deadline {draft.subject}"], applied=[])

    @routes.get("", dependencies=[read])
    async def list_deadlines() -> DeadlineListResponse:
        return await deadlines.list()

    @routes.put("/{identity}", status_code=WAITING)
    async def put(
        identity: _Id, body: DeadlineBody, actor: Annotated[Actor, write]
    ) -> WaitingChange:
        draft = await deadlines.draft(identity, body.deadline, reason=body.reason)
        return await proposed(draft, actor, body.reason)

    @routes.post("/{identity}/reset", status_code=WAITING)
    async def reset(
        identity: _Id, body: ReasonBody, actor: Annotated[Actor, write]
    ) -> WaitingChange:
        draft = await deadlines.draft_reset(identity, reason=body.reason)
        return await proposed(draft, actor, body.reason)

    return routes
