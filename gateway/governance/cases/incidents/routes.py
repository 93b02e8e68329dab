"""``/admin/v1/incidents``: list, open, reveal and close incidents."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.cases.incidents.schemas import (
    CloseBody,
    IncidentBody,
    IncidentListResponse,
    IncidentResponse,
)
from gateway.governance.cases.incidents.service import Incidents, NewIncident
from gateway.governance.cases.schemas import CaseTextsResponse
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ObjectStateResponse, ReasonBody


def router(guard: Guard, incidents: Incidents) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/incidents")
    read = Depends(guard.allowed("incidents:read"))
    handle = Depends(guard.allowed("incidents:handle"))

    @routes.get("", dependencies=[read])
    async def list_incidents() -> IncidentListResponse:
        return IncidentListResponse(incidents=await incidents.list(), kinds=incidents.kinds)

    @routes.get("/{identity}", dependencies=[read])
    async def get(identity: str) -> IncidentResponse:
        return await incidents.get(identity)

    @routes.post("", status_code=201)
    async def create(body: IncidentBody, actor: Annotated[Actor, handle]) -> IncidentResponse:
        new = NewIncident(
            kind=body.kind,
            description=body.description,
            aware=body.aware,
            requests=tuple(body.requests),
            model=body.model,
        )
        return await incidents.create(new, actor)

    @routes.post("/{identity}/reveal")
    async def reveal(
        identity: str, body: ReasonBody, actor: Annotated[Actor, handle]
    ) -> CaseTextsResponse:
        texts = await incidents.reveal(identity, actor, reason=body.reason)
        return CaseTextsResponse(texts=texts)

    @routes.post("/{identity}/close")
    async def close(
        identity: str, body: CloseBody, actor: Annotated[Actor, handle]
    ) -> ObjectStateResponse:
        await incidents.close(identity, actor, outcome=body.outcome, reported=body.reported)
        return ObjectStateResponse(id=identity, state="closed")

    return routes
