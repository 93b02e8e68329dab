"""``/admin/v1/proposals``: changes that wait for a second person."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import allowed
from gateway.governance.http.schemas import StateResponse
from gateway.governance.plane import ControlPlane
from gateway.governance.policies.service import KIND as POLICY_BUNDLE
from gateway.governance.proposals.schemas import (
    CommentBody,
    ProposalListResponse,
    ProposalResponse,
)
from gateway.governance.proposals.service import APPROVED, REJECTED


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/proposals")
    read = Depends(allowed(plane, "proposals:read"))

    async def decide(identity: str, actor: Actor, body: CommentBody, *, approve: bool) -> None:
        plane.permissions.require(actor, await plane.proposals.permission(identity))
        await plane.proposals.decide(identity, actor, approve=approve, comment=body.comment)

    @routes.get("", dependencies=[read])
    async def list_proposals() -> ProposalListResponse:
        return ProposalListResponse(proposals=await plane.proposals.list())

    @routes.get("/{identity}", dependencies=[read])
    async def get(identity: str) -> ProposalResponse:
        stored = await plane.proposals.get(identity)
        is_bundle = stored.summary.kind == POLICY_BUNDLE
        changes = await plane.policies.changes(stored.document) if is_bundle else {}
        return ProposalResponse(**stored.summary.model_dump(), changes=changes)

    @routes.post("/{identity}/approve")
    async def approve(
        identity: str, body: CommentBody, actor: Annotated[Actor, read]
    ) -> StateResponse:
        await decide(identity, actor, body, approve=True)
        await plane.snapshots.publish()
        return StateResponse(state=APPROVED)

    @routes.post("/{identity}/reject")
    async def reject(
        identity: str, body: CommentBody, actor: Annotated[Actor, read]
    ) -> StateResponse:
        await decide(identity, actor, body, approve=False)
        return StateResponse(state=REJECTED)

    return routes
