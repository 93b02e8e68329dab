"""Sends each channel what waits and what is due, once, and again before and after a deadline.

Each item is stored first and marked when the channel took the message, so that a failure loses
nothing. Control planes take turns. A message that went out as this process died is
sent again under the same id.
"""

import asyncio
import datetime
import hashlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import ColumnElement, Row, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.actor import EVERYTHING, SYSTEM, Actor
from gateway.governance.journal import Journal
from gateway.governance.notices.address import NoticeFailed
from gateway.governance.notices.asked_reviewers import ASKED, newly_asked
from gateway.governance.notices.channels import NoticeChannel, NoticeSettings
from gateway.governance.notices.mail import send_mail
from gateway.governance.notices.message import SHOWN, Notice, NoticeItem
from gateway.governance.notices.tables import notice_channel, notice_item
from gateway.governance.notices.waiting import count_waiting, has_news, note_waiting
from gateway.governance.notices.webhook import send_webhook
from gateway.storage.database import Database

logger = logging.getLogger(__name__)
EVERY_S = 30.0
_HELD_S = 120.0
_WAIT_S = (60.0, 3_600.0)  # after a failure: the first wait, and the longest
_MOST_DOUBLINGS = 10
_RANK = case({"overdue": 0, "reminder": 1, ASKED: 2}, value=notice_item.c.stage, else_=3)
_MAX_REASON = 128


