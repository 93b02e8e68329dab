"""``/admin/v1/proposals``: changes that wait for a second person."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import StateResponse
from gateway.governance.proposals.bundle_report import PolicyDifference
from gateway.governance.proposals.schemas import (
    CommentBody,
    FileChange,
    ProposalListResponse,
    ProposalResponse,
)
from gateway.governance.proposals.service import APPROVED, REJECTED, Proposals


class ShownDocuments(Protocol):
    """What is shown of the proposals of one kind."""

    async def changes(self, document: str) -> dict[str, FileChange]:
        """The files that it would change now."""
        ...

    async def difference_of(self, document: str) -> PolicyDifference | None:
        """The report that it was made with."""
        ...


def router(
    guard: Guard,
    proposals: Proposals,
    shown: Mapping[str, ShownDocuments],
    publish: Callable[[], Awaitable[object]],
) -> APIRouter:
    """The routes of this slice; ``shown`` has what shows a document, by kind of proposal."""
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
        summary, of_kind = stored.summary.model_dump(), shown.get(stored.summary.kind)
        if of_kind is None:
            return ProposalResponse(**summary, changes={})
        changed = await of_kind.changes(stored.document)
        report = await of_kind.difference_of(stored.document)
        return ProposalResponse(**summary, changes=changed, difference=report)

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
