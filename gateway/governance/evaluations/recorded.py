"""Runs and overrides as reports and packages show them: without answers."""

from typing import Any

import msgspec
from sqlalchemy import select

from gateway.governance.evaluations.gate import GATE
from gateway.governance.evaluations.run_store import all_runs
from gateway.governance.evaluations.tables import evaluation_override
from gateway.storage.database import Database

_RUN = (
    "id",
    "name",
    "version",
    "version_digest",
    "suite",
    "suite_version",
    "suite_digest",
    "scorer",
    "deployment",
    "proof",
    "state",
    "started",
    "started_by",
    "finished",
)
PEOPLE = ("started_by", "author", "approved_by", "reason")


class RecordedEvaluations(msgspec.Struct, frozen=True):
    """All runs towards the gate, and all overrides, oldest first."""

    runs: list[dict[str, Any]]
    overrides: list[dict[str, Any]]

    def of(self, digest: str) -> "RecordedEvaluations":
        """Those of one version."""
        return RecordedEvaluations(
            [one for one in self.runs if one["version_digest"] == digest],
            [one for one in self.overrides if one["version_digest"] == digest],
        )

    def with_people(self, shown: Any) -> "RecordedEvaluations":
        """Those with ``shown`` in place of what names people, or is their text."""
        return RecordedEvaluations(
            [_replaced(one, shown) for one in self.runs],
            [_replaced(one, shown) for one in self.overrides],
        )


async def recorded_evaluations(database: Database) -> RecordedEvaluations:
    """What is on record."""
    table = evaluation_override
    async with database.read() as connection:
        runs = [_run(row) for row in await all_runs(connection) if row.purpose == GATE]
        rows = (await connection.execute(select(table).order_by(table.c.id))).mappings()
        overrides = [{**row, "problems": msgspec.json.decode(row["problems"])} for row in rows]
    return RecordedEvaluations(runs, overrides)


def _run(row: Any) -> dict[str, Any]:
    documents = {
        name: msgspec.json.decode(text) if (text := getattr(row, name)) else None
        for name in ("thresholds", "parameters", "result", "problems")
    }
    return {**{name: getattr(row, name) for name in _RUN}, **documents}


def _replaced(one: dict[str, Any], shown: Any) -> dict[str, Any]:
    return {name: shown if name in PEOPLE else value for name, value in one.items()}
