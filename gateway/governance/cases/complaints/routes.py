"""``POST /complaints`` for holders of a receipt, and ``/admin/v1/complaints`` for decisions."""

from collections.abc import Callable
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from gateway.core.errors import InvalidRequest, Refusal
from gateway.core.http_headers import language_of
from gateway.governance.actor import Actor
from gateway.governance.cases.case_pages import MOST_CASES, USUAL_CASES, CaseQuestion
from gateway.governance.cases.complaint_texts import LANGUAGES
from gateway.governance.cases.complaints.form import FORM, ComplaintPage, sent_fields
from gateway.governance.cases.complaints.schemas import (
    ComplaintBody,
    ComplaintListResponse,
    ComplaintResponse,
    DecidedResponse,
    DecisionBody,
    ExplanationResponse,
    ReceivedResponse,
)
from gateway.governance.cases.complaints.service import Complaints, NewComplaint
from gateway.governance.cases.messages import NOT_READ, TOO_LARGE
from gateway.governance.cases.schemas import CaseMessage, CaseTextsResponse, MessageBody
from gateway.governance.http.permissions import Guard
from gateway.governance.http.public_body import read_public_body
from gateway.governance.http.schemas import ReasonBody

_MAX_BYTES = 128 * 1024  # 10,000 characters in any JSON escaping
_REQUEST_BODY = {
    "required": True,
    "content": {
        kind: {"schema": ComplaintBody.model_json_schema()} for kind in ("application/json", FORM)
    },
}


def intake(complaints: Complaints) -> APIRouter:
    """The public routes, which need no credential: a form, and where it and programs send to."""
    routes = APIRouter()

    @routes.get("/complaints", response_class=HTMLResponse)
    async def form(request: Request) -> HTMLResponse:
        return (await _page(complaints, request)).empty()

    @routes.post(
        "/complaints",
        status_code=201,
        response_model=ReceivedResponse,
        openapi_extra={"requestBody": _REQUEST_BODY},
    )
    async def complain(request: Request) -> ReceivedResponse | HTMLResponse:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != FORM:
            return await _complain(complaints, request, _parsed)
        page = await _page(complaints, request)
        sent: dict[str, str] = {}

        def parsed(raw: bytes) -> ComplaintBody:
            sent.update(sent_fields(raw))
            return _parsed(orjson.dumps({"language": page.language, **sent}))

        try:
            return page.received((await _complain(complaints, request, parsed)).message)
        except Refusal as refusal:
            return page.refused(refusal, sent)

    return routes


async def _complain(
    complaints: Complaints, request: Request, parsed: Callable[[bytes], ComplaintBody]
) -> ReceivedResponse:
    address = request.client.host if request.client else None
    async with complaints.limiter.attempt(address):
        raw = await read_public_body(
            request, limit=_MAX_BYTES, too_large=TOO_LARGE, not_read=NOT_READ
        )
        body = parsed(raw)
        return await complaints.create(NewComplaint(body.receipt, body.text, body.language))


async def _page(complaints: Complaints, request: Request) -> ComplaintPage:
    """The page in the language of the address, else in that of the browser."""
    asked = request.query_params.get("language", "")
    language = asked if asked in LANGUAGES else language_of(request.headers)
    return ComplaintPage(language, await complaints.stated())


ComplaintState = Literal["open", "overdue", "decided"]


def router(guard: Guard, complaints: Complaints) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/complaints")
    read = Depends(guard.allowed("complaints:read"))
    handle = Depends(guard.allowed("complaints:handle"))

    @routes.get("", dependencies=[read])
    async def list_complaints(
        state: Annotated[ComplaintState | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_CASES)] = USUAL_CASES,
        after: Annotated[str | None, Query(max_length=64)] = None,
    ) -> ComplaintListResponse:
        """A page: open ones by deadline, then decided ones; ``after`` is its cursor."""
        return await complaints.list(CaseQuestion(state, limit, after))

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
        await complaints.decide(
            identity, actor, outcome=body.outcome, reasons=body.reasons, answer=body.answer
        )
        return DecidedResponse(id=identity, state="decided", outcome=body.outcome)

    @routes.get("/{identity}/explanation", dependencies=[read])
    async def explanation(
        identity: str, language: Literal["nl", "en"] = "nl"
    ) -> ExplanationResponse:
        return await complaints.explain(identity, language)

    @routes.post("/{identity}/messages", status_code=201)
    async def write(
        identity: str, body: MessageBody, actor: Annotated[Actor, handle]
    ) -> CaseMessage:
        sent = body.direction == "sent"
        return await complaints.write(identity, actor, text=body.text, sent=sent)

    @routes.post("/{identity}/extend")
    async def extend(
        identity: str, body: ReasonBody, actor: Annotated[Actor, handle]
    ) -> ComplaintResponse:
        return await complaints.extend(identity, actor, reason=body.reason)

    return routes


def _parsed(raw: bytes) -> ComplaintBody:
    try:
        return ComplaintBody.model_validate_json(raw)
    except ValidationError:
        raise InvalidRequest(NOT_READ) from None  # the cause would show what was written
