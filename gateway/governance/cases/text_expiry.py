"""Retention of the texts of cases: they go after a term from the end of their case.

The case stays, with its kind, dates, deadlines and decisions. A legal hold, a task that is open and
a report that is due keep the texts.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.actor import Actor
from gateway.governance.cases.case_holds import CaseHolds
from gateway.governance.cases.case_index import KINDS, case_of, every_case
from gateway.governance.cases.tables import case_text, follow_up, incident_clock
from gateway.governance.cases.text_removal import DAY_MS, remove_texts
from gateway.governance.cases.text_terms import CaseTextTerms
from gateway.governance.holds.service import Holds
from gateway.governance.journal import Journal
from gateway.storage.database import Database

ACTOR = Actor("system:expiry", "expiry", frozenset({"system"}), "local")
EVENT = "control:case:expire"
_PAGE = 25  # cases of a transaction, and of an entry


class CaseTextExpiry:
    """Removes the texts of cases that ended long ago. What is due changes once a day."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        holds: Holds,
        case_holds: CaseHolds,
        terms: CaseTextTerms,
        *,
        wall: Callable[[], float],
    ) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._holds = holds
        self._case_holds = case_holds
        self._terms = terms
        self._wall = wall
        self._done: object = None  # the day, the terms and the holds of the last complete run

    async def run(self) -> None:
        """Remove what is due, in short transactions; each is an entry with its counts."""
        async with self._database.read() as connection:
            periods = await self._terms.periods(connection)
            state = self._now_ms() // DAY_MS, periods, await self._holds.index(connection)
        if state == self._done:
            return
        removed = 0
        for kind in KINDS:
            at: tuple[int, str] | None = (0, "")
            while at is not None:
                at, texts = await self._page(kind, at)
                removed += texts
        if removed and self._database.is_sqlite:
            await self._database.truncate_log()
        self._done = state

    async def _page(self, kind: str, at: tuple[int, str]) -> tuple[tuple[int, str] | None, int]:
        """Remove the texts of some cases; gives where to go on, and how many texts."""
        now = self._now_ms()
        async with self._database.write() as connection:
            days = (await self._terms.periods(connection)).days(kind)
            until = (now // DAY_MS - days) * DAY_MS
            found = await connection.execute(_due(kind, at, until, now))
            cases = [case_of(row) for row in found]
            held = await self._case_holds.of(connection, cases)
            free = [case.id for case in cases if case.id not in held]
            texts = await self._remove(connection, free, now)
            if texts:
                await self._journal.record(
                    connection,
                    ACTOR,
                    EVENT,
                    kind=kind,
                    cases=free,
                    texts=texts,
                    until=until,
                    held=len(held) or None,
                )
        if len(cases) < _PAGE:
            return None, texts
        return (int(cases[-1].ended or 0), cases[-1].id), texts

    async def _remove(self, connection: AsyncConnection, cases: list[str], now: int) -> int:
        query = select(case_text.c.case_id, case_text.c.part).where(case_text.c.case_id.in_(cases))
        stored = [(row.case_id, row.part) for row in await connection.execute(query)]
        return await remove_texts(connection, stored, cause="retention", now=now)

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)


def _due(kind: str, at: tuple[int, str], until: int, now: int) -> Select[Any]:
    """Cases of a kind that ended before a moment, as did their last text, oldest first."""
    cases = every_case()
    mine = case_text.c.case_id == cases.c.id
    return (
        select(cases)
        .where(cases.c.kind == kind, cases.c.ended.is_not(None), cases.c.ended < until)
        .where(tuple_(cases.c.ended, cases.c.id) > tuple_(*at))
        .where(exists().where(mine), ~exists().where(mine, case_text.c.stored >= until))
        .where(~_to_do(cases.c.id, now))
        .order_by(cases.c.ended, cases.c.id)
        .limit(_PAGE)
    )


def _to_do(identity: ColumnElement[str], now: int) -> ColumnElement[bool]:
    """Whether a task of an incident is open, or a report of it is still to be made."""
    task = and_(follow_up.c.incident == identity, follow_up.c.done.is_(None))
    report = and_(
        incident_clock.c.incident == identity,
        incident_clock.c.reported.is_(None),
        incident_clock.c.due > now,
    )
    return exists().where(task) | exists().where(report)
