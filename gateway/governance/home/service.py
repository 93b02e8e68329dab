"""Collects what a person needs first. Each part is one query of an index, whatever is stored."""

import math
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import desc, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.access_control.permissions import Permissions, approval_of
from gateway.governance.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.case_pages import (
    COMPLAINTS,
    INCIDENTS,
    OPEN,
    PERSON_REQUESTS,
    CaseList,
    CaseQuestion,
)
from gateway.governance.cases.tables import NO_DEADLINE
from gateway.governance.home.schemas import (
    ControlState,
    HomeResponse,
    InstallationState,
    NoticesState,
    ProviderState,
    SnapshotState,
    TodayFigures,
    TrailState,
    WaitingCase,
    WaitingCases,
    WaitingProposal,
    WaitingProposals,
    WaitingReviews,
    WaitingVersion,
    WaitingVersions,
    WitnessAge,
)
from gateway.governance.models.approvals import POWER, author_of
from gateway.governance.models.service import ModelRegistry
from gateway.governance.notices.tables import notice_channel
from gateway.governance.proposals.service import Proposals
from gateway.governance.reviews.service import open_reviews
from gateway.governance.snapshots.tables import snapshot
from gateway.governance.usage.definition import HOUR_MS
from gateway.governance.usage.figures import read_usage
from gateway.governance.usage.rollup import UsageRollup
from gateway.governance.usage.schemas import UsageFiguresResponse
from gateway.storage.database import Database

_SHOWN = 10  # of each kind
_WHERE_TOLD = "sluis doctor"  # why the trail is damaged can name places of the installation
_STATE_HOURS = 2  # the present hour and the one before


class Home:
    """The first page of everybody."""

    def __init__(
        self,
        database: Database,
        permissions: Permissions,
        proposals: Proposals,
        models: ModelRegistry,
        trail: AuditService,
        rollup: UsageRollup,
        *,
        timezone: Callable[[], Awaitable[str]],
        wall: Callable[[], float],
    ) -> None:
        """``timezone`` is that of the organisation's reports; ``wall`` is epoch seconds."""
        self._database = database
        self._permissions = permissions
        self._proposals = proposals
        self._models = models
        self._trail = trail
        self._rollup = rollup
        self._timezone = timezone
        self._wall = wall

    async def show(self, actor: Actor) -> HomeResponse:
        """All parts that this person may see."""
        may, now = self._permissions.of(actor), self._now_ms()
        sees_figures = "overview:read" in may
        pending = await self._rollup.catch_up() if sees_figures else 0
        zone = ZoneInfo(await self._timezone())
        async with self._database.read() as connection:
            waiting = await self._waiting(connection, actor) if "proposals:read" in may else None
            sees_versions = {"models:read", approval_of(POWER)} <= may
            versions = await self._versions(connection, actor) if sees_versions else None
            cases = [
                await _cases(connection, one, now) if permission in may else None
                for one, permission in (
                    (INCIDENTS, "incidents:read"),
                    (COMPLAINTS, "complaints:read"),
                    (PERSON_REQUESTS, "requests:read"),
                )
            ]
            reviews = await open_reviews(connection) if "reviews:read" in may else None
            figures = await _figures(connection, now, zone, pending) if sees_figures else None
        damage = self._trail.log.damage
        return HomeResponse(
            now=now,
            damage=damage if sees_figures or damage is None else _WHERE_TOLD,
            proposals=waiting,
            models=versions,
            incidents=cases[0],
            complaints=cases[1],
            requests=cases[2],
            reviews=None if reviews is None else WaitingReviews(count=reviews),
            state=await self._state(now) if sees_figures else None,
            figures=figures,
        )

    async def _waiting(self, connection: AsyncConnection, actor: Actor) -> WaitingProposals:
        found, more = await self._proposals.decidable(connection, actor)
        items = [
            WaitingProposal(
                id=one.id,
                kind=one.kind,
                subject=one.subject,
                author=one.author,
                proposed=int(one.proposed * 1000),
                asked=one.asked,
            )
            for one in found[:_SHOWN]
        ]
        asked = sum(one.asked for one in found)
        return WaitingProposals(count=len(found), asked=asked, more=more, items=items)

    async def _versions(self, connection: AsyncConnection, actor: Actor) -> WaitingVersions:
        found, more = await self._models.waiting(connection, actor)
        items = [
            WaitingVersion(
                name=one.name,
                version=one.version,
                author=author_of(one).name,
                registered=int(one.registered * 1000),
            )
            for one in found[:_SHOWN]
        ]
        return WaitingVersions(count=len(found), more=more, items=items)

    async def _state(self, now: int) -> InstallationState:
        newest = await self._trail.log.latest()
        ages = await self._trail.witnesses.ages(newest) if newest else {}
        since = now // HOUR_MS * HOUR_MS - (_STATE_HOURS - 1) * HOUR_MS
        hours = [(since, since + _STATE_HOURS * HOUR_MS)]
        async with self._database.read() as connection:
            published = await _snapshot(connection)
            silent = await _notices(connection)
            of_providers = await read_usage(connection, hours, group="provider", quantiles=False)
            of_controls = await read_usage(connection, hours, group="control", quantiles=False)
        witnesses = [
            WitnessAge(label=label, seconds=None if math.isinf(age) else age)
            for label, age in ages.items()
        ]
        trail = TrailState(
            signed=newest.time if newest else None,
            witnesses=witnesses,
            damage=self._trail.log.damage,
        )
        providers = [
            ProviderState(
                provider=name,
                requests=one.requests,
                failed=one.requests - one.answered - one.refused,
            )
            for name, one in of_providers.groups.items()
            if not name.startswith("(")
        ]
        failing = [
            ControlState(control=name, requests=one.requests)
            for name, one in of_controls.groups.items()
        ]
        return InstallationState(
            since=since,
            trail=trail,
            snapshot=published,
            providers=providers,
            failing=failing,
            notices=silent,
        )

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)


