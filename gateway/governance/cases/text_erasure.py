"""Erasure of a person from the texts of cases: every text that names the person goes whole.

An erasure is first noted, by keyed identifiers. Then all texts are searched, in batches, and those
that name the person are marked. A marked text goes once its case has ended and no hold covers it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.actor import Actor
from gateway.governance.cases.case_holds import CaseHolds
from gateway.governance.cases.case_index import CaseRow, case_of, every_case
from gateway.governance.cases.case_persons import CasePersons, FoundText, WantedPerson
from gateway.governance.cases.tables import case_erasure, case_text
from gateway.governance.cases.text_removal import Part, remove_texts
from gateway.governance.holds.service import OnHold
from gateway.governance.journal import Journal
from gateway.storage.database import Database

ACTOR = Actor("system:erasure", "erasure", frozenset({"system"}), "local")
EVENT = "control:case:erase"
_BATCH = 25  # cases of a transaction, and of an entry


class CaseTextErasure:
    """Notes erasures, searches the texts of all cases, and removes those that name the person."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        persons: CasePersons,
        holds: CaseHolds,
        *,
        wall: Callable[[], float],
    ) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._persons = persons
        self._holds = holds
        self._wall = wall

    async def count(self, names: Collection[str]) -> int:
        """The number of texts that name a person, by keyed identifiers."""
        found = 0
        after: str | None = ""
        while after is not None:
            async with self._database.read() as connection:
                cases = await _cases(connection, after)
                for case in cases:
                    found += len(await self._naming(connection, case, names))
            after = _next(cases)
        return found

    async def check(self, names: Collection[str]) -> int:
        """The number of texts that name a person, none of them in a case under a legal hold.

        Raises:
            OnHold: names the hold.
        """
        found = 0
        after: str | None = ""
        while after is not None:
            async with self._database.read() as connection:
                cases = await _cases(connection, after)
                for case in cases:
                    texts = len(await self._naming(connection, case, names))
                    held = await self._holds.of(connection, [case]) if texts else {}
                    for hold in held.values():
                        raise OnHold(
                            f"The legal hold {hold} covers a case that names this person: nothing "
                            f"is erased until it is released (sluis holds release {hold}).",
                            param="subjects",
                        )
                    found += texts
            after = _next(cases)
        return found

    async def note(self, connection: AsyncConnection, names: Mapping[str, int]) -> None:
        """Note an erasure within its transaction, each identifier up to a time (milliseconds)."""
        dialect = sqlite if self._database.is_sqlite else postgresql
        for identifier, moment in names.items():
            new = dialect.insert(case_erasure).values(identifier=identifier, time=moment)
            await connection.execute(
                new.on_conflict_do_update(
                    index_elements=["identifier"],
                    set_={"time": new.excluded.time},
                    where=case_erasure.c.time < new.excluded.time,
                )
            )

    async def run(self) -> None:
        """Search for the persons that are noted, then remove what is marked and free."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(case_erasure))
            noted = {row.identifier: int(row.time) for row in rows}
        after: str | None = "" if noted else None
        while after is not None:
            after = await self._mark(noted, after)
        if noted:
            await self._forget_notes(noted)
        await self._remove_marked()

    async def _mark(self, noted: Mapping[str, int], after: str) -> str | None:
        """Mark the texts of some cases; gives the case to go on from."""
        async with self._database.read() as connection:
            cases = await _cases(connection, after)
            marked = [
                (case.id, one.part, moment)
                for case in cases
                for one in await self._naming(connection, case, noted)
                if (moment := _erased_by(one, noted)) is not None
            ]
        if marked:
            async with self._database.write() as connection:
                for case_id, part, moment in marked:
                    mine = (case_text.c.case_id == case_id) & (case_text.c.part == part)
                    await connection.execute(update(case_text).where(mine).values(erase=moment))
        return _next(cases)

    async def _forget_notes(self, noted: Mapping[str, int]) -> None:
        """Forget the notes that were searched for, but for those renewed in the meantime."""
        async with self._database.write() as connection:
            for identifier, moment in noted.items():
                mine = case_erasure.c.identifier == identifier
                done = delete(case_erasure).where(mine, case_erasure.c.time == moment)
                await connection.execute(done)

    async def _remove_marked(self) -> None:
        removed = 0
        after: str | None = ""
        while after is not None:
            async with self._database.read() as connection:
                cases = [case_of(row) for row in await connection.execute(_marked(after))]
            if cases:
                removed += await self._remove(cases)
            after = _next(cases)
        if removed and self._database.is_sqlite:
            await self._database.truncate_log()

    async def _remove(self, cases: Sequence[CaseRow]) -> int:
        """Remove the marked texts of cases that no hold covers, in one transaction."""
        async with self._database.write() as connection:
            held = await self._holds.of(connection, cases)
            free = [case.id for case in cases if case.id not in held]
            marked = await connection.execute(
                select(case_text.c.case_id, case_text.c.part).where(
                    case_text.c.case_id.in_(free), case_text.c.erase.is_not(None)
                )
            )
            texts: list[Part] = [(row.case_id, row.part) for row in marked]
            now = int(self._wall() * 1000)
            removed = await remove_texts(connection, texts, cause="erasure", now=now)
            if removed:
                named = sorted({case for case, _ in texts})
                await self._journal.record(
                    connection, ACTOR, EVENT, cases=named, texts=removed, held=len(held) or None
                )
        return removed

    async def _naming(
        self, connection: AsyncConnection, case: CaseRow, names: Collection[str]
    ) -> list[FoundText]:
        return await self._persons.in_texts(connection, case.id, WantedPerson(names))


def _erased_by(text: FoundText, noted: Mapping[str, int]) -> int | None:
    """The time of the erasure that reaches a text; a text that came later stays."""
    times = [noted[name] for name in text.names if text.stored <= noted[name]]
    return max(times, default=None)


async def _cases(connection: AsyncConnection, after: str) -> list[CaseRow]:
    """Some cases with texts, by id."""
    cases = every_case()
    has_texts = exists().where(case_text.c.case_id == cases.c.id)
    query = select(cases).where(cases.c.id > after, has_texts).order_by(cases.c.id)
    return [case_of(row) for row in await connection.execute(query.limit(_BATCH))]


def _marked(after: str) -> Select[Any]:
    """Some cases that have ended, with texts that are marked, by id."""
    cases = every_case()
    marked = exists().where(case_text.c.case_id == cases.c.id, case_text.c.erase.is_not(None))
    query = select(cases).where(cases.c.id > after, cases.c.ended.is_not(None), marked)
    return query.order_by(cases.c.id).limit(_BATCH)


def _next(cases: Sequence[CaseRow]) -> str | None:
    return cases[-1].id if len(cases) == _BATCH else None
