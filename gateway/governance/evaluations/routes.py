"""``/admin/v1/models/NAME/VERSION/evaluations`` and ``/admin/v1/evaluations``."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.changes.edits import WAITING
from gateway.governance.evaluations.jobs import EvaluationJobs
from gateway.governance.evaluations.overrides import EvaluationOverrides
from gateway.governance.evaluations.schemas import (
    AnswersBody,
    EvaluationRunBody,
    EvaluationsResponse,
    EvaluationStartBody,
    FinishedResponse,
    OpenItemsResponse,
    OverrideBody,
    ProposedSuiteResponse,
    RunCountsResponse,
    RunningResponse,
    StartResponse,
    StoredAnswersResponse,
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

    @routes.post("/models/{name}/{version}/evaluations", status_code=201)
    async def start(
        name: str, version: str, body: EvaluationStartBody, actor: Annotated[Actor, evaluate_]
    ) -> StartResponse:
        return StartResponse(targets=await evaluations.start(name, version, body, actor))

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

    _add_suite_routes(routes, guard, evaluations, suites, proposals)
    _add_run_routes(routes, guard, evaluations)
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


def _add_run_routes(routes: APIRouter, guard: Guard, evaluations: Evaluations) -> None:
    read = Depends(guard.allowed("models:read"))
    evaluate_ = Depends(guard.allowed("models:evaluate"))

    @routes.get("/evaluations", dependencies=[read])
    async def counts() -> RunCountsResponse:
        return RunCountsResponse(versions=await evaluations.counts())

    @routes.get("/evaluations/{run}/items", dependencies=[evaluate_])
    async def items(run: str) -> OpenItemsResponse:
        return OpenItemsResponse(items=await evaluations.open_items(run))

    @routes.post("/evaluations/{run}/answers")
    async def answers(
        run: str, body: AnswersBody, actor: Annotated[Actor, evaluate_]
    ) -> StoredAnswersResponse:
        return await evaluations.answer(run, body.answers, actor)

    @routes.post("/evaluations/{run}/finish")
    async def finish(run: str, actor: Annotated[Actor, evaluate_]) -> FinishedResponse:
        return await evaluations.finish(run, actor)
