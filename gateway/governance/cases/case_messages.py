"""The correspondence of a case: when, in which direction and by whom; the texts are encrypted."""

from collections.abc import Callable, Sequence

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import RateLimited
from gateway.governance.actor import Actor
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.messages import BUSY
from gateway.governance.cases.schemas import CaseMessage
from gateway.governance.cases.tables import case_message
from gateway.governance.journal import Journal

_MOST = 200  # messages of one case
_DAY_S = 86_400


class CaseMessages:
    """Adds messages within the transaction of a caller. Times are epoch milliseconds."""

    def __init__(self, journal: Journal, texts: CaseTexts, *, wall: Callable[[], float]) -> None:
        self._journal = journal
        self._texts = texts
        self._wall = wall

    async def add(
        self,
        connection: AsyncConnection,
        case: str,
        text: str,
        actor: Actor,
        *,
        sent: bool,
        request: str | None = None,
    ) -> CaseMessage:
        """Keep a message as ``message.NUMBER``; ``sent`` says that it is to the person.

        Raises:
            RateLimited: when the case has too many messages.
        """
        mine = case_message.c.case_id == case
        count = (await connection.execute(select(func.count()).where(mine))).scalar_one()
        if count >= _MOST:
            raise RateLimited(BUSY, retry_after=_DAY_S)
        number = int(count) + 1
        digest = await self._texts.create(connection, case, f"message.{number}", text)
        direction = "sent" if sent else "received"
        at = int(self._wall() * 1000)
        row = CaseMessage(number=number, at=at, by=actor.id, direction=direction)
        await connection.execute(insert(case_message).values(case_id=case, **row.model_dump()))
        await self._journal.record(
            connection,
            actor,
            "control:case:message",
            case=case,
            of_request=request,
            number=number,
            direction=direction,
            digest=digest,
        )
        return row

    async def of(
        self, connection: AsyncConnection, cases: Sequence[str]
    ) -> dict[str, list[CaseMessage]]:
        """The messages of some cases, in their order."""
        query = select(case_message).where(case_message.c.case_id.in_(cases))
        found: dict[str, list[CaseMessage]] = {}
        for row in await connection.execute(query.order_by(case_message.c.number)):
            found.setdefault(row.case_id, []).append(CaseMessage.model_validate(row))
        return found
