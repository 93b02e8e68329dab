"""Suites of the organisation's own: proposed by one person, in use once another approves."""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.lines import Line
from gateway.core.errors import InvalidRequest
from gateway.core.objects.effects import Effect
from gateway.decisions import OWN
from gateway.evaluation.versions.suite import Suite, SuiteError, read_suite
from gateway.evidence.entry import Value
from gateway.governance.actor import Actor
from gateway.governance.evaluations.schemas import ProposedSuiteResponse, SuiteFilesResponse
from gateway.governance.evaluations.suites import (
    newest_own,
    suite_of,
    suites_of_release,
    summary_of,
)
from gateway.governance.evaluations.tables import evaluation_suite
from gateway.governance.journal import Journal
from gateway.governance.proposals.service import AfterCommit, Draft
from gateway.governance.proposals.states import PENDING
from gateway.governance.proposals.tables import proposal
from gateway.storage.database import Database

KIND = "evaluation_suite"  # of proposals
_POWER = "evaluation.suite"
_FIRST = 5  # items that are shown


class _ProposedSuite(msgspec.Struct, frozen=True):
    """The document of a proposal: the texts of a suite, and the digest that is approved."""

    digest: str
    description: str
    items: str


class SuiteProposals:
    """The kind of proposal that adds a suite, or replaces one by a higher version."""

    power = _POWER
    keeps_document = False  # once it is approved the table of suites has it

    def __init__(self, database: Database, journal: Journal, *, wall: Callable[[], float]) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._wall = wall

    async def draft(self, description: str, items: str, actor: Actor) -> tuple[Draft, Suite]:
        """The proposal to use a suite, and the suite with its digest.

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
        if about.name == OWN or about.name in await asyncio.to_thread(suites_of_release):
            raise InvalidRequest(
                f"{about.name} is a name of the release; choose another.", param="name"
            )
        async with self._database.read() as connection:
            in_use = await newest_own(connection, about.name)
        if in_use is not None and in_use.version >= about.version:
            raise InvalidRequest(
                f"{about.name} has version {in_use.version}: a suite never changes; give a higher "
                "version.",
                param="version",
            )
        before = await asyncio.to_thread(suite_of, in_use) if in_use is not None else None
        wanted = _ProposedSuite(suite.digest, description, items)
        draft = Draft(
            KIND,
            _subject(suite),
            (await asyncio.to_thread(msgspec.json.encode, wanted)).decode(),
            recorded=_recorded(suite),
            lines=[line.text() for line in _lines(suite, before)],
        )
        return draft, suite

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Put the suite of an approved proposal in use.

        Raises:
            InvalidRequest: when it is not the one that was proposed, or its version was taken
                since.
        """
        wanted, suite = await asyncio.to_thread(_read, document)
        if suite.digest != wanted.digest:
            raise InvalidRequest(
                f"{_subject(suite)} is not what was proposed: reject it, and propose it again.",
                code="stale_proposal",
            )
        in_use = await newest_own(connection, suite.name)
        if in_use is not None and in_use.version >= suite.about.version:
            raise InvalidRequest(
                f"{suite.name} has version {in_use.version} since this was proposed: reject it, "
                "and propose a higher version.",
                code="stale_proposal",
            )
        await connection.execute(
            insert(evaluation_suite).values(
                name=suite.name,
                version=suite.about.version,
                digest=suite.digest,
                description=wanted.description,
                items=wanted.items,
                added=self._wall(),
                added_by=author,
                approved_by=actor.id,
            )
        )
        await self._journal.record(
            connection, actor, "control:evaluation:suite", author=author, **_recorded(suite)
        )
        return None

    async def show(self, identity: str) -> ProposedSuiteResponse:
        """A suite that waits, beside the one that it replaces.

        Raises:
            InvalidRequest: when there is no such proposal, or it is decided.
        """
        async with self._database.read() as connection:
            document = await _document(connection, identity)
            _, suite = await asyncio.to_thread(_read, document)
            in_use = await newest_own(connection, suite.name)
        return await asyncio.to_thread(_shown, suite, in_use)

    async def files(self, identity: str) -> SuiteFilesResponse:
        """The whole of a suite that waits.

        Raises:
            InvalidRequest: when there is no such proposal, or it is decided.
        """
        async with self._database.read() as connection:
            document = await _document(connection, identity)
        wanted, _ = await asyncio.to_thread(_read, document)
        return SuiteFilesResponse(description=wanted.description, items=wanted.items)

    async def _refused(self, actor: Actor) -> None:
        async with self._database.write() as connection:
            await self._journal.record(
                connection, actor, "control:evaluation:refuse", reason="suite cannot be read"
            )


