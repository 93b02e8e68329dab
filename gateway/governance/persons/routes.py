"""``/admin/v1/persons``: who is known, and who has left."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ReasonBody, WaitingChange
from gateway.governance.persons.hand_over import KeyHandOver
from gateway.governance.persons.schemas import (
    DeactivatedResponse,
    HandOverBody,
    IssuerSignOutBody,
    PersonListResponse,
    PersonResponse,
    SignedOutResponse,
)
from gateway.governance.persons.service import MAX_PAGE, Persons
from gateway.governance.persons.sign_outs import SignOuts
from gateway.governance.proposals.service import Proposals


def router(
    guard: Guard,
    persons: Persons,
    sign_outs: SignOuts,
    proposals: Proposals,
    publish: Callable[[], Awaitable[object]],
) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/persons")
    read = Depends(guard.allowed("persons:read"))
    write = Depends(guard.allowed("persons:write"))

    @routes.get("", dependencies=[read])
    async def list_persons(
        query: Annotated[str, Query(max_length=320)] = "",
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> PersonListResponse:
        return await persons.find(query, offset=offset, limit=limit)

    @routes.post("/sign-out")
    async def sign_out_issuer(
        body: IssuerSignOutBody, actor: Annotated[Actor, write]
    ) -> SignedOutResponse:
        await sign_outs.of_issuer(body.issuer, actor, reason=body.reason)
        await publish()
        return SignedOutResponse(id=body.issuer)

    @routes.get("/{reference}", dependencies=[read])
    async def get(reference: str) -> PersonResponse:
        return await persons.get(reference)

    @routes.post("/{reference}/deactivate")
    async def deactivate(
        reference: str, body: ReasonBody, actor: Annotated[Actor, write]
    ) -> DeactivatedResponse:
        done = await persons.deactivate(reference, actor, reason=body.reason)
        await publish()
        return done

    @routes.post("/{reference}/sign-out")
    async def sign_out(
        reference: str, body: ReasonBody, actor: Annotated[Actor, write]
    ) -> SignedOutResponse:
        identity = await sign_outs.of_person(reference, actor, reason=body.reason)
        await publish()
        return SignedOutResponse(id=identity)

    @routes.post("/{reference}/reactivate", status_code=202)
    async def reactivate(
        reference: str, body: ReasonBody, actor: Annotated[Actor, write]
    ) -> WaitingChange:
        draft = await persons.draft_reactivation(reference, reason=body.reason)
        proposal = await proposals.create(draft, actor, comment=body.reason)
        return WaitingChange(proposal=proposal, applied=[], waiting=[f"reactivate {draft.subject}"])

    return routes


def key_router(guard: Guard, hand_over: KeyHandOver, proposals: Proposals) -> APIRouter:
    """The route by which a key gets another owner."""
    routes = APIRouter(prefix="/keys")
    write = Depends(guard.allowed("keys:write"))

    @routes.post("/{reference}/hand-over", status_code=202)
    async def hand_key_over(
        reference: str, body: HandOverBody, actor: Annotated[Actor, write]
    ) -> WaitingChange:
        draft = await hand_over.draft(reference, body.owner, reason=body.reason)
        proposal = await proposals.create(draft, actor, comment=body.reason)
        return WaitingChange(proposal=proposal, applied=[], waiting=[f"hand over {draft.subject}"])

    return routes
