"""``POST /complaints`` for holders of a receipt, and ``/admin/v1/complaints`` for decisions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.cases.complaints.schemas import (
    ComplaintBody,
    ComplaintListResponse,
    ComplaintResponse,
    DecidedResponse,
    DecisionBody,
    ReceivedResponse,
)
from gateway.governance.cases.complaints.service import Complaints, NewComplaint
from gateway.governance.cases.messages import NOT_READ, TOO_LARGE
from gateway.governance.cases.schemas import CaseTextsResponse
from gateway.governance.http.permissions import Guard
from gateway.governance.http.public_body import read_public_body
from gateway.governance.http.schemas import ReasonBody

_MAX_BYTES = 128 * 1024  # 10,000 characters in any JSON escaping
_REQUEST_BODY = {
    "required": True,
    "content": {"application/json": {"schema": ComplaintBody.model_json_schema()}},
}


def intake(complaints: Complaints) -> APIRouter:
    """The public route, which needs no credential."""
    routes = APIRouter()

    @routes.post("/complaints", status_code=201, openapi_extra={"requestBody": _REQUEST_BODY})
    async def complain(request: Request) -> ReceivedResponse:
        address = request.client.host if request.client else None
        async with complaints.limiter.attempt(address):
            raw = await read_public_body(
                request, limit=_MAX_BYTES, too_large=TOO_LARGE, not_read=NOT_READ
            )
            body = _parsed(raw)
            new = NewComplaint(body.receipt, body.text, body.language)
            return await complaints.create(new)

    return routes


def router(guard: Guard, complaints: Complaints) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/complaints")
    read = Depends(guard.allowed("complaints:read"))
    handle = Depends(guard.allowed("complaints:handle"))

    @routes.get("", dependencies=[read])
    async def list_complaints() -> ComplaintListResponse:
        return ComplaintListResponse(complaints=await complaints.list())

    @routes.get("/{identity}", dependencies=[read])
    async def get(identity: str) -> ComplaintResponse:
        return await complaints.get(identity)

    @routes.post("/{identity}/reveal")
    async def reveal(
        identity: str, body: ReasonBody, actor: Annotated[Actor, handle]
    ) -> CaseTextsResponse:
        texts = await complaints.reveal(identity, actor, reason=body.reason)
        return CaseTextsResponse(texts=texts)

    @routes.post("/{identity}/decide")
    async def decide(
        identity: str, body: DecisionBody, actor: Annotated[Actor, handle]
    ) -> DecidedResponse:
        await complaints.decide(identity, actor, outcome=body.outcome, reasons=body.reasons)
        return DecidedResponse(id=identity, state="decided", outcome=body.outcome)

    return routes


def _parsed(raw: bytes) -> ComplaintBody:
    try:
        return ComplaintBody.model_validate_json(raw)
    except ValidationError:
        raise InvalidRequest(NOT_READ) from None  # the cause would show what was written