async def waiting_suites(connection: AsyncConnection) -> Mapping[str, str]:
    """The proposals of suites that wait, by the name of the suite; of each the oldest."""
    query = select(proposal.c.id, proposal.c.subject).where(
        proposal.c.kind == KIND, proposal.c.state == PENDING
    )
    rows = await connection.execute(query.order_by(proposal.c.proposed.desc()))
    return {row.subject.rpartition("@")[0]: row.id for row in rows}


async def _document(connection: AsyncConnection, identity: str) -> str:
    query = select(proposal.c.document, proposal.c.state).where(
        proposal.c.id == identity, proposal.c.kind == KIND
    )
    row = (await connection.execute(query)).first()
    if row is None:
        raise InvalidRequest("There is no such proposal of a suite.", code="not_found")
    if row.state != PENDING:
        raise InvalidRequest(
            f"This proposal is {row.state}: `sluis models suites` has the suites in use.",
            code="already_closed",
        )
    return str(row.document)


def _read(document: str) -> tuple[_ProposedSuite, Suite]:
    """The document of a proposal, and the suite in it."""
    wanted = msgspec.json.decode(document, type=_ProposedSuite)
    try:
        return wanted, read_suite(wanted.description, wanted.items)
    except SuiteError as error:
        raise InvalidRequest(
            f"The suite cannot be used by this release: reject it. {error}", code="stale_proposal"
        ) from error


def _subject(suite: Suite) -> str:
    return f"{suite.name}@{suite.about.version}"


def _recorded(suite: Suite) -> dict[str, Any]:
    """The fields of the entries of a suite: those of its proposal and of its approval."""
    recorded: dict[str, Value] = {
        "suite": suite.name,
        "version": suite.about.version,
        "digest": suite.digest,
        "licence": suite.about.licence,
        "items": len(suite.items),
    }
    return recorded


def _lines(suite: Suite, before: Suite | None) -> Iterator[Line]:
    """What changes, a field a line."""
    new, old = _facts(suite), _facts(before) if before else {}
    for field, after in new.items():
        if old.get(field) != after:
            yield Line(KIND, suite.name, field, old.get(field), after, Effect.WIDENS, _POWER)


def _facts(suite: Suite) -> Mapping[str, Any]:
    about = suite.about
    return {
        "version": about.version,
        "digest": suite.digest,
        "items": len(suite.items),
        "task": about.task.value,
        "licence": about.licence,
        "languages": list(about.languages),
    }


def _shown(suite: Suite, in_use: Any) -> ProposedSuiteResponse:
    replaced = suite_of(in_use) if in_use is not None else None
    old = {item.id: item for item in replaced.items} if replaced else {}
    new = {item.id: item for item in suite.items}
    differing = (item for item in suite.items if old.get(item.id) != item)
    source = suite.about.source
    return ProposedSuiteResponse(
        suite=summary_of(suite, own=True),
        source={"nl": source.nl, "en": source.en},
        labels=list(suite.about.labels),
        replaces=(
            summary_of(replaced, own=True, approved_by=in_use.approved_by) if replaced else None
        ),
        added=len(new.keys() - old.keys()),
        removed=len(old.keys() - new.keys()),
        changed=sum(old[id_] != new[id_] for id_ in old.keys() & new.keys()),
        first=[
            msgspec.json.decode(msgspec.json.encode(item))
            for item in itertools.islice(differing, _FIRST)
        ],
    )