async def _cases(connection: AsyncConnection, cases: CaseList, now: int) -> WaitingCases:
    """The open cases of a list, and those with the nearest deadlines."""
    count, overdue = await cases.waiting(connection, now=now)
    nearest = await cases.page(connection, CaseQuestion(OPEN, _SHOWN), now=now)
    return WaitingCases(
        count=count,
        overdue=overdue,
        items=[
            WaitingCase(
                id=row["id"],
                kind=row.get("kind") or "",
                deadline=None if row[cases.due] == NO_DEADLINE else row[cases.due],
            )
            for row in nearest.rows
        ],
    )


async def _notices(connection: AsyncConnection) -> list[NoticesState]:
    query = select(notice_channel).where(notice_channel.c.failures > 0)
    rows = (await connection.execute(query.order_by(notice_channel.c.channel))).all()
    return [
        NoticesState(channel=row.channel, since=row.failing_since, reason=row.reason or "")
        for row in rows
    ]


async def _snapshot(connection: AsyncConnection) -> SnapshotState | None:
    columns = snapshot.c.digest, snapshot.c.created, snapshot.c.confirmed
    row = (
        await connection.execute(select(*columns).order_by(desc(snapshot.c.id)).limit(1))
    ).first()
    if row is None:
        return None
    created, confirmed = int(row.created * 1000), int(row.confirmed * 1000)
    return SnapshotState(digest=row.digest, created=created, confirmed=confirmed)


async def _figures(
    connection: AsyncConnection, now: int, zone: ZoneInfo, pending: int
) -> TodayFigures:
    """Today until the end of this hour, and as many hours of the same day of last week."""
    today = datetime.fromtimestamp(now / 1000, zone).date()
    start, past = (_midnight(day, zone) for day in (today, today - timedelta(days=7)))
    length = now // HOUR_MS * HOUR_MS + HOUR_MS - start
    found = [
        UsageFiguresResponse.of((await read_usage(connection, [(at, at + length)])).total)
        for at in (start, past)
    ]
    return TodayFigures(
        since=start, until=start + length, pending=pending, today=found[0], last_week=found[1]
    )


def _midnight(day: Any, zone: ZoneInfo) -> int:
    moment = datetime.combine(day, time(), tzinfo=zone)
    return int(moment.timestamp() * 1000) // HOUR_MS * HOUR_MS
