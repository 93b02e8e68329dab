"""The metrics of a control plane: requests, jobs, the trail, witnesses, proposals, the database."""

import time
from collections.abc import Iterable, Iterator

from fastapi import FastAPI, Request, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Unauthenticated
from gateway.core.http_headers import has_bearer
from gateway.governance.http.request_timer import RequestTimer
from gateway.governance.merkle_log.tables import log_checkpoint
from gateway.governance.notices.tables import notice_channel
from gateway.governance.plane import ControlPlane
from gateway.governance.proposals.states import PENDING
from gateway.governance.proposals.tables import proposal
from gateway.telemetry import CONTENT_TYPE, Histogram, Instrument, Metric, Observed, exposition
from gateway.telemetry.table import control as table
from gateway.telemetry.table.gateway import SERVED

LOOK_S = 15.0
_POOL = "control"


class PlaneMetrics:
    """Figures of one process; those of the database are as old as the last ``look``."""

    def __init__(self, plane: ControlPlane, *, token: str | None, old_names: bool) -> None:
        """``token`` is the bearer that ``/metrics`` asks for, None for none.

        ``old_names``: metrics also have the names of the version before.
        """
        self._plane = plane
        self._token = token
        self._old_names = old_names
        self._served = Histogram(SERVED)
        self._jobs = Histogram(table.JOBS)
        self._found: dict[str, float] = {}
        self._heads, self._last_head = 0, 0  # the number that was counted, and the last of them
        self._head_ms: int | None = None
        self._witnesses: dict[str, float] = {}

    def served(self, about: tuple[str, str, str, str], seconds: float) -> None:
        """Counts a request by method, route, scheme and status."""
        error = about[-1] if about[-1] >= "500" else ""  # below, the caller is at fault
        self._served.at((*about, error)).record(seconds)

    def job(self, name: str, seconds: float, error: str) -> None:
        """Counts a run of a job, and the class of the error by which it failed."""
        self._jobs.at((name, error)).record(seconds)

    async def look(self) -> None:
        """Read the figures of the database."""
        plane = self._plane
        unsealed = await plane.trail.log.unsealed()
        newest = await plane.trail.log.latest()
        waiting = select(func.count()).where(proposal.c.state == PENDING)
        failing = select(func.count()).where(notice_channel.c.failures > 0)
        async with plane.database.read() as connection:
            await self._count_heads(connection)
            self._found = {
                table.PROPOSALS.name: await connection.scalar(waiting) or 0,
                table.NOTICES.name: await connection.scalar(failing) or 0,
                table.HEADS.name: self._heads,
                table.UNSEALED.name: unsealed,
                table.SEALED.name: newest.size if newest else 0,
            }
        if newest is not None:
            self._head_ms = newest.time
            self._witnesses = await plane.trail.witnesses.ages(newest)

    def install(self, app: FastAPI) -> None:
        """Count the requests of an application, and add its route for Prometheus."""
        app.add_middleware(RequestTimer, record=self.served)

        @app.get("/metrics", include_in_schema=False)
        async def metrics(request: Request) -> Response:
            if not has_bearer(request.scope["headers"], self._token):
                raise Unauthenticated("Send the token of the metrics as Authorization: Bearer.")
            text = exposition(self._instruments(), old_names=self._old_names)
            return Response(text, headers={"content-type": CONTENT_TYPE})

    async def _count_heads(self, connection: AsyncConnection) -> None:
        """Add the heads that are new: to count all takes longer with every head."""
        number = log_checkpoint.c.id
        newer = select(func.count(), func.max(number)).where(number > self._last_head)
        count, last = (await connection.execute(newer)).one()
        if count:
            self._heads, self._last_head = self._heads + count, last

    def _instruments(self) -> Iterator[Instrument]:
        yield from (self._served, self._jobs)
        for metric in (table.PROPOSALS, table.NOTICES, table.UNSEALED, table.SEALED, table.HEADS):
            yield self._of_database(metric)
        yield Observed(table.HEAD_AGE, self._head_age)
        yield Observed(table.WITNESS_AGE, self._witness_ages)
        yield from self._connections()

    def _of_database(self, metric: Metric) -> Observed:
        return Observed(metric, lambda: self._found.get(metric.name))

    def _head_age(self) -> float | None:
        return None if self._head_ms is None else time.time() - self._head_ms / 1000

    def _witness_ages(self) -> Iterable[tuple[tuple[str, ...], float]]:
        return [((label,), age) for label, age in self._witnesses.items()]

    def _connections(self) -> Iterator[Observed]:
        found = self._plane.database.connections()
        if found is None:
            return
        used, idle, most = found
        states = [((_POOL, "used"), float(used)), ((_POOL, "idle"), float(idle))]
        yield Observed(table.CONNECTIONS, states.copy)
        yield Observed(table.CONNECTIONS_MAX, [((_POOL,), float(most))].copy)
