"""Rows of runs and their answers, read and written within the transaction of a caller."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.decisions import EvaluationRules
from gateway.governance.evaluations.gate import FAILED, PASSED, RUNNING, valid_until
from gateway.governance.evaluations.schemas import AnswerBody, EvaluationRunResponse
from gateway.governance.evaluations.tables import evaluation_answer, evaluation_run


async def require_run(connection: AsyncConnection, identity: str) -> Any:
    """A run.

    Raises:
        InvalidRequest: when there is none.
    """
    query = select(evaluation_run).where(evaluation_run.c.id == identity)
    row = (await connection.execute(query)).first()
    if row is None:
        raise InvalidRequest("There is no such run.", code="not_found")
    return row


async def require_running(connection: AsyncConnection, identity: str) -> Any:
    """A run that has not ended.

    Raises:
        InvalidRequest: when there is none, or it has ended.
    """
    row = await require_run(connection, identity)
    if row.state != RUNNING:
        raise InvalidRequest(
            f"This run is {row.state}: what is on record does not change. Start another one.",
            code="conflict",
        )
    return row


async def runs_of(connection: AsyncConnection, name: str, version: str) -> Sequence[Any]:
    """All runs of a version, oldest first."""
    table = evaluation_run
    query = select(table).where(table.c.name == name, table.c.version == version)
    return (await connection.execute(query.order_by(table.c.started, table.c.id))).all()


async def all_runs(connection: AsyncConnection) -> Sequence[Any]:
    """All runs of all versions, oldest first."""
    query = select(evaluation_run).order_by(evaluation_run.c.started, evaluation_run.c.id)
    return (await connection.execute(query)).all()


async def run_states(connection: AsyncConnection) -> Sequence[Any]:
    """Version, digest, suite, purpose and state of all runs, oldest first."""
    table = evaluation_run.c
    query = select(table.name, table.version, table.suite, table.purpose, table.state)
    return (await connection.execute(query.order_by(table.started, table.id))).all()


async def finished_like(connection: AsyncConnection, values: Mapping[str, Any]) -> Any:
    """The newest valid run of a version with the same suite and parameters; None without one."""
    table = evaluation_run
    fixed = ("version_digest", "suite_digest", "scorer", "parameters")
    query = select(table).where(
        table.c.state.in_((PASSED, FAILED)), *(table.c[name] == values[name] for name in fixed)
    )
    return (await connection.execute(query.order_by(table.c.finished.desc()).limit(1))).first()


async def set_run(connection: AsyncConnection, identity: str, **values: Any) -> None:
    """Change fields of a run."""
    where = evaluation_run.c.id == identity
    await connection.execute(update(evaluation_run).where(where).values(**values))


async def answers_of(connection: AsyncConnection, identity: str) -> Mapping[str, Any]:
    """The answers of a run, by item."""
    query = select(evaluation_answer).where(evaluation_answer.c.run == identity)
    return {row.item: row for row in await connection.execute(query)}


async def answered_items(connection: AsyncConnection, identity: str) -> set[str]:
    """The items of a run that have an answer."""
    query = select(evaluation_answer.c.item).where(evaluation_answer.c.run == identity)
    return set((await connection.execute(query)).scalars())


async def count_answers(connection: AsyncConnection, identity: str) -> int:
    """How many items of a run have an answer."""
    query = select(func.count()).where(evaluation_answer.c.run == identity)
    return int((await connection.execute(query)).scalar_one())


async def store_answers(
    connection: AsyncConnection, identity: str, answers: Sequence[AnswerBody], *, now: float
) -> int:
    """Store those answers whose items have none; gives their number."""
    known = await answered_items(connection, identity)
    new = {one.item: one for one in reversed(answers) if one.item not in known}
    if new:
        rows = [{**one.model_dump(), "run": identity, "at": now} for one in new.values()]
        await connection.execute(insert(evaluation_answer), rows)
    return len(new)


def run_response(row: Any, rules: EvaluationRules) -> EvaluationRunResponse:
    """A run as the API shows it."""
    return EvaluationRunResponse(
        run=row.id,
        name=row.name,
        version=row.version,
        digest=row.version_digest,
        purpose=row.purpose,
        suite=row.suite,
        suite_version=row.suite_version,
        suite_digest=row.suite_digest,
        scorer=row.scorer,
        thresholds=msgspec.json.decode(row.thresholds),
        parameters=msgspec.json.decode(row.parameters),
        deployment=row.deployment,
        proof=row.proof,
        compared_with=row.compared_with,
        state=row.state,
        started=row.started,
        started_by=row.started_by,
        finished=row.finished,
        result=msgspec.json.decode(row.result) if row.result else None,
        problems=msgspec.json.decode(row.problems) if row.problems else [],
        valid_until=valid_until(row, rules),
    )
