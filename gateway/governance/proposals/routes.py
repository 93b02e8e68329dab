"""``/admin/v1/proposals``: changes that wait for a second person."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Depends, Query

from gateway.governance.actor import Actor
from gateway.governance.changes.agreeing import WaitsFor
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import StateResponse
from gateway.governance.identity_providers.approval_flow import ApprovalFlow
from gateway.governance.identity_providers.schemas import SignOnBody, SignOnResponse
from gateway.governance.proposals.bundle_report import PolicyDifference
from gateway.governance.proposals.reviewers import ProposalReviewers
from gateway.governance.proposals.schemas import (
    ApprovalBody,
    CommentBody,
    FileChange,
    MissingApproval,
    ProposalApprovedResponse,
    ProposalComment,
    ProposalCommentBody,
    ProposalListResponse,
    ProposalResponse,
    ReviewerListResponse,
    ReviewersBody,
)
from gateway.governance.proposals.service import Proposals
from gateway.governance.proposals.states import APPROVED, PENDING, REJECTED
from gateway.governance.proposals.thread import ProposalThread

ProposalState = Literal["pending", "approved", "rejected", "superseded", "expired"]


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
    reviewers: ProposalReviewers,
    shown: Mapping[str, ShownDocuments],
) -> APIRouter:
    """The routes of this slice; ``shown`` has what shows a document, by kind of proposal."""
    routes = APIRouter(prefix="/proposals")
    read = Depends(guard.allowed("proposals:read"))

    @routes.get("")
    async def list_proposals(
        actor: Annotated[Actor, read],
        state: Annotated[ProposalState | None, Query()] = None,
        kind: Annotated[str | None, Query(max_length=32)] = None,
        limit: Annotated[int | None, Query(ge=1, le=500)] = None,
        before: Annotated[str | None, Query(max_length=64)] = None,
        asked: Annotated[bool | None, Query()] = None,
    ) -> ProposalListResponse:
        """All that match, newest first; with ``limit`` a page, ``before`` is its cursor.

        ``asked`` leaves those that wait and that the caller was asked to review.
        """
        page = await proposals.page(
            state=state, kind=kind, limit=limit, before=before, actor=actor, asked=bool(asked)
        )
        return ProposalListResponse(proposals=page.proposals, next=page.next)

    @routes.get("/{identity}")
    async def get(identity: str, actor: Annotated[Actor, read]) -> ProposalResponse:
        stored = await proposals.get(identity, actor)
        about = {
            **stored.summary.model_dump(),
            "comments": await thread.read(identity),
            "may_review": reviewers.roles(stored.summary.powers),
        }
        of_kind = shown.get(stored.summary.kind)
        if of_kind is None:
            return ProposalResponse(**about, changes={})
        changed = await of_kind.changes(stored.document)
        report = await of_kind.difference_of(stored.document)
        return ProposalResponse(**about, changes=changed, difference=report)

    return routes


def approved(missing: Sequence[WaitsFor]) -> ProposalApprovedResponse:
    """The answer to an approval."""
    waits_for = [MissingApproval.model_validate(one) for one in missing]
    return ProposalApprovedResponse(state=PENDING if missing else APPROVED, waits_for=waits_for)


def deciding_router(
    guard: Guard,
    proposals: Proposals,
    thread: ProposalThread,
    reviewers: ProposalReviewers,
    flow: ApprovalFlow,
    publish: Callable[[], Awaitable[object]],
) -> APIRouter:
    """What persons say about a proposal, whom they ask, and what they decide."""
    routes = APIRouter(prefix="/proposals")
    read = Depends(guard.allowed("proposals:read"))

    @routes.post("/{identity}/comments", status_code=201)
    async def comment(
        identity: str, body: ProposalCommentBody, actor: Annotated[Actor, read]
    ) -> ProposalComment:
        return await thread.add(identity, body.text, actor)

    @routes.post("/{identity}/reviewers", status_code=201)
    async def ask_reviewers(
        identity: str, body: ReviewersBody, actor: Annotated[Actor, read]
    ) -> ReviewerListResponse:
        """Ask persons and roles to review it; gives all who were asked."""
        return ReviewerListResponse(reviewers=await reviewers.ask(identity, body, actor))

    @routes.post("/{identity}/sign-on")
    async def sign_on(
        identity: str, body: SignOnBody, actor: Annotated[Actor, read]
    ) -> SignOnResponse:
        """Begin the sign-on that signs an approval; nothing is approved yet."""
        approve = partial(proposals.decide, identity, approve=True, comment="")
        return await flow.begin(actor, body.redirect_uri, f"proposals/{identity}", approve)

    @routes.post("/{identity}/approve")
    async def approve(
        identity: str, body: ApprovalBody, actor: Annotated[Actor, read]
    ) -> ProposalApprovedResponse:
        signed = await flow.signed(actor, body.sign_on)
        missing = await proposals.decide(identity, signed, approve=True, comment=body.comment)
        await publish()
        return approved(missing)

    @routes.post("/{identity}/reject")
    async def reject(
        identity: str, body: CommentBody, actor: Annotated[Actor, read]
    ) -> StateResponse:
        await proposals.decide(identity, actor, approve=False, comment=body.comment)
        return StateResponse(state=REJECTED)

    return routes
