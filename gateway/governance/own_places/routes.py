"""``/admin/v1/own-…``: use cases and teams of the caller, and what waits for them as an owner."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from gateway.governance.actor import Actor
from gateway.governance.changes.edits import WAITING
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import StateResponse, WaitingChange
from gateway.governance.identity_providers.approval_flow import ApprovalFlow
from gateway.governance.identity_providers.schemas import SignOnBody, SignOnResponse
from gateway.governance.keys.routes import submitted
from gateway.governance.keys.schemas import (
    IssuedKeyResponse,
    KeyBody,
    RevokedKeyResponse,
    WaitingKeyResponse,
)
from gateway.governance.own_places.schemas import (
    OwnApprovalListResponse,
    OwnTeamListResponse,
    OwnUseCaseListResponse,
)
from gateway.governance.own_places.service import OwnPlaces, check_theirs
from gateway.governance.proposals.routes import approved
from gateway.governance.proposals.schemas import (
    ApprovalBody,
    CommentBody,
    ProposalApprovedResponse,
)
from gateway.governance.proposals.service import Proposals
from gateway.governance.proposals.states import REJECTED
from gateway.governance.stops.schemas import StopBody, Stoppable, StopResponse
from gateway.governance.stops.service import StopControl
from gateway.governance.usage.schemas import UsageResponse
from gateway.governance.use_cases.schemas import ChangedUseCaseResponse, UseCaseBody
from gateway.governance.use_cases.service import UseCases

Publish = Callable[[], Awaitable[object]]
_Moment = Annotated[str | None, Query(max_length=40)]


@dataclass(frozen=True, slots=True)
class _Period:
    """The period of figures, and the parts by which they are given."""

    since: Annotated[_Moment, Query(alias="from")] = None
    until: Annotated[_Moment, Query(alias="to")] = None
    by: Annotated[str, Query(max_length=10)] = "day"


_OfPeriod = Annotated[_Period, Depends()]


def router(
    guard: Guard, places: OwnPlaces, use_cases: UseCases, stops: StopControl, publish: Publish
) -> APIRouter:
    """The routes of owners and leads."""
    routes = APIRouter()
    owner, lead = Depends(guard.allowed("use_cases:own")), Depends(guard.allowed("teams:own"))

    @routes.get("/own-use-cases")
    async def list_use_cases(actor: Annotated[Actor, owner]) -> OwnUseCaseListResponse:
        return OwnUseCaseListResponse(use_cases=await places.use_cases(actor))

    @routes.get("/own-use-cases/{name}/usage")
    async def usage(name: str, actor: Annotated[Actor, owner], period: _OfPeriod) -> UsageResponse:
        place = {"use_case": check_theirs(actor.owns, name)}
        return await places.usage(place, period.since, period.until, period.by)

    @routes.put("/own-use-cases/{name}")
    async def propose(
        name: str, body: UseCaseBody, actor: Annotated[Actor, owner], response: Response
    ) -> ChangedUseCaseResponse | WaitingChange:
        changed, done = await use_cases.put(check_theirs(actor.owns, name), body, actor)
        await publish()
        if done.proposal is not None:
            response.status_code = WAITING
            return WaitingChange.model_validate(done)
        return ChangedUseCaseResponse(name=name, changed=list(changed))

    @routes.post("/own-use-cases/{name}/stop")
    async def stop(name: str, body: StopBody, actor: Annotated[Actor, owner]) -> StopResponse:
        what, named = Stoppable.USE_CASE, check_theirs(actor.owns, name)
        return await stops.stop(what, named, actor, reason=body.reason, wait=body.wait)

    @routes.get("/own-teams")
    async def list_teams(actor: Annotated[Actor, lead]) -> OwnTeamListResponse:
        return OwnTeamListResponse(teams=await places.teams(actor))

    @routes.get("/own-teams/{name}/usage")
    async def usage_of_team(
        name: str, actor: Annotated[Actor, lead], period: _OfPeriod
    ) -> UsageResponse:
        place = {"team": check_theirs(actor.leads, name)}
        return await places.usage(place, period.since, period.until, period.by)

    @routes.post("/own-teams/{name}/keys", status_code=201)
    async def issue_key(
        name: str, body: KeyBody, actor: Annotated[Actor, lead], response: Response
    ) -> IssuedKeyResponse | WaitingKeyResponse:
        issued = await places.issue_key(check_theirs(actor.leads, name), body, actor)
        await publish()
        return submitted(*issued, response)

    @routes.post("/own-teams/{name}/keys/{reference}/revoke")
    async def revoke_key(
        name: str, reference: str, actor: Annotated[Actor, lead]
    ) -> RevokedKeyResponse:
        revoked = await places.revoke_key(check_theirs(actor.leads, name), reference, actor)
        await publish()
        return RevokedKeyResponse(revoked=revoked)

    return routes


def approval_router(
    guard: Guard, places: OwnPlaces, proposals: Proposals, flow: ApprovalFlow, publish: Publish
) -> APIRouter:
    """What waits for an owner; a use case that has not started has given nobody a role yet."""
    routes = APIRouter(prefix="/own-approvals")
    owner = Depends(guard.allowed("use_cases:own", also=places.awaits))

    @routes.get("")
    async def list_approvals(actor: Annotated[Actor, owner]) -> OwnApprovalListResponse:
        return OwnApprovalListResponse(approvals=await places.approvals(actor))

    @routes.post("/{identity}/sign-on")
    async def sign_on(
        identity: str, body: SignOnBody, actor: Annotated[Actor, owner]
    ) -> SignOnResponse:
        """Begin the sign-on that signs an approval; nothing is approved yet."""
        approve = partial(proposals.decide, identity, approve=True, comment="")
        return await flow.begin(actor, body.redirect_uri, f"own-approvals/{identity}", approve)

    @routes.post("/{identity}/approve")
    async def approve(
        identity: str, body: ApprovalBody, actor: Annotated[Actor, owner]
    ) -> ProposalApprovedResponse:
        signed = await flow.signed(actor, body.sign_on)
        missing = await proposals.decide(identity, signed, approve=True, comment=body.comment)
        await publish()
        return approved(missing)

    @routes.post("/{identity}/reject")
    async def reject(
        identity: str, body: CommentBody, actor: Annotated[Actor, owner]
    ) -> StateResponse:
        waiting = frozenset(one.id for one in await places.approvals(actor))
        named = check_theirs(waiting, identity)
        await proposals.decide(named, actor, approve=False, comment=body.comment, as_owner=True)
        return StateResponse(state=REJECTED)

    return routes
