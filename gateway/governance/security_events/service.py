"""Sends security events from the Merkle log to every destination, each at its own pace.

A destination gets every event at least once, in the order of the log: its position is stored after
it took a batch. Control planes take turns. Alarms in the log of this process are sent as well; they
also come when nothing is signed any more.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.system.logs.fields import fields_of
from gateway.core.system.logs.repeats import Repeats
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.security_events import record
from gateway.governance.security_events.classes import classes
from gateway.governance.security_events.destination import (
    DeliveryFailed,
    EventDestination,
    Receiver,
)
from gateway.governance.security_events.tables import security_event_cursor as cursor
from gateway.storage.database import Database

logger = logging.getLogger(__name__)
EVERY_S = 2.0
BATCH = 1_000  # entries of the log
_HELD_S = 60.0
_WAIT_S = (2.0, 60.0)  # after a failure: the first wait, and the longest
_MOST_ALARMS = 1_000  # lines that wait
Rows = Callable[[str, dict[str, Any]], Awaitable[list[dict[str, Any]]]]


class AlarmLines(logging.Handler):
    """Keeps the critical lines of this process until they are sent."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        """``clock`` is monotonic seconds."""
        super().__init__(logging.CRITICAL)
        self._waiting: deque[record.Document] = deque(maxlen=_MOST_ALARMS)
        self._repeats = Repeats(clock=clock)

    def emit(self, line: logging.LogRecord) -> None:
        """Keep a line; what repeats is kept once a minute."""
        fields = fields_of(line)
        if self._repeats.admit(fields) is not None:
            self._waiting.append(record.of_line(fields, line.created))

    def take(self) -> list[record.Document]:
        """The lines that wait, oldest first; they wait no longer."""
        taken = []
        with suppress(IndexError):
            while True:
                taken.append(self._waiting.popleft())
        return taken


class SecurityEventStream:
    """The destinations of an installation."""

    def __init__(
        self,
        database: Database,
        rows: Rows,
        receivers: Mapping[EventDestination, Receiver],
        alarms: AlarmLines,
        *,
        wall: Callable[[], float],
    ) -> None:
        """``rows`` queries all stores of entries; ``wall`` is epoch seconds."""
        self._database = database
        self._rows = rows
        self._log = LogReader(database)
        self._alarms = alarms
        self._wall = wall
        self._me = secrets.token_hex(8)
        self._channels = [_Channel(place, receiver) for place, receiver in receivers.items()]

    async def run(self) -> None:
        """Send what is new to each destination that is not waiting after a failure.

        All at once: a slow one delays no other.
        """
        alarms, now = self._alarms.take(), self._wall()
        for channel in self._channels:
            channel.alarms.extend(alarms)
        ready = [channel for channel in self._channels if now >= channel.wait_until]
        await asyncio.gather(*map(self._served, ready))

    async def _served(self, channel: "_Channel") -> None:
        try:
            await channel.send_alarms()
            while await self._one_batch(channel):
                continue
        except (DeliveryFailed, OSError, TimeoutError) as error:
            channel.failed(self._wall())
            reason = str(error) if isinstance(error, DeliveryFailed) else type(error).__name__
            about = {"kind": channel.place.label, "reason": reason}
            logger.error("security_events:batch:failed", extra=about)
        else:
            channel.wait_s = 0.0

    async def _one_batch(self, channel: "_Channel") -> bool:
        """Send one batch; gives whether there may be more."""
        newest = await self._log.newest()
        size = newest.size if newest else 0
        position = await self._position(channel.place, size)
        if position is None or position == size:
            return False
        end = min(position + BATCH, size)
        documents = await self._events(position, end) if position < size else []
        if documents:
            await channel.receiver.send(documents)
        await self._move(channel.place, position, end)
        return end < size

    async def _position(self, place: EventDestination, size: int) -> int | None:
        """The position of a destination, once it is this process's turn; a new one begins now."""
        query = select(cursor).where(cursor.c.destination == place.label)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is not None and row.position == size:
            return size
        async with self._database.write() as connection:
            return await self._held(connection, place, size)

    async def _held(
        self, connection: AsyncConnection, place: EventDestination, size: int
    ) -> int | None:
        now = self._wall()
        query = select(cursor).where(cursor.c.destination == place.label)
        row = (await connection.execute(query)).first()
        held = {"holder": self._me, "held_until": now + _HELD_S}
        if row is None:
            new = insert(cursor).values(destination=place.label, position=size, **held)
            await connection.execute(new)
            return size
        if row.holder != self._me and row.held_until > now:
            return None
        mine = update(cursor).where(cursor.c.destination == place.label).values(**held)
        await connection.execute(mine)
        return int(row.position)

    async def _move(self, place: EventDestination, position: int, end: int) -> None:
        moved = (
            update(cursor)
            .where(cursor.c.destination == place.label, cursor.c.position == position)
            .values(position=end)
        )
        async with self._database.write() as connection:
            await connection.execute(moved)

    async def _events(self, first: int, end: int) -> list[record.Document]:
        found: list[record.Document] = []
        async for run in self._log.runs(first, end):
            values = {
                "log": run.log,
                "first": run.first_seq,
                "last": run.first_seq + run.count - 1,
            }
            found += [record.of_entry(row) for row in await self._rows(_query(), values)]
        return found


class _Channel:
    """A destination with its receiver, the alarms that it lacks, and its wait after a failure."""

    def __init__(self, place: EventDestination, receiver: Receiver) -> None:
        self.place = place
        self.receiver = receiver
        self.alarms: deque[record.Document] = deque(maxlen=_MOST_ALARMS)
        self.wait_s = 0.0
        self.wait_until = 0.0

    async def send_alarms(self) -> None:
        waiting: Sequence[record.Document] = list(self.alarms)
        if waiting:
            await self.receiver.send(list(waiting))
            self.alarms.clear()

    def failed(self, now: float) -> None:
        first, longest = _WAIT_S
        self.wait_s = min(max(first, self.wait_s * 2), longest)
        self.wait_until = now + self.wait_s


def _query() -> str:
    names = ", ".join(f"'{name}'" for name in sorted(classes()))  # of our own file
    return (
        "SELECT e.log, e.seq, e.time, e.event, e.request, d.disclosure FROM audit_entry e "
        "LEFT JOIN audit_detail d ON d.log = e.log AND d.seq = e.seq WHERE e.log = :log "
        f"AND e.seq >= :first AND e.seq <= :last AND e.event IN ({names}) ORDER BY e.seq"
    )
