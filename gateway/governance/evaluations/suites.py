"""The suites that runs may use: those of the release, and the organisation's own."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import ConfigError, InvalidRequest
from gateway.decisions import OWN
from gateway.evaluation.versions.suite import Suite, SuiteError, read_suite, shipped_suites
from gateway.governance.actor import Actor
from gateway.governance.evaluations.schemas import SuiteSummary
from gateway.governance.evaluations.tables import evaluation_suite
from gateway.governance.journal import Journal
from gateway.storage.database import Database


class SuiteLibrary:
    """Finds suites by name, and adds the organisation's own."""

    def __init__(self, database: Database, journal: Journal, *, wall: Callable[[], float]) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._wall = wall

    async def add(self, description: str, items: str, actor: Actor) -> Suite:
        """Add a suite, or a new version of one; gives it with its digest.

        Raises:
            InvalidRequest: names the lines that cannot be used, or says that the name or the
                version is taken.
        """
        try:
            suite = await asyncio.to_thread(read_suite, description, items)
        except SuiteError as error:
            await self._refused(actor)
            raise InvalidRequest(str(error), param="suite") from error
        about = suite.about
        if about.name == OWN or about.name in await asyncio.to_thread(_shipped):
            raise InvalidRequest(
                f"{about.name} is a name of the release; choose another.", param="name"
            )
        async with self._database.write() as connection:
            newest = await _newest(connection, about.name)
            if newest is not None and newest.version >= about.version:
                raise InvalidRequest(
                    f"{about.name} has version {newest.version}: a suite never changes; give a "
                    "higher version.",
                    param="version",
                )
            await connection.execute(
                insert(evaluation_suite).values(
                    name=about.name,
                    version=about.version,
                    digest=suite.digest,
                    description=description,
                    items=items,
                    added=self._wall(),
                    added_by=actor.id,
                )
            )
            await self._journal.record(
                connection,
                actor,
                "control:evaluation:suite",
                suite=about.name,
                version=about.version,
                digest=suite.digest,
                licence=about.licence,
                items=len(suite.items),
            )
        return suite

    async def _refused(self, actor: Actor) -> None:
        async with self._database.write() as connection:
            await self._journal.record(
                connection, actor, "control:evaluation:refuse", reason="suite cannot be read"
            )

    async def list(self) -> Sequence[SuiteSummary]:
        """The suites in use, by name: of an own suite its newest version."""
        async with self._database.read() as connection:
            found = await self.all(connection)
            own = set(await own_names(connection))
        return [_summary(suite, own=name in own) for name, suite in sorted(found.items())]

    async def all(self, connection: AsyncConnection) -> Mapping[str, Suite]:
        """All suites in use, by name."""
        rows = await _newest_rows(connection)
        own = await asyncio.to_thread(lambda: [_read(row.description, row.items) for row in rows])
        return {**await asyncio.to_thread(_shipped), **{suite.name: suite for suite in own}}

    async def of_run(self, connection: AsyncConnection, run: Any) -> Suite:
        """The suite of a run, in the version that it was started with.

        Raises:
            InvalidRequest: when the release has another version of it since.
        """
        shipped = (await asyncio.to_thread(_shipped)).get(run.suite)
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
        return await asyncio.to_thread(_read, row.description, row.items)


async def own_names(connection: AsyncConnection) -> Sequence[str]:
    """The names of the organisation's own suites."""
    query = select(evaluation_suite.c.name).distinct().order_by(evaluation_suite.c.name)
    return list((await connection.execute(query)).scalars())


async def suite_digests(connection: AsyncConnection) -> Mapping[str, str]:
    """The digests of all suites in use, by name."""
    own = {row.name: row.digest for row in await _newest_rows(connection)}
    return {name: suite.digest for name, suite in (await asyncio.to_thread(_shipped)).items()} | own


async def _newest(connection: AsyncConnection, name: str) -> Any:
    query = select(evaluation_suite).where(evaluation_suite.c.name == name)
    ordered = query.order_by(evaluation_suite.c.version.desc()).limit(1)
    return (await connection.execute(ordered)).first()


async def _newest_rows(connection: AsyncConnection) -> Sequence[Any]:
    query = select(evaluation_suite).order_by(evaluation_suite.c.version)
    return list({row.name: row for row in await connection.execute(query)}.values())


@cache
def _shipped() -> Mapping[str, Suite]:
    """The suites of the release, read once.

    Raises:
        ConfigError: when one cannot be used.
    """
    try:
        return shipped_suites()
    except SuiteError as error:
        raise ConfigError(f"A suite of this release cannot be used: {error}") from error


@cache
def _read(description: str, items: str) -> Suite:
    return read_suite(description, items)


def _summary(suite: Suite, *, own: bool) -> SuiteSummary:
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
        title={"nl": about.title.nl, "en": about.title.en},
        description={"nl": about.description.nl, "en": about.description.en},
    )
