"""``/admin/v1/proposals``: what waits for a second person."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.http.schemas import Body, Document
from gateway.governance.plane import ControlPlane


class CommentBody(Body):
    """A remark with a decision."""

    comment: str = ""


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter(prefix="/proposals")
    read = Depends(allowed(plane, "proposals:read"))

    async def decide(identity: str, actor: Actor, body: CommentBody, *, approve: bool) -> None:
        plane.permissions.require(actor, await plane.proposals.permission(identity))
        await plane.proposals.decide(identity, actor, approve=approve, comment=body.comment)

    @routes.get("", dependencies=[read])
    async def show() -> Document:
        return {"proposals": await plane.proposals.all()}

    @routes.get("/{identity}", dependencies=[read])
    async def one(identity: str) -> Document:
        return await plane.proposals.show(identity)

    @routes.post("/{identity}/approve")
    async def approve(identity: str, body: CommentBody, actor: Annotated[Actor, read]) -> Document:
        await decide(identity, actor, body, approve=True)
        await plane.snapshots.publish()
        return {"state": "approved"}

    @routes.post("/{identity}/reject")
    async def reject(identity: str, body: CommentBody, actor: Annotated[Actor, read]) -> Document:
        await decide(identity, actor, body, approve=False)
        return {"state": "rejected"}

    return routes
