"""Removes texts of cases, notes when and why, and says what is left of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.audit.request_group import parts
from gateway.governance.cases.schemas import CaseTextsState, RemovedTexts
from gateway.governance.cases.tables import case_text, case_text_removed
from gateway.governance.cases.text_terms import CaseTextTerms

DAY_MS = 86_400_000
_AT_ONCE = 5_000
Cause = Literal["retention", "erasure"]
Part = tuple[str, str]  # the id of a case, and a part of its texts


async def remove_texts(
    connection: AsyncConnection, texts: Iterable[Part], *, cause: Cause, now: int
) -> int:
    """Delete texts with their keys, and note it; gives how many there were."""
    removed = 0
    for case, part in texts:
        mine = (case_text.c.case_id == case) & (case_text.c.part == part)
        done = await connection.execute(delete(case_text).where(mine))
        if done.rowcount:
            removed += 1
            await connection.execute(
                insert(case_text_removed).values(case_id=case, part=part, removed=now, cause=cause)
            )
    return removed


class CaseTextStates:
    """What is left of the texts of cases, and when they go."""

    def __init__(self, terms: CaseTextTerms) -> None:
        self._terms = terms

    async def of(
        self, connection: AsyncConnection, kind: str, ended: Mapping[str, int | None]
    ) -> dict[str, CaseTextsState]:
        """The states of cases of one kind; ``ended`` is when each was closed or decided."""
        days = (await self._terms.periods(connection)).days(kind)
        stored: dict[str, tuple[int, int]] = {}
        removed: dict[str, list[RemovedTexts]] = {}
        for part in parts(list(ended), _AT_ONCE):
            stored |= await _stored(connection, part)
            removed |= await _removed(connection, part)
        found: dict[str, CaseTextsState] = {}
        for case, end in ended.items():
            kept, newest = stored.get(case, (0, 0))
            until = end_of_term(max(end, newest), days) if end is not None and kept else None
            found[case] = CaseTextsState(kept=kept, until=until, removed=removed.get(case, ()))
        return found


def end_of_term(moment: int, days: int) -> int:
    """The midnight (UTC) after which a term from a moment is over (epoch milliseconds)."""
    return (moment // DAY_MS + days + 1) * DAY_MS


async def _stored(connection: AsyncConnection, cases: Sequence[str]) -> dict[str, tuple[int, int]]:
    """The number of texts of each case, and when the newest was stored."""
    query = (
        select(case_text.c.case_id, func.count().label("kept"), func.max(case_text.c.stored))
        .where(case_text.c.case_id.in_(cases))
        .group_by(case_text.c.case_id)
    )
    return {row[0]: (int(row[1]), int(row[2] or 0)) for row in await connection.execute(query)}


async def _removed(
    connection: AsyncConnection, cases: Sequence[str]
) -> dict[str, list[RemovedTexts]]:
    removed = case_text_removed.c
    query = (
        select(removed.case_id, removed.removed, removed.cause, func.count().label("count"))
        .where(removed.case_id.in_(cases))
        .group_by(removed.case_id, removed.removed, removed.cause)
        .order_by(removed.removed)
    )
    found: dict[str, list[RemovedTexts]] = {}
    for row in await connection.execute(query):
        one = RemovedTexts(count=row[3], at=row.removed, by=row.cause)
        found.setdefault(row.case_id, []).append(one)
    return found
