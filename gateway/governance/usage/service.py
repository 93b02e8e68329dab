"""Answers questions about usage: figures of a period, compared with the one before, and budgets."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.snapshot import Team
from gateway.governance.changes.tables import catalogue
from gateway.governance.keys.names import names_of_keys
from gateway.governance.usage.figures import UsageTable, read_usage
from gateway.governance.usage.periods import UsagePeriod, period_of
from gateway.governance.usage.rollup import UsageRollup
from gateway.governance.usage.schemas import (
    UsageBudget,
    UsageFiguresResponse,
    UsageGroup,
    UsagePart,
    UsageResponse,
)
from gateway.limits import month_start
from gateway.storage.database import Database

_MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class UsageQuestion:
    """A question about a period, from texts: see ``period_of``."""

    since: str | None = None
    until: str | None = None
    by: str = "day"
    group: str = ""
    timezone: str | None = None  # that of the organisation's reports
    compare: bool = False
    quantiles: bool = True
    filters: Mapping[str, str] = field(default_factory=dict)


class UsageService:
    """Reads the sums of the roll-up, once it has counted what is new."""

    def __init__(
        self,
        database: Database,
        rollup: UsageRollup,
        *,
        timezone: Callable[[], Awaitable[str]],
        wall: Callable[[], float],
    ) -> None:
        """``timezone`` is that of the organisation's reports; ``wall`` is epoch seconds."""
        self._database = database
        self.rollup = rollup
        self._timezone = timezone
        self._wall = wall

    async def answer(self, asked: UsageQuestion) -> UsageResponse:
        """The figures.

        Raises:
            InvalidRequest: for an unknown name, an impossible period, or too large an answer.
        """
        zone = asked.timezone or await self._timezone()
        period = period_of(asked.since, asked.until, zone, now_ms=self._now_ms())
        parts = period.parts(asked.by)
        pending = await self.rollup.catch_up()
        whole = [(period.before.since, period.before.until)] if asked.compare else []
        found, before = await asyncio.gather(self._read(parts, asked), self._read(whole, asked))
        async with self._database.read() as connection:
            keys = found.groups if asked.group == "key" else ()
            names = await names_of_keys(connection, keys)
            budgets = await self._budgets(connection)
        return UsageResponse(
            since=period.since,
            until=period.until,
            by=asked.by,
            group=asked.group,
            timezone=zone,
            pending=pending,
            total=UsageFiguresResponse.of(found.total),
            groups=_groups(found, names),
            series=[
                UsagePart(start=start, group=group, figures=UsageFiguresResponse.of(one))
                for start, group, one in found.series
                if group or not asked.group
            ],
            before=UsageFiguresResponse.of(before.total) if asked.compare else None,
            groups_before=_groups(before, names) if asked.compare else None,
            budgets=budgets,
        )

    async def figures(
        self, since: int, group: str, *, quantiles: bool = False
    ) -> tuple[UsagePeriod, UsageTable]:
        """The figures since a moment (epoch milliseconds), in whole hours, until now."""
        now = self._now_ms()
        period = period_of(str(max(0, since)), str(max(now, since + 1)), "UTC", now_ms=now)
        async with self._database.read() as connection:
            whole = [(period.since, period.until)]
            found = await read_usage(connection, whole, group=group, quantiles=quantiles)
            return period, found

    async def _read(self, parts: Sequence[tuple[int, int]], asked: UsageQuestion) -> UsageTable:
        """The figures of parts, on a connection of its own: periods are read at once."""
        async with self._database.read() as connection:
            return await read_usage(
                connection,
                parts,
                group=asked.group,
                filters=asked.filters,
                quantiles=asked.quantiles,
            )

    async def _budgets(self, connection: AsyncConnection) -> list[UsageBudget]:
        """The budgets of teams, and what their requests of this month have cost."""
        rows = await connection.execute(
            select(catalogue.c.name, catalogue.c.document).where(catalogue.c.kind == "team")
        )
        stated = {row.name: msgspec.json.decode(row.document, type=Team).budget for row in rows}
        budgets = {team: one for team, one in sorted(stated.items()) if one}
        if not budgets:
            return []
        start = month_start(self._wall())
        found = await read_usage(
            connection, [(start, self._now_ms() + 1)], group="team", quantiles=False
        )
        return [
            UsageBudget(
                team=team,
                currency=one.currency,
                budget_micros=round(one.amount * _MICROS),
                used_micros=_used(found, team, one.currency),
                month_starts=start,
            )
            for team, one in budgets.items()
        ]

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)


def _used(found: UsageTable, team: str, currency: str) -> int:
    figures = found.groups.get(team)
    return figures.cost_micros.get(currency, 0) if figures else 0


def _groups(found: UsageTable, names: Mapping[str, str]) -> list[UsageGroup]:
    return [
        UsageGroup(group=group, name=names.get(group, group), figures=UsageFiguresResponse.of(one))
        for group, one in found.groups.items()
    ]
