"""Pages of cases: what waits by deadline, then what is over, newest first.

A page continues behind the last case of the page before (a keyset), whatever was opened since. The
cases are read in up to three parts, each in the order of an index.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Table, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.cases.schemas import CaseMessage, CaseTotals
from gateway.governance.cases.tables import complaint, incident, person_request
from gateway.governance.keys.names import names_of_keys

MOST_CASES = 200  # of a page
USUAL_CASES = 50
_DUE, _UNDATED, _ENDED = "due", "undated", "ended"
OPEN, OVERDUE = "open", "overdue"


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """Which cases to list: those of a state, all without one; ``after`` is a page's ``next``.

    ``open`` includes what is overdue; any other state is that of cases that are over.
    """

    state: str | None = None
    limit: int = USUAL_CASES
    after: str | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """Rows in order; ``next`` is the cursor of the page after this one."""

    rows: Sequence[RowMapping]
    next: str | None


@dataclass(frozen=True, slots=True)
class CaseList:
    """The cases of a table; ``ended`` is its column with the time of the end.

    ``due`` is its column with the deadline: null, or ``NO_DEADLINE``, without one.
    """

    table: Table
    ended: str
    due: str = "deadline"

    async def page(self, connection: AsyncConnection, asked: CaseQuestion, *, now: int) -> CasePage:
        """A page of what was asked.

        Raises:
            InvalidRequest: for a cursor that is of no page.
        """
        size = max(1, min(asked.limit, MOST_CASES))
        part, key, identity = _cursor(asked.after) if asked.after else ("", 0, "")
        found: list[tuple[str, RowMapping]] = []
        for name, query in self._parts(asked.state, now):
            if part and name != part:
                continue
            wanted = self._behind(query, name, key, identity) if part else query
            part = ""
            left = size + 1 - len(found)
            rows = (await connection.execute(wanted.limit(left))).mappings().all()
            found += [(name, row) for row in rows]
            if len(found) > size:
                last_part, last = found[size - 1]
                return CasePage([row for _, row in found[:size]], self._place(last_part, last))
        return CasePage([row for _, row in found], None)

    async def waiting(self, connection: AsyncConnection, *, now: int) -> tuple[int, int]:
        """How many wait, and how many of them are past their deadline."""
        late = func.count().filter(self.table.c[self.due] < now)
        counts = select(func.count(), late).select_from(self.table)
        open_ = counts.where(self.table.c[self.ended].is_(None))
        count, overdue = (await connection.execute(open_)).one()
        return count, overdue

    async def totals(self, connection: AsyncConnection, *, now: int) -> CaseTotals:
        """How many there are by state; ``open`` includes what is overdue."""
        over = self.table.c[self.ended].is_not(None)
        ended = select(func.count()).select_from(self.table).where(over)
        count, overdue = await self.waiting(connection, now=now)
        return CaseTotals(open=count, overdue=overdue, ended=await connection.scalar(ended) or 0)

    def _parts(self, state: str | None, now: int) -> Iterator[tuple[str, Select[Any]]]:
        columns = self.table.c
        ended, end, every = columns[self.ended], columns[self.due], select(self.table)
        waiting = every.where(ended.is_(None))
        due = waiting.where(end.is_not(None))
        if state == OVERDUE:
            due = due.where(end < now)
        if state in (None, OPEN, OVERDUE):
            yield _DUE, due.order_by(end, columns.id)
        if state in (None, OPEN) and end.nullable:
            yield _UNDATED, waiting.where(end.is_(None)).order_by(columns.id)
        if state not in (OPEN, OVERDUE):
            over = every.where(ended.is_not(None))
            yield _ENDED, over.order_by(ended.desc(), columns.id.desc())

    def _behind(self, query: Select[Any], part: str, key: int, identity: str) -> Select[Any]:
        columns = self.table.c
        place: ColumnElement[bool] = columns.id > identity
        if part == _DUE:
            known = tuple_(literal(key), literal(identity))
            place = tuple_(columns[self.due], columns.id) > known
        if part == _ENDED:
            known = tuple_(literal(key), literal(identity))
            place = tuple_(columns[self.ended], columns.id) < known
        return query.where(place)

    def _place(self, part: str, row: RowMapping) -> str:
        key = {_DUE: row[self.due], _ENDED: row[self.ended]}.get(part, 0)
        return f"{part}.{key}.{row['id']}"


async def names_in(
    connection: AsyncConnection, page: CasePage, messages: Iterable[Sequence[CaseMessage]] = ()
) -> Mapping[str, str]:
    """The names of the keys by which people acted in the cases of a page and their messages."""
    ids = {row[name] for row in page.rows for name in row if name.endswith("_by")}
    ids |= {one.by for written in messages for one in written}
    return await names_of_keys(connection, filter(None, ids))


INCIDENTS = CaseList(incident, "closed", due="due")
COMPLAINTS = CaseList(complaint, "decided")
PERSON_REQUESTS = CaseList(person_request, "decided")


def _cursor(text: str) -> tuple[str, int, str]:
    part, _, rest = text.partition(".")
    key, _, identity = rest.partition(".")
    known = part in (_DUE, _UNDATED, _ENDED) and identity
    if not known or not key.removeprefix("-").isdecimal() or len(key) > 16:
        raise InvalidRequest("This cursor is of no page.", param="after")
    return part, int(key), identity
