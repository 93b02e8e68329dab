"""``/admin/v1/proposals``: changes that wait for a second person."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import StateResponse
from gateway.governance.proposals.schemas import (
    CommentBody,
    ProposalListResponse,
    ProposalResponse,
)
from gateway.governance.proposals.service import APPROVED, REJECTED, Proposals

Shown = Callable[[Any], Awaitable[Any]]  # what is shown of a proposed document


def router(
    guard: Guard,
    proposals: Proposals,
    changes: Mapping[str, Shown],
    differences: Mapping[str, Shown],
    publish: Callable[[], Awaitable[object]],
) -> APIRouter:
    """The routes of this slice.

    By kind of proposal ``changes`` has what it would change now, ``differences`` the report that it
    was made with.
    """
    routes = APIRouter(prefix="/proposals")
    read = Depends(guard.allowed("proposals:read"))

    async def decide(identity: str, actor: Actor, body: CommentBody, *, approve: bool) -> None:
        await proposals.decide(identity, actor, approve=approve, comment=body.comment)

    @routes.get("", dependencies=[read])
    async def list_proposals() -> ProposalListResponse:
        return ProposalListResponse(proposals=await proposals.list())

    @routes.get("/{identity}", dependencies=[read])
    async def get(identity: str) -> ProposalResponse:
        stored = await proposals.get(identity)
        kind, document = stored.summary.kind, stored.document
        changed = await changes[kind](document) if kind in changes else {}
        report = await differences[kind](document) if kind in differences else None
        return ProposalResponse(**stored.summary.model_dump(), changes=changed, difference=report)

    @routes.post("/{identity}/approve")
    async def approve(
        identity: str, body: CommentBody, actor: Annotated[Actor, read]
    ) -> StateResponse:
        await decide(identity, actor, body, approve=True)
        await publish()
        return StateResponse(state=APPROVED)

    @routes.post("/{identity}/reject")
    async def reject(
        identity: str, body: CommentBody, actor: Annotated[Actor, read]
    ) -> StateResponse:
        await decide(identity, actor, body, approve=False)
        return StateResponse(state=REJECTED)

    return routes
