"""Tasks that follow from an incident, also after it is closed."""

from collections.abc import Callable, Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.incidents.schemas import FollowUpResponse
from gateway.governance.cases.rows import get_row
from gateway.governance.cases.tables import follow_up, incident
from gateway.governance.journal import Journal
from gateway.storage.database import Database


class FollowUps:
    """Adds tasks and notes that they are done. Times are epoch milliseconds."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        texts: CaseTexts,
        *,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._journal = journal
        self._texts = texts
        self._wall = wall

    async def add(
        self, identity: str, actor: Actor, *, text: str, due: int | None
    ) -> FollowUpResponse:
        """Add a task.

        Raises:
            InvalidRequest: when there is no such incident.
        """
        now = int(self._wall() * 1000)
        async with self._database.write() as connection:
            await get_row(connection, incident, identity)
            number = len((await follow_ups(connection, [identity])).get(identity, [])) + 1
            digest = await self._texts.create(connection, identity, f"followup.{number}", text)
            await connection.execute(
                insert(follow_up).values(
                    incident=identity, number=number, due=due, created=now, created_by=actor.id
                )
            )
            await self._journal.record(
                connection,
                actor,
                "control:incident:follow",
                incident=identity,
                number=number,
                deadline=due,
                digest=digest,
            )
            return (await follow_ups(connection, [identity]))[identity][-1]

    async def done(self, identity: str, number: int, actor: Actor) -> FollowUpResponse:
        """Note that a task is done.

        Raises:
            InvalidRequest: when there is no such task that is open.
        """
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(follow_up)
                .where(follow_up.c.incident == identity, follow_up.c.number == number)
                .where(follow_up.c.done.is_(None))
                .values(done=int(self._wall() * 1000), done_by=actor.id)
            )
            if not changed.rowcount:
                raise InvalidRequest("There is no such open task.", code="not_found")
            await self._journal.record(
                connection, actor, "control:incident:followed", incident=identity, number=number
            )
            found = (await follow_ups(connection, [identity]))[identity]
            return next(one for one in found if one.number == number)


async def follow_ups(
    connection: AsyncConnection, incidents: Sequence[str]
) -> dict[str, list[FollowUpResponse]]:
    """The tasks of some incidents, in the order of their numbers."""
    query = select(follow_up).where(follow_up.c.incident.in_(incidents))
    found: dict[str, list[FollowUpResponse]] = {}
    for row in await connection.execute(query.order_by(follow_up.c.number)):
        found.setdefault(row.incident, []).append(FollowUpResponse.model_validate(row))
    return found
