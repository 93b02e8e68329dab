"""``/admin/v1/terms``: the organisation's own lists, and proposals to change them."""

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Query
from pydantic import Field

from gateway.core.finding import PERSONAL_TYPES
from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.http.schemas import Body, Document
from gateway.governance.plane import ControlPlane
from gateway.governance.terms.service import LONGEST, Term, TermChange

_MOST_AT_ONCE = 20_000


class TermBody(Body):
    """A term of one list."""

    kind: Literal["deny", "allow"]
    text: str = Field(max_length=2 * LONGEST)
    type: str = "PERSON"


class ChangeBody(Body):
    """What should come and go, and why."""

    add: list[TermBody] = Field(default=[], max_length=_MOST_AT_ONCE)
    remove: list[TermBody] = Field(default=[], max_length=_MOST_AT_ONCE)
    reason: str = Field(min_length=3, max_length=500)


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter(prefix="/terms")
    read = Depends(allowed(plane, "terms:read"))
    propose_ = Depends(allowed(plane, "terms:propose"))

    @routes.get("", dependencies=[read])
    async def show(
        kind: Literal["deny", "allow"] = "deny",
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> Document:
        page = await plane.terms.page(kind, offset=offset, limit=limit)
        return {**page, "types": list(PERSONAL_TYPES)}

    @routes.post("", status_code=201)
    async def propose(body: ChangeBody, actor: Annotated[Actor, propose_]) -> Document:
        change = TermChange(_terms(body.add), _terms(body.remove))
        identity = await plane.proposals.propose_terms(change, actor, comment=body.reason)
        return {"id": identity, "state": "pending"}

    @routes.get("/proposals/{identity}", dependencies=[read])
    async def proposed(identity: str) -> Document:
        change = await plane.proposals.proposed_terms(identity)
        return dict(msgspec.to_builtins(change))

    return routes


def _terms(bodies: list[TermBody]) -> list[Term]:
    return [Term(body.kind, body.text, body.type) for body in bodies]
