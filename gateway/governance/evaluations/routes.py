"""``/admin/v1/models/NAME/VERSION/evaluations`` and ``/admin/v1/evaluations``."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.changes.edits import WAITING
from gateway.governance.evaluations.jobs import EvaluationJobs
from gateway.governance.evaluations.overrides import EvaluationOverrides
from gateway.governance.evaluations.schemas import (
    EvaluationRunBody,
    EvaluationsResponse,
    OverrideBody,
    ProposedSuiteResponse,
    RunCountsResponse,
    RunningResponse,
    SuiteBody,
    SuiteFilesResponse,
    SuiteListResponse,
    WaitingSuiteResponse,
)
from gateway.governance.evaluations.service import Evaluations
from gateway.governance.evaluations.suite_proposals import SuiteProposals
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import WaitingChange
from gateway.governance.proposals.service import Proposals


def router(
    guard: Guard,
    evaluations: Evaluations,
    jobs: EvaluationJobs,
    overrides: EvaluationOverrides,
    suites: SuiteProposals,
    proposals: Proposals,
) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter()
    read = Depends(guard.allowed("models:read"))
    evaluate_ = Depends(guard.allowed("models:evaluate"))

    @routes.get("/models/{name}/{version}/evaluations", dependencies=[read])
    async def of_version(name: str, version: str) -> EvaluationsResponse:
        found = await evaluations.of_version(name, version)
        return found.model_copy(update={"job": jobs.state(name, version)})

    @routes.post("/models/{name}/{version}/evaluations/run", status_code=WAITING)
    async def run(
        name: str, version: str, body: EvaluationRunBody, actor: Annotated[Actor, evaluate_]
    ) -> RunningResponse:
        return RunningResponse(runs=await jobs.start(name, version, body, actor))

    @routes.post("/models/{name}/{version}/evaluations/override", status_code=WAITING)
    async def override(
        name: str, version: str, body: OverrideBody, actor: Annotated[Actor, evaluate_]
    ) -> WaitingChange:
        draft, lacking = await overrides.draft(name, version, reason=body.reason)
        proposal = await proposals.create(draft, actor, comment=body.reason)
        return WaitingChange(proposal=proposal, waiting=lacking, applied=[])

    @routes.get("/evaluations", dependencies=[read])
    async def counts() -> RunCountsResponse:
        return RunCountsResponse(versions=await evaluations.counts())

    _add_suite_routes(routes, guard, evaluations, suites, proposals)
    return routes


def _add_suite_routes(
    routes: APIRouter,
    guard: Guard,
    evaluations: Evaluations,
    suites: SuiteProposals,
    proposals: Proposals,
) -> None:
    read = Depends(guard.allowed("models:read"))
    evaluate_ = Depends(guard.allowed("models:evaluate"))

    @routes.get("/evaluations/suites", dependencies=[read])
    async def list_suites() -> SuiteListResponse:
        return SuiteListResponse(suites=await evaluations.suites.list())

    @routes.post("/evaluations/suites", status_code=WAITING)
    async def propose_suite(
        body: SuiteBody, actor: Annotated[Actor, evaluate_]
    ) -> WaitingSuiteResponse:
        draft, suite = await suites.draft(body.description, body.items, actor)
        return WaitingSuiteResponse(
            name=suite.name,
            version=suite.about.version,
            items=len(suite.items),
            digest=suite.digest,
            proposal=await proposals.create(draft, actor, comment=body.reason),
        )

    @routes.get("/evaluations/suites/proposals/{identity}", dependencies=[read])
    async def proposed_suite(identity: str) -> ProposedSuiteResponse:
        return await suites.show(identity)

    @routes.get("/evaluations/suites/proposals/{identity}/files", dependencies=[read])
    async def proposed_files(identity: str) -> SuiteFilesResponse:
        return await suites.files(identity)
