"""Finds the cases in which a person occurs; each search is an entry, without what was searched."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.cases.case_index import KINDS, CaseRow, case_of, every_case
from gateway.governance.cases.case_persons import CasePersons, WantedPerson, words_of
from gateway.governance.cases.search.schemas import CaseSearchResponse, FoundCase
from gateway.governance.journal import Journal
from gateway.governance.person_keys import DataSubject, PersonKeys, digest_of
from gateway.storage.database import Database

EVENT = "control:case:search"
_SCANNED = 500  # cases of a page
_BATCH = 50
_MIN_WORD_CHARS = 3


@dataclass(frozen=True, slots=True, repr=False)
class PersonSearch:
    """Who is looked for, among which kinds of cases, and from where a page goes on."""

    subjects: tuple[DataSubject, ...] = ()
    words: str = ""
    pseudonym: str = ""
    kinds: Collection[str] = KINDS
    limit: int = 50
    before: str | None = None


class CaseSearch:
    """Searches cases, newest first. A page looks at 500 cases at most."""

    def __init__(
        self, database: Database, journal: Journal, people: PersonKeys, persons: CasePersons
    ) -> None:
        self._database = database
        self._journal = journal
        self._people = people
        self._persons = persons

    async def search(
        self, question: PersonSearch, actor: Actor, *, reason: str
    ) -> CaseSearchResponse:
        """A page of the cases of a person.

        Raises:
            InvalidRequest: without anybody to look for, for an invalid identifier or ``before``, or
                when the reason names the person.
        """
        wanted = self._wanted(question, reason)
        at = _place(question.before)
        found: list[FoundCase] = []
        scanned, more = 0, True
        while more and scanned < _SCANNED and len(found) < question.limit:
            async with self._database.read() as connection:
                page = await connection.execute(_cases(question.kinds, at))
                cases = [case_of(row) for row in page]
                more = len(cases) == _BATCH
                for case in cases:
                    scanned, at = scanned + 1, (case.opened, case.id)
                    if one := await self._found(connection, case, wanted):
                        found.append(one)
                    if len(found) == question.limit:
                        more = more or case is not cases[-1]
                        break
        await self._record(question, wanted, actor, len(found), scanned, reason)
        before = f"{at[0]}.{at[1]}" if more and at else None
        return CaseSearchResponse(cases=found, scanned=scanned, before=before)

    async def all_of(self, names: Collection[str]) -> list[FoundCase]:
        """All cases that name a person by keyed identifiers, newest first."""
        found: list[FoundCase] = []
        at: tuple[int, str] | None = None
        while True:
            async with self._database.read() as connection:
                cases = [case_of(row) for row in await connection.execute(_cases(KINDS, at))]
                for case in cases:
                    if one := await self._found(connection, case, WantedPerson(names)):
                        found.append(one)
            if len(cases) < _BATCH:
                return found
            at = cases[-1].opened, cases[-1].id

    async def _found(
        self, connection: AsyncConnection, case: CaseRow, wanted: WantedPerson
    ) -> FoundCase | None:
        texts = await self._persons.in_texts(connection, case.id, wanted)
        in_requests = await self._persons.in_requests(connection, case, wanted)
        if not texts and not in_requests:
            return None
        return FoundCase(
            id=case.id,
            kind=case.kind,
            type=case.type,
            opened=case.opened,
            ended=case.ended,
            outcome=case.outcome,
            parts=[one.part for one in texts],
            in_requests=in_requests,
        )

    def _wanted(self, question: PersonSearch, reason: str) -> WantedPerson:
        names = self._people.named(question.subjects, reason)
        words = words_of(question.words)
        if words and sum(map(len, words)) < _MIN_WORD_CHARS:
            raise InvalidRequest("Give words of three characters or more.", param="words")
        if words and set(words) <= set(words_of(reason)):
            raise InvalidRequest(
                "The reason names the person, and it stays in the trail. Give the number of the "
                "request instead.",
                param="reason",
            )
        if not (names or words or question.pseudonym):
            raise InvalidRequest("Say whom to look for: an identifier, words or a pseudonym.")
        return WantedPerson(frozenset(names), words, question.pseudonym)

    async def _record(
        self,
        question: PersonSearch,
        wanted: WantedPerson,
        actor: Actor,
        hits: int,
        scanned: int,
        reason: str,
    ) -> None:
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                actor,
                EVENT,
                subjects=len(wanted.names) or None,
                digest=digest_of(wanted.names) if wanted.names else None,
                pseudonym=question.pseudonym or None,
                found=hits,
                count=scanned,
                reason=reason,
            )


def _cases(kinds: Collection[str], at: tuple[int, str] | None) -> Select[Any]:
    """Some cases that were opened before a place, newest first."""
    cases = every_case()
    query = select(cases).where(cases.c.kind.in_(sorted(kinds)))
    if at is not None:
        query = query.where(tuple_(cases.c.opened, cases.c.id) < tuple_(*at))
    return query.order_by(cases.c.opened.desc(), cases.c.id.desc()).limit(_BATCH)


def _place(before: str | None) -> tuple[int, str] | None:
    if before is None:
        return None
    opened, _, identity = before.partition(".")
    if not (opened.isascii() and opened.isdecimal() and len(opened) <= 15 and identity):
        raise InvalidRequest("before is not that of a page.", param="before")
    return int(opened), identity
