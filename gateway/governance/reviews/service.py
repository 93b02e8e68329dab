"""Reviews: collects flagged requests from the trail, lists them, and records what follows."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, Select, delete, func, insert, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.audit.request_group import Ask
from gateway.governance.cases.tables import incident
from gateway.governance.journal import Journal
from gateway.governance.policies.service import KIND as POLICY_BUNDLE
from gateway.governance.proposals.tables import proposal
from gateway.governance.reviews.flag_reader import Flagged, FlagReader
from gateway.governance.reviews.schemas import (
    ReviewListResponse,
    ReviewOutcome,
    ReviewResponse,
    ReviewState,
)
from gateway.governance.reviews.tables import review, review_position
from gateway.governance.terms.service import KIND as TERMS
from gateway.storage.database import Database

EVERY_S = 5.0
OPEN: ReviewState = "open"
DECIDED: ReviewState = "decided"
_MAX_PAGE = 200
_ROUNDS = 8  # batches before an answer: it is current unless the reader is far behind
_MAX_NAME = 256
_PROPOSED = {"term": TERMS, "rule": POLICY_BUNDLE}  # the kind of proposal of an outcome
_A_ROUND = 200  # reviews that a round compares with the trail
_STORED = "SELECT DISTINCT request FROM audit_detail WHERE request IN :requests"


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """Which reviews to list; ``before`` is the cursor of a page before."""

    state: ReviewState | None = None
    rule: str | None = None
    limit: int = 50
    before: str | None = None


class Reviews:
    """The inbox of flagged requests. Control planes take turns to fill it."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        ask: Ask,
        reader: FlagReader,
        *,
        wall: Callable[[], float],
    ) -> None:
        """``ask`` reads the trail; ``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._ask = ask
        self._reader = reader
        self._wall = wall
        self._turn = asyncio.Lock()
        self._compared = -1  # reviews up to this time were compared with the trail

    async def run(self) -> None:
        """Collect all new flagged requests, and drop reviews whose entries have expired."""
        while await self.advance():
            pass
        await self._drop_expired()

    async def advance(self) -> bool:
        """Read the next entries; False when all are read."""
        async with self._turn:
            async with self._database.read() as connection:
                positions = await _positions(connection)
            batch = await self._reader.next(positions)
            if batch is None:
                return False
            async with self._database.write() as connection:
                before = (await _positions(connection)).get(batch.log)
                if before == positions.get(batch.log):
                    await _add(connection, batch.found)
                    await _move(connection, batch.log, batch.last, is_new=before is None)
        return True

    async def list(self, asked: ReviewQuestion) -> ReviewListResponse:
        """A page of reviews, newest first.

        Raises:
            InvalidRequest: for an invalid ``before``.
        """
        for _ in range(_ROUNDS):  # what was flagged a moment ago is in the answer
            if not await self.advance():
                break
        size = max(1, min(asked.limit, _MAX_PAGE))
        async with self._database.read() as connection:
            rows = (await connection.execute(_query(asked).limit(size + 1))).mappings().all()
            count = await open_reviews(connection)
        page = rows[:size]
        more = len(rows) > size
        return ReviewListResponse(
            reviews=[_described(row) for row in page],
            open=count,
            before=f"{page[-1]['time']}.{page[-1]['request']}" if more else None,
        )

    async def get(self, request: str) -> ReviewResponse:
        """One review.

        Raises:
            InvalidRequest: when the request was not flagged, or its entries have expired.
        """
        async with self._database.read() as connection:
            return _described(await _row(connection, request))

    async def decide(
        self,
        request: str,
        outcome: ReviewOutcome,
        actor: Actor,
        *,
        reference: str | None,
        reason: str,
    ) -> ReviewResponse:
        """Record what follows from a flagged request; once.

        Raises:
            InvalidRequest: when it is decided, or the reference is not of the outcome.
        """
        async with self._database.write() as connection:
            await _check_reference(connection, outcome, reference)
            values = {
                "state": DECIDED,
                "outcome": outcome,
                "reference": reference,
                "reason": reason,
                "decided": int(self._wall() * 1000),
                "decided_by": actor.id,
                "decided_by_name": actor.name[:_MAX_NAME],
            }
            is_open = (review.c.request == request) & (review.c.state == OPEN)
            done = await connection.execute(update(review).where(is_open).values(**values))
            found = await _row(connection, request)
            if not done.rowcount:
                raise InvalidRequest("This review is decided already.", code="conflict")
            await self._journal.record(
                connection,
                actor,
                "control:review:decide",
                of_request=request,
                rules=json.loads(found["rules"]),
                outcome=outcome,
                reference=reference,
                reason=reason,
            )
        return _described(found)

    async def _drop_expired(self) -> None:
        """Delete reviews whose entries have no values any more: some a round, by their age.

        Entries of different classes expire at different ages, so each round goes on where the one
        before ended.
        """
        following = select(review.c.request, review.c.time).where(review.c.time > self._compared)
        async with self._database.read() as connection:
            query = following.order_by(review.c.time).limit(_A_ROUND)
            rows = (await connection.execute(query)).all()
        requests = [row.request for row in rows]
        self._compared = rows[-1].time if len(rows) == _A_ROUND else -1
        if not requests:
            return
        kept = {row["request"] for row in await self._ask(_STORED, {"requests": requests})}
        if gone := sorted(set(requests) - kept):
            async with self._database.write() as connection:
                await connection.execute(delete(review).where(review.c.request.in_(gone)))


async def open_reviews(connection: AsyncConnection) -> int:
    """The number of requests that wait for a review."""
    count = select(func.count()).select_from(review).where(review.c.state == OPEN)
    return await connection.scalar(count) or 0


def _query(asked: ReviewQuestion) -> Select[tuple[object, ...]]:
    query = select(review).order_by(review.c.time.desc(), review.c.request.desc())
    if asked.state:
        query = query.where(review.c.state == asked.state)
    if asked.rule:
        named = json.dumps(asked.rule, ensure_ascii=False)
        query = query.where(review.c.rules.contains(named, autoescape=True))
    if asked.before:
        moment, _, request = asked.before.partition(".")
        if not moment.isdecimal() or not request:
            raise InvalidRequest("Give the 'before' of the page before.", param="before")
        place = tuple_(literal(int(moment)), literal(request))
        query = query.where(tuple_(review.c.time, review.c.request) < place)
    return query


async def _positions(connection: AsyncConnection) -> dict[str, int]:
    rows = (await connection.execute(select(review_position))).all()
    return {row.log: row.seq for row in rows}


async def _move(connection: AsyncConnection, log: str, last: int, *, is_new: bool) -> None:
    if is_new:
        await connection.execute(insert(review_position).values(log=log, seq=last))
    else:
        of_log = review_position.c.log == log
        await connection.execute(update(review_position).where(of_log).values(seq=last))


async def _add(connection: AsyncConnection, found: Sequence[Flagged]) -> None:
    """Add new reviews; one that is known gets the rules that flagged its answer since."""
    for one in found:
        rules = json.dumps(one.rules, ensure_ascii=False)
        of_it = review.c.request == one.request
        known = await connection.execute(update(review).where(of_it).values(rules=rules))
        if not known.rowcount:
            await connection.execute(insert(review).values(**_columns(one, rules)))


def _columns(one: Flagged, rules: str) -> dict[str, object]:
    return {
        "request": one.request,
        "time": one.time,
        "rules": rules,
        "team": one.facts["team"][:_MAX_NAME],
        "key": one.facts["principal"][:_MAX_NAME],
        "model": one.facts["model"][:_MAX_NAME],
        "use_case": one.facts["purpose"][:_MAX_NAME],
        "level": one.facts["level"],
        "state": OPEN,
    }


async def _row(connection: AsyncConnection, request: str) -> RowMapping:
    query = select(review).where(review.c.request == request)
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        raise InvalidRequest("There is no flagged request with this id.", code="not_found")
    return row


async def _check_reference(
    connection: AsyncConnection, outcome: ReviewOutcome, reference: str | None
) -> None:
    """The reference is a proposal of the right kind, an incident, or nothing."""
    if outcome == "nothing":
        if reference is not None:
            raise InvalidRequest("Nothing follows: leave reference out.", param="reference")
        return
    if reference is None:
        raise InvalidRequest(
            "Give the id of the proposal or of the incident that follows.", param="reference"
        )
    if outcome == "incident":
        query = select(incident.c.id).where(incident.c.id == reference)
    else:
        of_kind = proposal.c.kind == _PROPOSED[outcome]
        query = select(proposal.c.id).where(proposal.c.id == reference, of_kind)
    if await connection.scalar(query) is None:
        raise InvalidRequest(
            "There is no proposal or incident of this kind with that id.", param="reference"
        )


def _described(row: RowMapping) -> ReviewResponse:
    return ReviewResponse.model_validate({**row, "rules": json.loads(row["rules"])})
