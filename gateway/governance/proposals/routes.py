"""``/admin/v1/proposals``: changes that wait for a second person."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends, Query

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import StateResponse
from gateway.governance.proposals.bundle_report import PolicyDifference
from gateway.governance.proposals.schemas import (
    CommentBody,
    FileChange,
    ProposalComment,
    ProposalCommentBody,
    ProposalListResponse,
    ProposalResponse,
)
from gateway.governance.proposals.service import APPROVED, REJECTED, Proposals
from gateway.governance.proposals.thread import ProposalThread

ProposalState = Literal["pending", "approved", "rejected", "superseded"]


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
    thread: ProposalThread,
    shown: Mapping[str, ShownDocuments],
    publish: Callable[[], Awaitable[object]],
) -> APIRouter:
    """The routes of this slice; ``shown`` has what shows a document, by kind of proposal."""
    routes = APIRouter(prefix="/proposals")
    read = Depends(guard.allowed("proposals:read"))

    async def decide(identity: str, actor: Actor, body: CommentBody, *, approve: bool) -> None:
        await proposals.decide(identity, actor, approve=approve, comment=body.comment)

    @routes.get("", dependencies=[read])
    async def list_proposals(
        state: Annotated[ProposalState | None, Query()] = None,
        kind: Annotated[str | None, Query(max_length=32)] = None,
        limit: Annotated[int | None, Query(ge=1, le=500)] = None,
        before: Annotated[str | None, Query(max_length=64)] = None,
    ) -> ProposalListResponse:
        """All that match, newest first; with ``limit`` a page, ``before`` is its cursor."""
        page = await proposals.page(state=state, kind=kind, limit=limit, before=before)
        return ProposalListResponse(proposals=page.proposals, next=page.next)

    @routes.get("/{identity}", dependencies=[read])
    async def get(identity: str) -> ProposalResponse:
        stored = await proposals.get(identity)
        comments = await thread.read(identity)
        summary, of_kind = stored.summary.model_dump(), shown.get(stored.summary.kind)
        if of_kind is None:
            return ProposalResponse(**summary, changes={}, comments=comments)
        changed = await of_kind.changes(stored.document)
        report = await of_kind.difference_of(stored.document)
        return ProposalResponse(**summary, changes=changed, difference=report, comments=comments)

    @routes.post("/{identity}/comments", status_code=201)
    async def comment(
        identity: str, body: ProposalCommentBody, actor: Annotated[Actor, read]
    ) -> ProposalComment:
        return await thread.add(identity, body.text, actor)

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
