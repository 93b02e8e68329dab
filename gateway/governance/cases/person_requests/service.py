"""Requests of persons (GDPR, articles 15 to 22) and objections, with their terms and answers."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.cases.case_index import REQUEST
from gateway.governance.cases.case_messages import CaseMessages
from gateway.governance.cases.case_pages import PERSON_REQUESTS, CaseQuestion, names_in
from gateway.governance.cases.deadlines.service import Deadlines
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.errors import AlreadyClosed
from gateway.governance.cases.person_requests.schemas import (
    PersonRequestListResponse,
    PersonRequestResponse,
)
from gateway.governance.cases.rows import get_row, state_of
from gateway.governance.cases.schemas import CaseMessage, CaseTextsState
from gateway.governance.cases.tables import person_request
from gateway.governance.cases.text_removal import CaseTextStates
from gateway.governance.journal import Journal
from gateway.governance.reasons import check_reason
from gateway.storage.database import Database


@dataclass(frozen=True, slots=True, repr=False)
class NewPersonRequest:
    """A request as it came in; ``received`` is epoch milliseconds."""

    kind: str
    received: int
    person: str
    text: str


class PersonRequests:
    """Opens, extends and decides requests. Times are epoch milliseconds."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        texts: CaseTexts,
        states: CaseTextStates,
        deadlines: Deadlines,
        messages: CaseMessages,
        *,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._journal = journal
        self._texts = texts
        self._states = states
        self._deadlines = deadlines
        self._messages = messages
        self._wall = wall

    async def create(self, new: NewPersonRequest, actor: Actor) -> PersonRequestResponse:
        """Open a request; its term runs from when it was received.

        Raises:
            InvalidRequest: for an unknown kind, or a time in the future.
        """
        now = self._now_ms()
        if new.received > now:
            raise InvalidRequest("The moment of receipt lies ahead.", param="received")
        identity = f"request_{secrets.token_hex(8)}"
        async with self._database.write() as connection:
            calendar = await self._deadlines.calendar(connection)
            if new.kind not in calendar.kinds["request"]:
                known = ", ".join(calendar.kinds["request"])
                raise InvalidRequest(
                    f"There is no such kind of request; known are {known}.", param="kind"
                )
            rule, deadline = calendar.of_received(new.kind, new.received)
            await self._texts.create(connection, identity, "person", new.person)
            digest = await self._texts.create(connection, identity, "text", new.text)
            await connection.execute(
                insert(person_request).values(
                    id=identity,
                    kind=new.kind,
                    received=new.received,
                    article=rule.id if rule else None,
                    deadline=deadline,
                    opened=now,
                    opened_by=actor.id,
                )
            )
            await self._journal.record(
                connection,
                actor,
                "control:person_request:open",
                case=identity,
                kind=new.kind,
                article=rule.id if rule else None,
                deadline=deadline,
                digest=digest,
            )
            return await self._described(connection, identity)

    async def get(self, identity: str) -> PersonRequestResponse:
        """One request without its texts.

        Raises:
            InvalidRequest: when there is no such request.
        """
        async with self._database.read() as connection:
            return await self._described(connection, identity)

    async def list(self, asked: CaseQuestion | None = None) -> PersonRequestListResponse:
        """A page of requests without their texts: open ones first, by deadline.

        Raises:
            InvalidRequest: for a cursor that is of no page.
        """
        async with self._database.read() as connection:
            kinds = (await self._deadlines.calendar(connection)).kinds["request"]
            page = await PERSON_REQUESTS.page(
                connection, asked or CaseQuestion(), now=self._now_ms()
            )
            totals = await PERSON_REQUESTS.totals(connection, now=self._now_ms())
            written = await self._messages.of(connection, [row["id"] for row in page.rows])
            ended = {row["id"]: row["decided"] for row in page.rows}
            left = await self._states.of(connection, REQUEST, ended)
            names = await names_in(connection, page, written.values())
        found = [
            self._describe(row, written.get(row["id"], []), left[row["id"]]) for row in page.rows
        ]
        return PersonRequestListResponse(
            requests=found, kinds=kinds, next=page.next, totals=totals, names=names
        )

    async def reveal(self, identity: str, actor: Actor, *, reason: str) -> dict[str, str]:
        """The texts of a request by part; revealing is itself an entry.

        Raises:
            InvalidRequest: without a reason, or when there is no such request.
        """
        check_reason(reason)
        async with self._database.write() as connection:
            await get_row(connection, person_request, identity)
            await self._journal.record(
                connection,
                actor,
                "control:person_request:reveal",
                case=identity,
                reason=reason[:500],
            )
            return await self._texts.get(connection, identity)

    async def identify(self, identity: str, actor: Actor, *, how: str) -> PersonRequestResponse:
        """Note that the identity of the person is established.

        Raises:
            InvalidRequest: when there is no such request.
            AlreadyClosed: when it is decided, or the identity is established.
        """
        async with self._database.write() as connection:
            row = await self._open_row(connection, identity)
            if row["identified"] is not None:
                raise AlreadyClosed("The identity of this person was established before.")
            digest = await self._texts.create(connection, identity, "identity", how)
            await self._change(connection, identity, identified=self._now_ms())
            await self._journal.record(
                connection,
                actor,
                "control:person_request:identify",
                case=identity,
                digest=digest,
            )
            return await self._described(connection, identity)

    async def extend(self, identity: str, actor: Actor, *, reason: str) -> PersonRequestResponse:
        """Give a request the longer term that its deadline allows, once and in time.

        Raises:
            InvalidRequest: when there is no such request, or no extension is possible.
            AlreadyClosed: when it is decided.
        """
        async with self._database.write() as connection:
            row = await self._open_row(connection, identity)
            calendar = await self._deadlines.calendar(connection)
            rule, deadline = calendar.extended(row, self._now_ms())
            await self._change(connection, identity, deadline=deadline, extended=self._now_ms())
            await self._journal.record(
                connection,
                actor,
                "control:person_request:extend",
                case=identity,
                article=rule.id,
                deadline=deadline,
                reason=reason[:500],
            )
            return await self._described(connection, identity)

    async def write(self, identity: str, actor: Actor, *, text: str, sent: bool) -> CaseMessage:
        """Keep a message to the person, or one that came from the person.

        Raises:
            InvalidRequest: when there is no such request.
        """
        async with self._database.write() as connection:
            await get_row(connection, person_request, identity)
            return await self._messages.add(connection, identity, text, actor, sent=sent)

    async def decide(
        self, identity: str, actor: Actor, *, outcome: str, reasons: str, answer: str = ""
    ) -> PersonRequestResponse:
        """Decide a request; ``answer`` is what is sent to the person.

        Raises:
            InvalidRequest: when there is no such request.
            AlreadyClosed: when it was decided before.
        """
        async with self._database.write() as connection:
            row = await self._open_row(connection, identity)
            digest = await self._texts.create(connection, identity, "reasons", reasons)
            await self._change(
                connection,
                identity,
                outcome=outcome,
                decided=self._now_ms(),
                decided_by=actor.id,
            )
            await self._journal.record(
                connection,
                actor,
                "control:person_request:decide",
                case=identity,
                kind=row["kind"],
                outcome=outcome,
                deadline=row["deadline"],
                digest=digest,
            )
            if answer:
                await self._messages.add(connection, identity, answer, actor, sent=True)
            return await self._described(connection, identity)

    async def _open_row(self, connection: AsyncConnection, identity: str) -> RowMapping:
        row = await get_row(connection, person_request, identity)
        if row["decided"] is not None:
            raise AlreadyClosed(f"The request {identity} was decided before.")
        return row

    async def _change(
        self, connection: AsyncConnection, identity: str, **values: str | int
    ) -> None:
        mine = person_request.c.id == identity
        await connection.execute(update(person_request).where(mine).values(**values))

    async def _described(self, connection: AsyncConnection, identity: str) -> PersonRequestResponse:
        row = await get_row(connection, person_request, identity)
        written = await self._messages.of(connection, [identity])
        left = await self._states.of(connection, REQUEST, {identity: row["decided"]})
        return self._describe(row, written.get(identity, []), left[identity])

    def _describe(
        self, row: RowMapping, written: Sequence[CaseMessage], left: CaseTextsState
    ) -> PersonRequestResponse:
        state = state_of(row, "decided", self._now_ms())
        return PersonRequestResponse(**row, messages=written, state=state, texts=left)

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)
