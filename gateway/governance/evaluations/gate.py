"""The gate: which runs count for a version, and what is lacking."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.compiled.policy import evaluation_rules
from gateway.core.snapshot import DETECTOR
from gateway.decisions import OWN, EvaluationRules, SuiteThresholds
from gateway.evaluation.versions.scorers import SCORER
from gateway.governance.evaluations.suites import own_names, suite_digests
from gateway.governance.evaluations.tables import (
    evaluation_answer,
    evaluation_override,
    evaluation_run,
)
from gateway.governance.models.evaluated import EvaluationStanding
from gateway.governance.models.model_card import stored_card
from gateway.routing import DIGEST

GATE, BASELINE = "gate", "baseline"
RUNNING, PASSED, FAILED, INVALID, ABANDONED = (
    "running",
    "passed",
    "failed",
    "invalid",
    "abandoned",
)
_CONCLUDED = (PASSED, FAILED, INVALID)
_DAY_S = 86_400
_ANEW = "run it again"
Files = Callable[[AsyncConnection], Awaitable[Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class GateInputs:
    """What runs are held against at one moment."""

    rules: EvaluationRules
    digests: Mapping[str, str]  # of suites in use, by name
    own: Sequence[str]
    now: float


class EvaluationGate:
    """Says what the evaluations of versions lack."""

    def __init__(self, files: Files, *, wall: Callable[[], float]) -> None:
        """``files`` gives the policy bundle in force; ``wall`` is epoch seconds."""
        self._files = files
        self._wall = wall

    async def inputs(self, connection: AsyncConnection) -> GateInputs:
        """What counts at this moment."""
        rules = evaluation_rules(await self._files(connection))
        digests, own = await suite_digests(connection), await own_names(connection)
        return GateInputs(rules, digests, own, self._wall())

    async def standing(self, connection: AsyncConnection, row: Any) -> EvaluationStanding:
        """What a version lacks, without what another person let pass."""
        if row.kind == DETECTOR:
            return EvaluationStanding()
        inputs = await self.inputs(connection)
        needed = inputs.rules.for_risk(risk_of(row))
        newest = await _newest_runs(connection, row)
        spent = await discarded_runs(connection, row)
        found = [
            f"{one.suite}: {problem}"
            for one in needed.suites
            if (problem := _problem(newest.get(one.suite), one, inputs, spent[one.suite]))
        ]
        if needed.own_suites and (problem := _own_problem(newest, row, inputs, spent)):
            found.append(f"{OWN}: {problem}")
        passed = {
            problem
            for one in await overrides_of(connection, row)
            for problem in msgspec.json.decode(one.problems, type=list[str])
        }
        return EvaluationStanding(
            needed.blocks,
            [problem for problem in found if problem not in passed],
            [problem for problem in found if problem in passed],
        )


def risk_of(row: Any) -> str | None:
    """The risk class that the card of a version states."""
    card = stored_card(row.card_fields)
    return card.ai_act.risk if card.ai_act else None


def thresholds_json(thresholds: SuiteThresholds | None) -> str:
    """Thresholds as a run stores them."""
    return msgspec.json.encode(thresholds, order="sorted").decode()


def valid_until(run: Any, rules: EvaluationRules) -> float | None:
    """When a run ends to count; None for one whose weights a digest proves."""
    if run.proof == DIGEST or run.finished is None:
        return None
    return float(run.finished) + rules.validity_days * _DAY_S


async def overrides_of(connection: AsyncConnection, row: Any) -> Sequence[Any]:
    """The overrides of a version by its digest, oldest first."""
    table = evaluation_override
    query = select(table).where(
        table.c.name == row.name,
        table.c.version == row.version,
        table.c.version_digest == row.digest,
    )
    return (await connection.execute(query.order_by(table.c.id))).all()


async def has_passed(connection: AsyncConnection, row: Any) -> bool:
    """Whether any run of a version has passed."""
    table = evaluation_run
    query = select(table.c.id).where(
        table.c.name == row.name,
        table.c.version == row.version,
        table.c.version_digest == row.digest,
        table.c.purpose == GATE,
        table.c.state == PASSED,
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def _newest_runs(connection: AsyncConnection, row: Any) -> Mapping[str, Any]:
    """The newest run of each suite that has come to an end: a later one takes the place."""
    table = evaluation_run
    query = select(table).where(
        table.c.name == row.name,
        table.c.version == row.version,
        table.c.version_digest == row.digest,
        table.c.purpose == GATE,
        table.c.state.in_(_CONCLUDED),
    )
    rows = await connection.execute(query.order_by(table.c.started, table.c.id))
    return {run.suite: run for run in rows}


async def discarded_runs(connection: AsyncConnection, row: Any) -> Counter[str]:
    """How many runs of each suite a version failed, or were broken off with answers.

    Who chooses among many runs chooses the luckiest one.
    """
    run, answer = evaluation_run.c, evaluation_answer.c
    answered = select(answer.run).where(answer.run == run.id).exists()
    query = select(run.suite).where(
        run.name == row.name,
        run.version == row.version,
        run.version_digest == row.digest,
        run.purpose == GATE,
        run.state.in_((FAILED, INVALID)) | ((run.state == ABANDONED) & answered),
    )
    return Counter((await connection.execute(query)).scalars())


def _problem(run: Any, needed: SuiteThresholds, inputs: GateInputs, discarded: int) -> str:
    """Why the newest run of a suite does not count; empty when it does."""
    if needed.suite not in inputs.digests:
        return "there is no such suite"
    if run is None:
        return "no run"
    if run.suite_digest != inputs.digests[needed.suite] or run.scorer != SCORER:
        return f"the suite or its scorer has changed since; {_ANEW}"
    if run.thresholds != thresholds_json(needed):
        return f"the thresholds have changed since; {_ANEW}"
    if run.state != PASSED:
        return "; ".join(msgspec.json.decode(run.problems, type=list[str]))
    until = valid_until(run, inputs.rules)
    if until is not None and until <= inputs.now:
        return f"its evaluation has expired; {_ANEW}"
    if discarded >= inputs.rules.attempts:
        return f"{discarded} runs of it were failed or discarded before one passed"
    return ""


def _own_problem(
    newest: Mapping[str, Any], row: Any, inputs: GateInputs, discarded: Counter[str]
) -> str:
    """Why no suite of the organisation's own counts; empty when one does."""
    if not inputs.own:
        return "add a suite of your own with `sluis models add-suite`"
    problems = []
    for name in inputs.own:
        needed = inputs.rules.thresholds(risk_of(row), name, own=True)
        run, spent = newest.get(name), discarded[name]
        problem = _problem(run, needed, inputs, spent) if needed else "not asked for"
        if not problem:
            return ""
        problems.append(f"{name}: {problem}")
    return "; ".join(problems)
