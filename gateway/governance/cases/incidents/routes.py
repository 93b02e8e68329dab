"""``/admin/v1/incidents``: list, open, reveal, judge and close incidents."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from gateway.governance.actor import Actor
from gateway.governance.cases.case_pages import MOST_CASES, USUAL_CASES, CaseQuestion
from gateway.governance.cases.incidents.containment import Containment, WantedStops
from gateway.governance.cases.incidents.follow_ups import FollowUps
from gateway.governance.cases.incidents.report_draft import ReportDrafts
from gateway.governance.cases.incidents.schemas import (
    CloseBody,
    ContainBody,
    ContainmentResponse,
    DraftBody,
    DraftResponse,
    FollowUpBody,
    FollowUpResponse,
    IncidentBody,
    IncidentListResponse,
    IncidentResponse,
    JudgementBody,
    ReportedBody,
    UsedResponse,
)
from gateway.governance.cases.incidents.service import IncidentJudgement, Incidents, NewIncident
from gateway.governance.cases.schemas import CaseTextsResponse
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ObjectStateResponse, ReasonBody
from gateway.governance.stops.schemas import Stoppable

IncidentState = Literal["open", "overdue", "closed"]


def router(guard: Guard, incidents: Incidents) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/incidents")
    read = Depends(guard.allowed("incidents:read"))
    handle = Depends(guard.allowed("incidents:handle"))

    @routes.get("", dependencies=[read])
    async def list_incidents(
        state: Annotated[IncidentState | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_CASES)] = USUAL_CASES,
        after: Annotated[str | None, Query(max_length=64)] = None,
    ) -> IncidentListResponse:
        """A page: open ones by deadline, then closed ones; ``after`` is its cursor."""
        return await incidents.list(CaseQuestion(state, limit, after))

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


def measures_router(
    guard: Guard, incidents: Incidents, containment: Containment, tasks: FollowUps
) -> APIRouter:
    """What is stopped for an incident, and the tasks that follow from it."""
    routes = APIRouter(prefix="/incidents")
    read = Depends(guard.allowed("incidents:read"))
    handle = Depends(guard.allowed("incidents:handle"))
    contain_ = Depends(guard.allowed("incidents:contain"))

    @routes.get("/{identity}/used", dependencies=[read])
    async def used(identity: str) -> UsedResponse:
        return await incidents.used(identity)

    @routes.get("/{identity}/containment", dependencies=[read])
    async def contained(identity: str) -> ContainmentResponse:
        return await containment.state(identity)

    @routes.post("/{identity}/contain")
    async def contain(
        identity: str, body: ContainBody, actor: Annotated[Actor, contain_]
    ) -> ContainmentResponse:
        objects = {
            Stoppable.USE_CASE: body.use_cases,
            Stoppable.ALIAS: body.aliases,
            Stoppable.DEPLOYMENT: body.deployments,
            Stoppable.KEY: body.keys,
        }
        wanted = WantedStops(objects, body.versions)
        return await containment.contain(
            identity, wanted, actor, reason=body.reason, wait=body.wait
        )

    @routes.post("/{identity}/follow-ups", status_code=201)
    async def follow(
        identity: str, body: FollowUpBody, actor: Annotated[Actor, handle]
    ) -> FollowUpResponse:
        return await tasks.add(identity, actor, text=body.text, due=body.due)

    @routes.post("/{identity}/follow-ups/{number}/done")
    async def followed(
        identity: str, number: int, actor: Annotated[Actor, handle]
    ) -> FollowUpResponse:
        return await tasks.done(identity, number, actor)

    return routes


def draft_router(guard: Guard, drafts: ReportDrafts) -> APIRouter:
    """Drafts of reports to authorities."""
    routes = APIRouter(prefix="/incidents")
    handle = Depends(guard.allowed("incidents:handle"))

    @routes.post("/{identity}/draft")
    async def draft(
        identity: str, body: DraftBody, actor: Annotated[Actor, handle]
    ) -> DraftResponse:
        return await drafts.draft(identity, body.rule, body.language, actor, reason=body.reason)

    return routes
