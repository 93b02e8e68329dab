"""The calendar in force: the rows of the release, and those that the organisation has changed.

A change of a row is a proposal that another person approves. It takes effect without a new build.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.cases.deadlines.rules import (
    Calendar,
    DeadlineFields,
    DeadlineRule,
    packaged,
)
from gateway.governance.cases.deadlines.schemas import DeadlineListResponse, DeadlineResponse
from gateway.governance.cases.tables import deadline_rule
from gateway.governance.journal import Journal
from gateway.governance.proposals.service import AfterCommit, Draft
from gateway.storage.database import Database

KIND = "deadline"  # of proposals
_packaged = cache(packaged)


class Deadlines:
    """Reads the calendar, and changes its rows by proposals."""

    power = "deadlines"
    keeps_document = True

    def __init__(self, database: Database, journal: Journal, *, wall: Callable[[], float]) -> None:
        self._database = database
        self._journal = journal
        self._wall = wall

    async def calendar(self, connection: AsyncConnection) -> Calendar:
        """The rows in force."""
        rows = (await connection.execute(select(deadline_rule))).all()
        own = {row.id: DeadlineRule.model_validate_json(row.document) for row in rows}
        release = _packaged()
        merged = dict(sorted({**release.rules, **own}.items()))
        return Calendar(merged, release.kinds, frozenset(own))

    async def list(self) -> DeadlineListResponse:
        """All rows by id."""
        async with self._database.read() as connection:
            found = await self.calendar(connection)
        now = int(self._wall() * 1000)
        return DeadlineListResponse(
            deadlines=[
                DeadlineResponse(
                    **one.model_dump(), own=one.id in found.own, applies=one.standing(now)
                )
                for one in found.rules.values()
            ],
            kinds=found.kinds,
        )

    async def draft(self, identity: str, fields: DeadlineFields, *, reason: str) -> Draft:
        """The proposal to replace or add a row.

        Raises:
            InvalidRequest: when it changes nothing, or names an unknown kind or row.
        """
        rule = DeadlineRule(id=identity, **fields.model_dump())
        async with self._database.read() as connection:
            known = await self.calendar(connection)
        _check(rule, known)
        lines = _lines(identity, known.rules.get(identity), rule)
        if not lines:
            raise InvalidRequest("The row is like this already; there is nothing to propose.")
        return _draft(identity, rule, lines, reason)

    async def draft_reset(self, identity: str, *, reason: str) -> Draft:
        """The proposal to go back to the row of the release, or to drop an added one.

        Raises:
            InvalidRequest: when the organisation has not changed this row.
        """
        async with self._database.read() as connection:
            known = await self.calendar(connection)
        if identity not in known.own:
            raise InvalidRequest("The organisation has not changed this row.", code="not_found")
        release = _packaged().rules.get(identity)
        lines = _lines(identity, known.rules[identity], release)
        return _draft(identity, None, lines, reason)

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Put an approved row in force."""
        wanted: dict[str, Any] = orjson.loads(document)
        identity, stated = wanted["id"], wanted["rule"]
        before = (await self.calendar(connection)).rules.get(identity)
        await connection.execute(delete(deadline_rule).where(deadline_rule.c.id == identity))
        if stated is not None:
            await connection.execute(
                insert(deadline_rule).values(
                    id=identity,
                    document=orjson.dumps(stated).decode(),
                    since=self._wall(),
                    proposed_by=author,
                    approved_by=actor.id,
                )
            )
        after = (await self.calendar(connection)).rules.get(identity)
        await self._journal.record(
            connection,
            actor,
            "control:deadline:set" if stated is not None else "control:deadline:reset",
            article=identity,
            author=author,
            lines=_lines(identity, before, after) or None,
        )
        return None


def _draft(identity: str, rule: DeadlineRule | None, lines: list[str], reason: str) -> Draft:
    document = {"id": identity, "rule": None if rule is None else rule.model_dump(mode="json")}
    return Draft(
        KIND,
        identity,
        orjson.dumps(document).decode(),
        recorded={"article": identity, "reason": reason},
        lines=lines,
    )


def _check(rule: DeadlineRule, known: Calendar) -> None:
    """Refuse kinds and rows that do not exist; a clock of an incident needs a start that it has."""
    kinds = {*known.kinds["incident"], *known.kinds["request"], "complaint"}
    for kind in rule.kinds:
        if kind not in kinds:
            raise InvalidRequest(f"There is no kind {kind!r} of cases.", param="deadline.kinds")
    of_incident = set(rule.kinds) <= set(known.kinds["incident"])
    if not of_incident and (rule.starts != "received" or rule.hours == 0):
        raise InvalidRequest(
            "A deadline of complaints or requests starts as received and lasts an hour or more; "
            "it is not one of incidents as well.",
            param="deadline.starts",
        )
    if of_incident and rule.starts == "received":
        raise InvalidRequest(
            "A deadline of incidents starts as aware, classified or report:ID.",
            param="deadline.starts",
        )
    after = rule.starts.removeprefix("report:")
    if after != rule.starts and (after not in known.rules or after == rule.id):
        raise InvalidRequest(f"There is no other row {after!r}.", param="deadline.starts")


def _lines(identity: str, before: DeadlineRule | None, after: DeadlineRule | None) -> list[str]:
    """The difference, a line for each field."""
    old = {} if before is None else before.model_dump(mode="json")
    new = {} if after is None else after.model_dump(mode="json")
    return [
        orjson.dumps({
            "object": f"deadline {identity}",
            "field": name,
            "before": old.get(name),
            "after": new.get(name),
            "power": Deadlines.power,
        }).decode()
        for name in DeadlineRule.model_fields
        if name != "id" and old.get(name) != new.get(name)
    ]
