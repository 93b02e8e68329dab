"""The suites that runs may use: those of the release, and the organisation's own."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import ConfigError, InvalidRequest
from gateway.evaluation.versions.suite import Suite, SuiteError, read_suite, shipped_suites
from gateway.governance.evaluations.schemas import SuiteSummary
from gateway.governance.evaluations.tables import evaluation_suite
from gateway.storage.database import Database


class SuiteLibrary:
    """Finds suites by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> Sequence[SuiteSummary]:
        """The suites in use, by name: of an own suite its newest version."""
        async with self._database.read() as connection:
            found = await self.all(connection)
            approved_by = {row.name: row.approved_by for row in await _newest_rows(connection)}
        return [
            summary_of(suite, own=name in approved_by, approved_by=approved_by.get(name))
            for name, suite in sorted(found.items())
        ]

    async def all(self, connection: AsyncConnection) -> Mapping[str, Suite]:
        """All suites in use, by name."""
        rows = await _newest_rows(connection)
        own = await asyncio.to_thread(lambda: [suite_of(row) for row in rows])
        of_release = await asyncio.to_thread(suites_of_release)
        return {**of_release, **{suite.name: suite for suite in own}}

    async def of_run(self, connection: AsyncConnection, run: Any) -> Suite:
        """The suite of a run, in the version that it was started with.

        Raises:
            InvalidRequest: when the release has another version of it since.
        """
        shipped = (await asyncio.to_thread(suites_of_release)).get(run.suite)
        if shipped is not None and shipped.digest == run.suite_digest:
            return shipped
        query = select(evaluation_suite).where(
            evaluation_suite.c.name == run.suite, evaluation_suite.c.digest == run.suite_digest
        )
        row = (await connection.execute(query)).first()
        if row is None:
            raise InvalidRequest(
                f"The suite {run.suite} has changed since this run was started; start it again.",
                code="conflict",
            )
        return await asyncio.to_thread(suite_of, row)


async def own_names(connection: AsyncConnection) -> Sequence[str]:
    """The names of the organisation's own suites."""
    query = select(evaluation_suite.c.name).distinct().order_by(evaluation_suite.c.name)
    return list((await connection.execute(query)).scalars())


async def suite_digests(connection: AsyncConnection) -> Mapping[str, str]:
    """The digests of all suites in use, by name."""
    own = {row.name: row.digest for row in await _newest_rows(connection)}
    of_release = await asyncio.to_thread(suites_of_release)
    return {name: suite.digest for name, suite in of_release.items()} | own


async def newest_own(connection: AsyncConnection, name: str) -> Any:
    """The row of the newest version of an own suite; None where there is none."""
    query = select(evaluation_suite).where(evaluation_suite.c.name == name)
    ordered = query.order_by(evaluation_suite.c.version.desc()).limit(1)
    return (await connection.execute(ordered)).first()


async def _newest_rows(connection: AsyncConnection) -> Sequence[Any]:
    query = select(evaluation_suite).order_by(evaluation_suite.c.version)
    return list({row.name: row for row in await connection.execute(query)}.values())


@cache
def suites_of_release() -> Mapping[str, Suite]:
    """The suites of the release, read once.

    Raises:
        ConfigError: when one cannot be used.
    """
    try:
        return shipped_suites()
    except SuiteError as error:
        raise ConfigError(f"A suite of this release cannot be used: {error}") from error


def suite_of(row: Any) -> Suite:
    """The suite of a row."""
    return _read(row.description, row.items)


@cache
def _read(description: str, items: str) -> Suite:
    return read_suite(description, items)


def summary_of(suite: Suite, *, own: bool = False, approved_by: str | None = None) -> SuiteSummary:
    """A suite for readers."""
    about = suite.about
    return SuiteSummary(
        name=about.name,
        version=about.version,
        task=about.task.value,
        languages=list(about.languages),
        licence=about.licence,
        items=len(suite.items),
        digest=suite.digest,
        own=own,
        approved_by=approved_by,
        title={"nl": about.title.nl, "en": about.title.en},
        description={"nl": about.description.nl, "en": about.description.en},
    )
