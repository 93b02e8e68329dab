"""Break-glass exceptions: a widening for some hours.

Another person approves it first, as any widening. The control plane takes it back at its time; an
ordinary change of the same field ends it earlier. A person who did not propose it reviews it after.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.core.errors import Denied, InvalidRequest, Refusal
from gateway.governance.actor import Actor
from gateway.governance.break_glass.schemas import ExceptionResponse
from gateway.governance.break_glass.tables import break_glass
from gateway.governance.break_glass.undo import undo_of
from gateway.governance.changes.basis import Author, Basis
from gateway.governance.changes.edits import Edit, TimedEdits, without_dangling
from gateway.governance.changes.governed import Governed, Load
from gateway.governance.changes.object_store import ObjectStore
from gateway.governance.journal import Journal
from gateway.governance.proposals.change_control import BREAK_GLASS, edits_on
from gateway.governance.proposals.service import AfterCommit
from gateway.governance.proposals.tables import proposal
from gateway.storage.database import Database

logger = logging.getLogger(__name__)
REVIEW_S = 7 * 86_400.0  # from the end of an exception
_CLOCK = Actor("system:break-glass", "end of an exception", frozenset(), "local")


class BreakGlass:
    """Begins, ends and reviews exceptions."""

    power = ""  # each proposal has those of its lines
    keeps_document = True

    def __init__(
        self,
        database: Database,
        journal: Journal,
        governed: Governed,
        store: ObjectStore,
        publish: Callable[[], Awaitable[object]],
        *,
        load: Load,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``load`` gives the objects in force; ``publish`` publishes them; ``wall`` is the time."""
        self._database = database
        self._journal = journal
        self._governed = governed
        self._store = store
        self._publish = publish
        self._load = load
        self._wall = wall

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Begin the exception of a proposal, within the transaction of the approval.

        Raises:
            InvalidRequest: when what it changes is not what it was.
        """
        del author  # the proposal has the person too
        timed = msgspec.json.decode(document, type=TimedEdits)
        edits = edits_on(await self._load(connection), timed.edits)
        row = (await connection.execute(select(proposal).where(proposal.c.id == timed.id))).one()
        now = self._wall()
        await connection.execute(
            insert(break_glass).values(
                id=timed.id,
                subject=row.subject,
                author=row.author_person,
                authors=row.author_persons,
                approver=actor.person or actor.id,
                alone=bool(row.alone),
                began=now,
                until=now + timed.minutes * 60,
                document=document,
            )
        )
        await self._store.write(connection, edits)
        return None

    async def end_due(self) -> None:
        """End the exceptions whose time is over."""
        due = select(break_glass.c.id).where(
            break_glass.c.ended.is_(None), break_glass.c.until <= self._wall()
        )
        async with self._database.read() as connection:
            found = (await connection.execute(due)).scalars().all()
        for identity in found:
            try:
                await self._end(identity, _CLOCK)
            except Refusal as refusal:  # the others end
                logger.critical(
                    "break_glass:end:failed", extra={"proposal": identity, "reason": refusal.code}
                )
        if found:
            await self._publish()

    async def end(self, identity: str, actor: Actor) -> ExceptionResponse:
        """End an exception before its time.

        Raises:
            InvalidRequest: when there is no such exception.
        """
        await self.get(identity)
        await self._end(identity, actor)
        await self._publish()
        return await self.get(identity)

    async def review(self, identity: str, actor: Actor, *, comment: str) -> ExceptionResponse:
        """Put the review of an ended exception on record.

        Raises:
            Denied: when the actor proposed it.
            InvalidRequest: when there is none, it has not ended, or it is reviewed already.
        """
        async with self._database.write() as connection:
            row = await _row(connection, identity)
            if row.ended is None:
                raise InvalidRequest("This exception is still in force: end it first.")
            if row.reviewed is not None:
                raise InvalidRequest("This exception is reviewed already.", code="already_closed")
            if _author(row).is_person_of(actor):
                raise Denied("You proposed this exception: another person must review it.")
            await connection.execute(
                update(break_glass)
                .where(break_glass.c.id == identity)
                .values(
                    reviewed=self._wall(),
                    reviewed_by=actor.person or actor.id,
                    review=comment,
                )
            )
            await self._record(connection, "review", row, actor, comment=comment)
        return await self.get(identity)

    async def get(self, identity: str) -> ExceptionResponse:
        """One exception.

        Raises:
            InvalidRequest: when there is none.
        """
        async with self._database.read() as connection:
            return self._response(await _row(connection, identity))

    async def list(self) -> Sequence[ExceptionResponse]:
        """All exceptions, newest first."""
        query = select(break_glass).order_by(break_glass.c.began.desc())
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [self._response(row) for row in rows]

    async def _end(self, identity: str, actor: Actor) -> None:
        """Take back what is left of an exception, under the approval that set its end.

        Its end is never held back: a lock-out that it causes was approved with it.
        """
        async with self._database.write() as connection:
            row = await _row(connection, identity)
            done = await connection.execute(
                update(break_glass)
                .where(break_glass.c.id == identity, break_glass.c.ended.is_(None))
                .values(ended=self._wall())
            )
            if not done.rowcount:  # it has ended; perhaps another control plane was first
                return
            async with self._governed.change(
                connection, actor, _basis(row), door="break-glass", approvers_left=0
            ):
                await self._store.write(connection, await self._undo(connection, row))
            await self._record(connection, "end", row, actor)

    async def _undo(self, connection: AsyncConnection, row: Any) -> Sequence[Edit]:
        current = await self._load(connection)
        timed = msgspec.json.decode(row.document, type=TimedEdits)
        found = (undo_of(one, current.get(one.place)) for one in timed.edits)
        edits = [edit for edit in found if edit is not None]
        return [*edits, *without_dangling(current, edits)]

    async def _record(
        self, connection: AsyncConnection, step: str, row: Any, actor: Actor, **more: str
    ) -> None:
        await self._journal.record(
            connection,
            actor,
            f"control:break_glass:{step}",
            proposal=row.id,
            kind=BREAK_GLASS,
            subject=row.subject,
            author_person=row.author,
            **more,
        )

    def _response(self, row: Any) -> ExceptionResponse:
        due = (row.ended or row.until) + REVIEW_S
        return ExceptionResponse(
            id=row.id,
            subject=row.subject,
            state=self._state(row, due),
            author=row.author,
            approver=row.approver,
            began=row.began,
            until=row.until,
            ended=row.ended,
            review_due=due,
            reviewed=row.reviewed,
            reviewed_by=row.reviewed_by,
            review=row.review,
        )

    def _state(self, row: Any, due: float) -> str:
        if row.ended is None:
            return "active"
        if row.reviewed is not None:
            return "reviewed"
        return "overdue" if self._wall() > due else "ended"


async def _row(connection: AsyncConnection, identity: str) -> Any:
    query = select(break_glass).where(break_glass.c.id == identity)
    row = (await connection.execute(query)).first()
    if row is None:
        raise InvalidRequest("There is no such exception.", code="not_found")
    return row


def _author(row: Any) -> Author:
    return Author(row.author, "", row.author, frozenset(orjson.loads(row.authors or "[]")))


def _basis(row: Any) -> Basis:
    """The approval: it set the end too."""
    name = records.ALONE if row.alone else records.TWO
    return Basis(name, row.author, row.approver, row.id)
