"""``/admin/v1/person-requests``: requests of data subjects and objections as cases."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from gateway.governance.actor import Actor
from gateway.governance.cases.case_pages import MOST_CASES, USUAL_CASES, CaseQuestion
from gateway.governance.cases.person_requests.schemas import (
    IdentityBody,
    PersonRequestBody,
    PersonRequestListResponse,
    PersonRequestResponse,
    RequestDecisionBody,
)
from gateway.governance.cases.person_requests.service import NewPersonRequest, PersonRequests
from gateway.governance.cases.schemas import CaseMessage, CaseTextsResponse, MessageBody
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ReasonBody

PersonRequestState = Literal["open", "overdue", "decided"]


def router(guard: Guard, requests: PersonRequests) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/person-requests")
    read = Depends(guard.allowed("requests:read"))
    handle = Depends(guard.allowed("requests:handle"))

    @routes.get("", dependencies=[read])
    async def list_requests(
        state: Annotated[PersonRequestState | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_CASES)] = USUAL_CASES,
        after: Annotated[str | None, Query(max_length=64)] = None,
    ) -> PersonRequestListResponse:
        """A page: open ones by deadline, then decided ones; ``after`` is its cursor."""
        return await requests.list(CaseQuestion(state, limit, after))

    @routes.get("/{identity}", dependencies=[read])
    async def get(identity: str) -> PersonRequestResponse:
        return await requests.get(identity)

    @routes.post("", status_code=201)
    async def create(
        body: PersonRequestBody, actor: Annotated[Actor, handle]
    ) -> PersonRequestResponse:
        return await requests.create(NewPersonRequest(**body.model_dump()), actor)

    @routes.post("/{identity}/reveal")
    async def reveal(
        identity: str, body: ReasonBody, actor: Annotated[Actor, handle]
    ) -> CaseTextsResponse:
        return CaseTextsResponse(texts=await requests.reveal(identity, actor, reason=body.reason))

    @routes.post("/{identity}/identify")
    async def identify(
        identity: str, body: IdentityBody, actor: Annotated[Actor, handle]
    ) -> PersonRequestResponse:
        return await requests.identify(identity, actor, how=body.how)

    @routes.post("/{identity}/extend")
    async def extend(
        identity: str, body: ReasonBody, actor: Annotated[Actor, handle]
    ) -> PersonRequestResponse:
        return await requests.extend(identity, actor, reason=body.reason)

    @routes.post("/{identity}/messages", status_code=201)
    async def write(
        identity: str, body: MessageBody, actor: Annotated[Actor, handle]
    ) -> CaseMessage:
        sent = body.direction == "sent"
        return await requests.write(identity, actor, text=body.text, sent=sent)

    @routes.post("/{identity}/decide")
    async def decide(
        identity: str, body: RequestDecisionBody, actor: Annotated[Actor, handle]
    ) -> PersonRequestResponse:
        return await requests.decide(
            identity, actor, outcome=body.outcome, reasons=body.reasons, answer=body.answer
        )

    return routes
