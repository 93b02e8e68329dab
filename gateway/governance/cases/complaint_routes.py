"""``POST /complaints`` for anybody with a receipt, and ``/admin/v1/complaints`` for who decides."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints, ValidationError
from starlette.requests import ClientDisconnect

from gateway.core.errors import InvalidRequest
from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.cases import NewComplaint
from gateway.governance.cases.messages import NOT_READ, TOO_LARGE
from gateway.governance.http.schemas import Body, Document, ReasonBody
from gateway.governance.plane import ControlPlane

_MOST_BYTES = 128 * 1024  # 10,000 characters, whatever way JSON writes them
_PATIENCE_S = 30.0


class ComplaintBody(Body):
    """The ``x-sluis-audit-id`` of an answer, and what is wrong with it."""

    receipt: str = Field(max_length=200)
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
    language: Literal["nl", "en"]


class DecisionBody(Body):
    """What is decided, and why."""

    outcome: Literal["upheld", "partly", "rejected"]
    reasons: str = Field(min_length=3, max_length=10_000)


_SENT = {
    "required": True,
    "content": {"application/json": {"schema": ComplaintBody.model_json_schema()}},
}


def intake(plane: ControlPlane) -> APIRouter:
    """The public route, which asks for no credential."""
    routes = APIRouter()

    @routes.post("/complaints", status_code=201, openapi_extra={"requestBody": _SENT})
    async def complain(request: Request) -> Document:
        address = request.client.host if request.client else None
        async with plane.complaints.door.attempt(address):
            body = _parsed(await _read(request))
            new = NewComplaint(body.receipt, body.text, body.language)
            return {**await plane.complaints.open(new)}

    return routes


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter(prefix="/complaints")
    read = Depends(allowed(plane, "complaints:read"))
    handle = Depends(allowed(plane, "complaints:handle"))

    @routes.get("", dependencies=[read])
    async def show() -> Document:
        return {"complaints": await plane.complaints.all()}

    @routes.get("/{identity}", dependencies=[read])
    async def one(identity: str) -> Document:
        return await plane.complaints.one(identity)

    @routes.post("/{identity}/reveal")
    async def reveal(identity: str, body: ReasonBody, actor: Annotated[Actor, handle]) -> Document:
        return {"texts": await plane.complaints.reveal(identity, actor, reason=body.reason)}

    @routes.post("/{identity}/decide")
    async def decide(
        identity: str, body: DecisionBody, actor: Annotated[Actor, handle]
    ) -> Document:
        await plane.complaints.decide(identity, actor, outcome=body.outcome, reasons=body.reasons)
        return {"id": identity, "state": "decided", "outcome": body.outcome}

    return routes


async def _read(request: Request) -> bytes:
    """The body, which is never held whole when it is larger than any complaint.

    Raises:
        InvalidRequest: when it is too large, too slow or broken off.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            async for part in request.stream():
                body += part
                if len(body) > _MOST_BYTES:
                    raise InvalidRequest(TOO_LARGE, code="request_too_large")
    except (TimeoutError, ClientDisconnect) as error:
        raise InvalidRequest(NOT_READ) from error
    return bytes(body)


def _parsed(raw: bytes) -> ComplaintBody:
    try:
        return ComplaintBody.model_validate_json(raw)
    except ValidationError:
        raise InvalidRequest(NOT_READ) from None  # the cause would show what was written
