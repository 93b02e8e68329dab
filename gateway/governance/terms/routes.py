"""``/admin/v1/terms``: the organisation's own lists, and proposals to change them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from gateway.core.finding import PERSONAL_TYPES
from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ObjectStateResponse
from gateway.governance.proposals.service import Proposals
from gateway.governance.proposals.states import PENDING
from gateway.governance.terms.changes import Term, TermChange
from gateway.governance.terms.schemas import (
    ChangeBody,
    TermBody,
    TermChangeResponse,
    TermListResponse,
)
from gateway.governance.terms.service import CustomTerms, change_of


def router(guard: Guard, terms: CustomTerms, proposals: Proposals) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/terms")
    read = Depends(guard.allowed("terms:read"))
    propose_ = Depends(guard.allowed("terms:propose"))

    @routes.get("", dependencies=[read])
    async def list_terms(
        kind: Literal["deny", "allow"] = "deny",
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> TermListResponse:
        page = await terms.list(kind, offset=offset, limit=limit)
        return TermListResponse(terms=page.terms, counts=page.counts, types=list(PERSONAL_TYPES))

    @routes.post("", status_code=201)
    async def propose(body: ChangeBody, actor: Annotated[Actor, propose_]) -> ObjectStateResponse:
        draft = await terms.draft(TermChange(_terms(body.add), _terms(body.remove)))
        identity = await proposals.create(draft, actor, comment=body.reason)
        return ObjectStateResponse(id=identity, state=PENDING)

    @routes.get("/proposals/{identity}", dependencies=[read])
    async def get_proposed(identity: str) -> TermChangeResponse:
        change = change_of(await proposals.get(identity))
        return TermChangeResponse.model_validate(change)

    return routes


def _terms(bodies: list[TermBody]) -> list[Term]:
    return [Term(body.kind, body.text, body.type) for body in bodies]
