"""``/admin/v1/incidents``: list, open, reveal, judge and close incidents."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.cases.incidents.schemas import (
    CloseBody,
    IncidentBody,
    IncidentListResponse,
    IncidentResponse,
    JudgementBody,
    ReportedBody,
)
from gateway.governance.cases.incidents.service import IncidentJudgement, Incidents, NewIncident
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
        return await incidents.list()

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
            severity=body.severity,
        )
        return await incidents.create(new, actor)

    @routes.post("/{identity}/reveal")
    async def reveal(
        identity: str, body: ReasonBody, actor: Annotated[Actor, handle]
    ) -> CaseTextsResponse:
        texts = await incidents.reveal(identity, actor, reason=body.reason)
        return CaseTextsResponse(texts=texts)

    @routes.post("/{identity}/judge")
    async def judge(
        identity: str, body: JudgementBody, actor: Annotated[Actor, handle]
    ) -> IncidentResponse:
        judgement = IncidentJudgement(body.rules, body.reasons, body.classified, body.severity)
        return await incidents.judge(identity, judgement, actor)

    @routes.post("/{identity}/report")
    async def report(
        identity: str, body: ReportedBody, actor: Annotated[Actor, handle]
    ) -> IncidentResponse:
        return await incidents.report(identity, body.rule, body.at, actor)

    @routes.post("/{identity}/close")
    async def close(
        identity: str, body: CloseBody, actor: Annotated[Actor, handle]
    ) -> ObjectStateResponse:
        await incidents.close(identity, actor, outcome=body.outcome, reported=body.reported)
        return ObjectStateResponse(id=identity, state="closed")

    return routes