class Notices:
    """The channels of an installation."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        permissions: Permissions,
        settings: NoticeSettings,
        *,
        timezone: Callable[[], Awaitable[str]],
        wall: Callable[[], float],
    ) -> None:
        """``timezone`` is that of the organisation's reports; ``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._permissions = permissions
        self._channels = {one.name: one for one in settings.channels}
        self._console = settings.console
        self._timezone = timezone
        self._wall = wall
        self._me = secrets.token_hex(8)

    @property
    def channels(self) -> Sequence[NoticeChannel]:
        """The channels in the order of their file."""
        return list(self._channels.values())

    def unknown_roles(self) -> Sequence[str]:
        """Roles of channels that do not exist."""
        known = set(self._permissions.roles)
        return sorted({role for one in self.channels for role in one.roles} - known)

    async def run(self) -> None:
        """Send each channel what it has not received yet. A channel that fails delays no other."""
        for channel in self.channels:
            if await self._noted(channel):
                await self._deliver(channel)

    async def states(self) -> dict[str, Row[tuple[object, ...]]]:
        """How each channel that was used does, by name."""
        async with self._database.read() as connection:
            rows = (await connection.execute(select(notice_channel))).all()
        return {row.channel: row for row in rows}

    async def test(self, name: str, actor: Actor) -> str:
        """Send a message that says that it is a test; gives why that failed, or "".

        Raises:
            InvalidRequest: when there is no such channel.
        """
        channel = self._channels.get(name)
        if channel is None:
            raise InvalidRequest("There is no such channel.", code="not_found")
        async with self._database.read() as connection:
            counts = await count_waiting(connection, self._may(channel), now=self._now_ms())
        notice = Notice(
            secrets.token_hex(16),
            channel.name,
            channel.language,
            self._now(),
            counts,
            items=(),
            more=0,
            console=self._console,
            zone=await self._timezone(),
            test=True,
        )
        reason = await self._sent(channel, notice)
        async with self._database.write() as connection:
            await self._journal.record(
                connection, actor, "control:notice:test", channel=name, reason=reason or None
            )
        return reason

    async def _noted(self, channel: NoticeChannel) -> bool:
        """Store what is new, if it is this process's turn; gives whether to send.

        Most rounds only read: at many cases looking takes seconds, and a writer delays all others.
        """
        now = self._wall()
        may = self._may(channel)
        about = {"now": int(now * 1000), "remind_hours": channel.remind_hours}
        unsent = select(notice_item.c.item).where(*_unsent(channel)).limit(1)
        async with self._database.read() as connection:
            if not self._is_turn(await self._row(connection, channel), channel, now):
                return False
            waits = (await connection.execute(unsent)).first() is not None
            asked = await newly_asked(connection, channel, self._now_ms())
            if not (waits or asked or await has_news(connection, channel.name, may, **about)):
                return False
        async with self._database.write() as connection:
            row = await self._row(connection, channel)
            if not self._is_turn(row, channel, now):
                return False
            await note_waiting(connection, channel.name, may, **about)
            if asked := await newly_asked(connection, channel, self._now_ms()):
                await connection.execute(insert(notice_item), asked)
            held = {"holder": self._me, "held_until": now + _HELD_S}
            if row is None:
                new = {"channel": channel.name, "failures": 0, "wait_until": 0.0, **held}
                await connection.execute(insert(notice_channel).values(new))
            else:
                await self._set(connection, channel, **held)
            return (await connection.execute(unsent)).first() is not None

    def _is_turn(
        self, row: Row[tuple[object, ...]] | None, channel: NoticeChannel, now: float
    ) -> bool:
        """Whether a message may go now, from this process."""
        if row is None:
            return True
        if row.wait_until > now or (row.holder != self._me and row.held_until > now):
            return False
        return row.sent is None or now * 1000 >= row.sent + channel.every_minutes * 60_000

    async def _deliver(self, channel: NoticeChannel) -> None:
        notice = await self._notice(channel)
        reason = await self._sent(channel, notice)
        async with self._database.write() as connection:
            if reason:
                await self._failed(connection, channel, reason)
            else:
                await self._succeeded(connection, channel, notice)

    async def _notice(self, channel: NoticeChannel) -> Notice:
        async with self._database.read() as connection:
            query = select(notice_item).where(*_unsent(channel))
            ordered = query.order_by(_RANK, notice_item.c.due, notice_item.c.noted)
            rows = (await connection.execute(ordered.limit(2 * SHOWN))).all()
            size = select(func.count(notice_item.c.item.distinct()), func.max(notice_item.c.noted))
            total, newest = (await connection.execute(size.where(*_unsent(channel)))).one()
            counts = await count_waiting(connection, self._may(channel), now=self._now_ms())
        found: dict[str, NoticeItem] = {}  # the most urgent stage of each comes first
        for row in rows:
            one = NoticeItem(row.source, row.item, row.base, row.kind, row.stage, row.due)
            found.setdefault(row.item, one)
        items = list(found.values())[:SHOWN]
        about = f"{channel.name}\0{total}\0{newest}\0{items}"
        return Notice(
            hashlib.sha256(about.encode()).hexdigest()[:32],
            channel.name,
            channel.language,
            self._now(),
            counts,
            items,
            more=total - len(items),
            console=self._console,
            zone=await self._timezone(),
        )

    async def _sent(self, channel: NoticeChannel, notice: Notice) -> str:
        """Send a message; gives why that failed, or ""."""
        try:
            if channel.smtp is not None:
                await asyncio.to_thread(send_mail, channel.smtp, notice)
            elif channel.webhook is not None:
                await send_webhook(channel.webhook, notice)
        except NoticeFailed as error:
            return str(error)[:_MAX_REASON]
        except (OSError, ValueError) as error:
            return type(error).__name__
        return ""

    async def _succeeded(
        self, connection: AsyncConnection, channel: NoticeChannel, notice: Notice
    ) -> None:
        now = self._now_ms()
        await connection.execute(update(notice_item).where(*_unsent(channel)).values(sent=now))
        await self._set(
            connection,
            channel,
            sent=now,
            failures=0,
            failing_since=None,
            reason=None,
            wait_until=0.0,
        )
        await self._journal.record(
            connection,
            SYSTEM,
            "control:notice:send",
            channel=channel.name,
            notice=notice.id,
            items=len(notice.items) + notice.more,
            waiting=sum(one.waiting for one in notice.counts.values()),
            overdue=sum(one.overdue for one in notice.counts.values()),
        )

    async def _failed(
        self, connection: AsyncConnection, channel: NoticeChannel, reason: str
    ) -> None:
        row = await self._row(connection, channel)
        failures = row.failures if row is not None else 0
        first, longest = _WAIT_S
        wait = min(first * 2 ** min(failures, _MOST_DOUBLINGS), longest)
        since = row.failing_since if row is not None and failures else self._now_ms()
        await self._set(
            connection,
            channel,
            failures=failures + 1,
            failing_since=since,
            reason=reason,
            wait_until=self._wall() + wait,
        )
        logger.error("notices:message:failed", extra={"kind": channel.name, "reason": reason})
        if not failures:
            await self._journal.record(
                connection, SYSTEM, "control:notice:fail", channel=channel.name, reason=reason
            )

    async def _row(
        self, connection: AsyncConnection, channel: NoticeChannel
    ) -> Row[tuple[object, ...]] | None:
        query = select(notice_channel).where(notice_channel.c.channel == channel.name)
        return (await connection.execute(query)).first()

    async def _set(
        self, connection: AsyncConnection, channel: NoticeChannel, **values: object
    ) -> None:
        mine = update(notice_channel).where(notice_channel.c.channel == channel.name)
        await connection.execute(mine.values(**values))

    def _may(self, channel: NoticeChannel) -> frozenset[str]:
        roles = frozenset(channel.roles) or EVERYTHING
        return self._permissions.of(Actor("", "", roles, "local"))

    def _now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self._wall(), datetime.UTC)

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)


def _unsent(channel: NoticeChannel) -> tuple[ColumnElement[bool], ...]:
    return notice_item.c.channel == channel.name, notice_item.c.sent.is_(None)
