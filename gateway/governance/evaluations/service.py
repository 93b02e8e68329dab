"""Runs of evaluations: started, answered item by item, and finished with a verdict."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.model_life import DRAFT, EVALUATED
from gateway.decisions import SuiteThresholds
from gateway.evaluation.versions.suite import Suite
from gateway.governance.actor import Actor
from gateway.governance.changes.basis import Basis
from gateway.governance.changes.governed import Governed
from gateway.governance.evaluations import scoring
from gateway.governance.evaluations.evaluation_keys import EvaluationKeys
from gateway.governance.evaluations.gate import (
    ABANDONED,
    FAILED,
    GATE,
    INVALID,
    PASSED,
    RUNNING,
    EvaluationGate,
    discarded_runs,
    has_passed,
    overrides_of,
    risk_of,
)
from gateway.governance.evaluations.run_starter import RunStarter
from gateway.governance.evaluations.run_store import (
    all_runs,
    answered_items,
    answers_of,
    count_answers,
    require_run,
    require_running,
    run_response,
    run_states,
    runs_of,
    set_run,
    store_answers,
)
from gateway.governance.evaluations.schemas import (
    AnswerBody,
    EvaluationRunResponse,
    EvaluationsResponse,
    EvaluationStartBody,
    EvaluationTarget,
    FinishedResponse,
    ItemMessageBody,
    OpenItem,
    OverrideResponse,
    RunProgress,
    StoredAnswersResponse,
    VersionRunCounts,
)
from gateway.governance.evaluations.suites import SuiteLibrary
from gateway.governance.evaluations.trail_proof import TrailProof
from gateway.governance.journal import Journal
from gateway.governance.models.tables import model_version
from gateway.governance.models.versions import require_version
from gateway.storage.database import Database

UNPROVEN = "answers"  # the parameter that a refusal names


class Evaluations:
    """Runs of suites by model versions. A run never changes once it has ended."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        governed: Governed,
        starter: RunStarter,
        keys: EvaluationKeys,
        library: SuiteLibrary,
        gate: EvaluationGate,
        proof: TrailProof,
        publish: Callable[[], Awaitable[object]],
        *,
        wall: Callable[[], float],
    ) -> None:
        """``publish`` publishes the present state; ``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._governed = governed
        self._starter = starter
        self._keys = keys
        self.suites = library
        self._gate = gate
        self._proof = proof
        self._publish = publish
        self._wall = wall

    async def start(
        self, name: str, version: str, body: EvaluationStartBody, actor: Actor
    ) -> list[EvaluationTarget]:
        """Start runs of a version; their keys work once gateways have them.

        Raises:
            InvalidRequest: when there is no such version, suite or deployment.
        """
        await self._publish()  # a version that was just registered is behind its deployment then
        async with self._database.write() as connection:
            targets = await self._starter.start(connection, name, version, body, actor)
        await self._publish()
        return targets

    async def open_items(self, identity: str) -> list[OpenItem]:
        """The items of a run that have no answer yet, in the order of the suite.

        Raises:
            InvalidRequest: when there is no such run, or it has ended.
        """
        async with self._database.read() as connection:
            run = await require_running(connection, identity)
            suite = await self.suites.of_run(connection, run)
            done = await answered_items(connection, identity)
        return [
            OpenItem(
                id=item.id,
                messages=[
                    ItemMessageBody(role=one.role, content=one.content) for one in item.messages
                ],
            )
            for item in suite.items
            if item.id not in done
        ]

    async def answer(
        self, identity: str, answers: Sequence[AnswerBody], actor: Actor
    ) -> StoredAnswersResponse:
        """Store answers; the first one of an item stays.

        Raises:
            InvalidRequest: when the run has ended, or an item is not one of the suite.
        """
        async with self._database.write() as connection:
            run = await require_running(connection, identity)
            suite = await self.suites.of_run(connection, run)
            known = {item.id for item in suite.items}
            if unknown := [one.item for one in answers if one.item not in known]:
                raise InvalidRequest(
                    f"The suite {run.suite} has no item {unknown[0]}.", param="answers"
                )
            stored = await store_answers(connection, identity, answers, now=self._wall())
            done = await answered_items(connection, identity)
            await self._journal.record(
                connection,
                actor,
                "control:evaluation:answer",
                request=identity,
                run=identity,
                stored=stored,
                answered=len(done),
            )
        return StoredAnswersResponse(stored=stored, open=len(known - done))

    async def finish(self, identity: str, actor: Actor) -> FinishedResponse:
        """Score a run whose items all have answers, and move its version on where it passes.

        Raises:
            InvalidRequest: when items have no answer, or another one than the trail has, or the run
                in production has not ended. Items that were asked more than once, and another
                deployment than at the start, make the run invalid instead.
        """
        async with self._database.read() as connection:
            run = await require_running(connection, identity)
            suite = await self.suites.of_run(connection, run)
            answers = await answers_of(connection, identity)
            others = await self._compared(connection, run)
        if open_items := len(suite.items) - len(answers):
            raise InvalidRequest(
                f"{open_items} items of {run.suite} have no answer yet.",
                code="conflict",
            )
        repeated = await self._require_proof(run, suite, answers)
        result = await asyncio.to_thread(scoring.result_of, suite, answers, others)
        async with self._database.write() as connection:
            await require_running(connection, identity)
            doubts = [f"{len(repeated)} items were asked more than once"] if repeated else []
            if deviation := await self._starter.deviation(connection, run):
                doubts.append(deviation)
            await self._conclude(connection, run, suite, result, doubts, actor)
            row = await require_version(connection, run.name, run.version)
            ended = await require_run(connection, identity)
            inputs = await self._gate.inputs(connection)
        await self._publish()
        return FinishedResponse(run=run_response(ended, inputs.rules), version_state=row.state)

    async def _require_proof(
        self, run: Any, suite: Suite, answers: Mapping[str, Any]
    ) -> Sequence[str]:
        """Check the answers against the trail; gives the items that were asked more than once."""
        proof = await self._proof.of(run, suite, answers)
        if unproven := proof.unproven:
            raise InvalidRequest(
                f"{len(unproven)} answers of {run.suite} are not what the trail has, {unproven[0]} "
                "for one. Entries may follow in some seconds; else start the evaluation again.",
                code="conflict",
                param=UNPROVEN,
            )
        return proof.repeated

    async def _compared(self, connection: AsyncConnection, run: Any) -> Mapping[str, Any] | None:
        if run.compared_with is None:
            return None
        other = await require_run(connection, run.compared_with)
        if other.state == RUNNING:
            raise InvalidRequest(
                f"Finish the run {other.id} of {other.name}@{other.version} first: this one is "
                "compared with it.",
                code="conflict",
            )
        if other.state not in {PASSED, FAILED}:
            raise InvalidRequest(
                f"The run {other.id} in production is {other.state}: nothing can be compared with "
                "it. Start the evaluation again.",
                code="conflict",
            )
        return await answers_of(connection, other.id)

    async def _conclude(
        self,
        connection: AsyncConnection,
        run: Any,
        suite: Suite,
        result: scoring.Result,
        doubts: Sequence[str],
        actor: Actor,
    ) -> None:
        """Store the verdict, end the key, and move the version on; no run with doubts counts."""
        thresholds = msgspec.json.decode(run.thresholds, type=SuiteThresholds | None)
        compares = run.compared_with is not None
        problems = [*doubts, *scoring.problems_of(result, thresholds, compares=compares)]
        passed = FAILED if problems else PASSED
        state = passed if result["valid"] and not doubts else INVALID
        await set_run(
            connection,
            run.id,
            state=state,
            finished=self._wall(),
            result=msgspec.json.encode(result).decode(),
            problems=msgspec.json.encode(problems).decode(),
        )
        moved = await self._move_on(connection, run, actor) if run.purpose == GATE else None
        await self._journal.record(
            connection,
            actor,
            "control:evaluation:finish",
            request=run.id,
            run=run.id,
            model=run.name,
            version=run.version,
            digest=run.version_digest,
            run_purpose=run.purpose,
            suite=suite.name,
            suite_digest=suite.digest,
            run_state=state,
            problems=problems,
            version_state=moved,
            **scoring.summary_of(result),
        )
        await self._keys.revoke(connection, actor, run.key, now=self._wall())

    async def _move_on(self, connection: AsyncConnection, run: Any, actor: Actor) -> str | None:
        """A draft that lacks nothing becomes evaluated; gives the new state."""
        row = await require_version(connection, run.name, run.version)
        standing = await self._gate.standing(connection, row)
        if row.state != DRAFT or standing.lacking or not await has_passed(connection, row):
            return None
        async with self._governed.change(connection, actor, Basis.one(actor)):
            await connection.execute(
                update(model_version)
                .where(
                    model_version.c.name == row.name,
                    model_version.c.version == row.version,
                    model_version.c.state == DRAFT,
                )
                .values(state=EVALUATED)
            )
        return EVALUATED

    async def of_version(self, name: str, version: str) -> EvaluationsResponse:
        """All runs of a version, and what the gate lacks.

        Raises:
            InvalidRequest: when there is no such version.
        """
        async with self._database.read() as connection:
            row = await require_version(connection, name, version)
            inputs = await self._gate.inputs(connection)
            standing = await self._gate.standing(connection, row)
            runs = await runs_of(connection, name, version)
            overrides = await overrides_of(connection, row)
            progress = await self._progress(connection, runs)
            discarded = await discarded_runs(connection, row)
        return EvaluationsResponse(
            state=row.state,
            risk=risk_of(row),
            blocks=standing.blocks,
            lacking=list(standing.lacking),
            overridden=list(standing.overridden),
            discarded=dict(discarded),
            runs=[
                run_response(run, inputs.rules).model_copy(
                    update={"progress": progress.get(run.id)}
                )
                for run in runs
            ],
            overrides=[_override(one) for one in overrides],
        )

    async def _progress(
        self, connection: AsyncConnection, runs: Sequence[Any]
    ) -> Mapping[str, RunProgress]:
        """How far the runs are that have not ended."""
        going = [run for run in runs if run.state == RUNNING]
        known = await self.suites.all(connection) if going else {}
        return {
            run.id: RunProgress(
                run=run.id,
                suite=run.suite,
                items=len(known[run.suite].items),
                answered=await count_answers(connection, run.id),
            )
            for run in going
            if run.suite in known
        }

    async def counts(self) -> Sequence[VersionRunCounts]:
        """How the newest runs of each version ended, by suite."""
        async with self._database.read() as connection:
            newest = {
                (run.name, run.version, run.suite): run.state
                for run in await run_states(connection)
                if run.purpose == GATE and run.state != ABANDONED
            }
        found: dict[tuple[str, str], Counter[str]] = {}
        for (name, version, _), state in newest.items():
            found.setdefault((name, version), Counter())[state] += 1
        return [
            VersionRunCounts(
                name=name,
                version=version,
                passed=states[PASSED],
                failed=states[FAILED] + states[INVALID],
                running=states[RUNNING],
            )
            for (name, version), states in found.items()
        ]

    async def list(self) -> Sequence[EvaluationRunResponse]:
        """All runs of all versions, oldest first."""
        async with self._database.read() as connection:
            inputs = await self._gate.inputs(connection)
            return [run_response(run, inputs.rules) for run in await all_runs(connection)]


def _override(row: Any) -> OverrideResponse:
    return OverrideResponse(
        problems=msgspec.json.decode(row.problems, type=list[str]),
        reason=row.reason,
        author=row.author,
        approved_by=row.approved_by,
        at=row.at,
    )
