"""``/admin/v1/incidents``: opened, shown, closed; what was written is told for a reason only."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.cases import NewIncident
from gateway.governance.holds.service import MOST_REQUESTS
from gateway.governance.http.schemas import Body, Document, ReasonBody
from gateway.governance.plane import ControlPlane

_LATEST = 2**42  # the year 2109


class IncidentBody(Body):
    """What happened; ``aware`` is epoch milliseconds, ``requests`` are audit ids."""

    kind: str = Field(min_length=1, max_length=32)
    description: str = Field(min_length=3, max_length=10_000)
    aware: int = Field(ge=0, le=_LATEST)
    requests: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        default=[], max_length=MOST_REQUESTS
    )
    model: str | None = Field(default=None, max_length=128, pattern=r"^[\w.:@/-]+$")


class CloseBody(Body):
    """How it ended; ``reported`` is when the authority was told, in epoch milliseconds."""

    outcome: str = Field(min_length=3, max_length=10_000)
    reported: int | None = Field(default=None, ge=0, le=_LATEST)


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter(prefix="/incidents")
    read = Depends(allowed(plane, "incidents:read"))
    handle = Depends(allowed(plane, "incidents:handle"))

    @routes.get("", dependencies=[read])
    async def show() -> Document:
        return {"incidents": await plane.incidents.all(), "kinds": plane.incidents.kinds}

    @routes.get("/{identity}", dependencies=[read])
    async def one(identity: str) -> Document:
        return await plane.incidents.one(identity)

    @routes.post("", status_code=201)
    async def open_(body: IncidentBody, actor: Annotated[Actor, handle]) -> Document:
        new = NewIncident(
            kind=body.kind,
            description=body.description,
            aware=body.aware,
            requests=tuple(body.requests),
            model=body.model,
        )
        return await plane.incidents.open(new, actor)

    @routes.post("/{identity}/reveal")
    async def reveal(identity: str, body: ReasonBody, actor: Annotated[Actor, handle]) -> Document:
        return {"texts": await plane.incidents.reveal(identity, actor, reason=body.reason)}

    @routes.post("/{identity}/close")
    async def close(identity: str, body: CloseBody, actor: Annotated[Actor, handle]) -> Document:
        await plane.incidents.close(identity, actor, outcome=body.outcome, reported=body.reported)
        return {"id": identity, "state": "closed"}

    return routes
