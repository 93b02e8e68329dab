"""The organisation's own lists of terms: proposed by one person, in force when another approves.

Terms are personal data. They stand in the tables ``term`` and, until it is decided, ``proposal``,
and in snapshots; entries of the trail hold their number and a keyed digest.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.finding import PERSONAL_TYPES
from gateway.core.snapshot import TermLists
from gateway.governance.access_control.actor import Actor
from gateway.governance.journal import Journal
from gateway.privacy import Terms, canonical, compiled, normalised
from gateway.storage.database import Database
from gateway.storage.tables import proposal, term

DENY, ALLOW = "deny", "allow"
KIND = "terms"  # of proposals
LONGEST = 200
MOST = 100_000
_BATCH = 400


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A term of the list ``kind``; ``type`` of personal data counts for denied ones."""

    kind: str
    text: str
    type: str = "PERSON"

    def __repr__(self) -> str:
        """Without content: it must not reach a log."""
        return f"Term(kind={self.kind!r}, type={self.type!r})"

    @property
    def place(self) -> tuple[str, str]:
        """What no two terms share: the list, and the form under which spellings meet."""
        return self.kind, canonical(self.text)


class TermChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What comes and what goes."""

    add: list[Term] = []
    remove: list[Term] = []


class CustomTerms:
    """The lists that are in force."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        wall: Callable[[], float],
        digest: Callable[[str], str],
    ) -> None:
        """``digest`` is keyed, so that nobody can try names against it."""
        self._database = database
        self._journal = journal
        self._wall = wall
        self._digest = digest
        self._read: tuple[int, TermLists] = (-1, TermLists())
        self._compiled: Terms | None = None

    async def page(self, kind: str, *, offset: int, limit: int) -> dict[str, Any]:
        """Some terms of a list in alphabetical order, and how many each list has."""
        async with self._database.read() as connection:
            query = select(term).where(term.c.kind == kind).order_by(term.c.form)
            rows = await connection.execute(query.offset(offset).limit(limit))
            terms = [dict(row._mapping) for row in rows]  # noqa: SLF001
            counts = await connection.execute(select(term.c.kind, func.count()).group_by("kind"))
            number = {row[0]: row[1] for row in counts}
        for shown in terms:
            del shown["form"], shown["kind"]
        return {"terms": terms, "counts": {one: number.get(one, 0) for one in (DENY, ALLOW)}}

    async def lists(self, connection: AsyncConnection) -> TermLists:
        """Both lists; read again only after another change was approved."""
        approved = select(func.count()).where(
            proposal.c.kind == KIND, proposal.c.state == "approved"
        )
        revision = int((await connection.execute(approved)).scalar_one())
        if self._read[0] != revision:
            self._read = (revision, await _lists(connection))
        return self._read[1]

    async def compiled(self) -> Terms | None:
        """Both lists ready for use."""
        async with self._database.read() as connection:
            lists = await self.lists(connection)
        self._compiled = compiled(lists, self._compiled)
        return self._compiled

    async def checked(self, change: TermChange) -> TermChange:
        """The change without what is so already.

        Raises:
            InvalidRequest: names the place of a term that cannot be taken, never the term.
        """
        adding = _distinct("add", change.add)
        removing = _distinct("remove", change.remove)
        if adding.keys() & removing.keys():
            raise InvalidRequest("A term is both added and removed: leave one of them out.")
        async with self._database.read() as connection:
            present = await _present(connection, [*adding, *removing])
            number = (await connection.execute(select(func.count()).select_from(term))).scalar_one()
        new = [one for place, one in adding.items() if present.get(place) != _type_of(one)]
        gone = [one for place, one in removing.items() if place in present]
        if not (new or gone):
            raise InvalidRequest("The lists are like this already; there is nothing to propose.")
        if number + len(new) - len(gone) > MOST:
            raise InvalidRequest(f"Both lists together hold at most {MOST} terms.")
        return TermChange(new, gone)

    def recorded(self, change: TermChange) -> dict[str, Any]:
        """What entries of the trail say about a change."""
        return {
            "added": len(change.add),
            "removed": len(change.remove),
            "digest": self._digest(msgspec.json.encode(change).decode()),
        }

    async def activate(
        self, connection: AsyncConnection, change: TermChange, actor: Actor, *, author: str
    ) -> None:
        """Makes a change part of the lists that are in force."""
        replaced = [one.place for one in (*change.remove, *change.add)]
        for kind in (DENY, ALLOW):
            forms = [form for of, form in replaced if of == kind]
            for part in _parts(forms):
                await connection.execute(
                    delete(term).where(term.c.kind == kind, term.c.form.in_(part))
                )
        now = self._wall()
        rows = [
            {
                "kind": one.kind,
                "form": one.place[1],
                "text": one.text,
                "type": _type_of(one),
                "proposed_by": author,
                "approved_by": actor.id,
                "since": now,
            }
            for one in change.add
        ]
        if rows:
            await connection.execute(insert(term), rows)
        lists = await _lists(connection)
        await self._journal.record(
            connection,
            actor,
            "control:terms:activate",
            author=author,
            deny=len(lists.deny),
            allow=len(lists.allow),
            digest=self._digest(msgspec.json.encode(lists, order="sorted").decode()),
        )


def _distinct(where: str, terms: Iterable[Term]) -> dict[tuple[str, str], Term]:
    """Terms by their place, in clean spelling; of two spellings of one, the first counts."""
    found: dict[tuple[str, str], Term] = {}
    for number, one in enumerate(terms):
        clean = msgspec.structs.replace(one, text=" ".join(normalised(one.text).split()))
        if problem := _problem(clean):
            raise InvalidRequest(f"{where}.{number}: {problem}", param=f"{where}.{number}")
        found.setdefault(clean.place, clean)
    return found


def _problem(one: Term) -> str | None:
    form = canonical(one.text)
    if one.kind not in {DENY, ALLOW}:
        return "the kind must be deny or allow."
    if one.kind == DENY and one.type not in PERSONAL_TYPES:
        return f"the type must be one of {', '.join(PERSONAL_TYPES)}."
    if max(len(one.text), len(form)) > LONGEST:
        return f"a term has at most {LONGEST} characters."
    if not one.text.isprintable():
        return "a term holds no control characters."
    if sum(map(str.isalnum, form)) < 2:
        return "a term needs at least two letters or digits."
    return None


def _type_of(one: Term) -> str:
    return one.type if one.kind == DENY else ""


async def _present(
    connection: AsyncConnection, places: list[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """The types of those that are on a list now."""
    found: dict[tuple[str, str], str] = {}
    for part in _parts([form for _, form in places]):
        query = select(term.c.kind, term.c.form, term.c.type).where(term.c.form.in_(part))
        found |= {(row.kind, row.form): row.type for row in await connection.execute(query)}
    return found


async def _lists(connection: AsyncConnection) -> TermLists:
    rows = (
        await connection.execute(
            select(term.c.kind, term.c.text, term.c.type).order_by(term.c.form)
        )
    ).all()
    return TermLists(
        deny={row.text: row.type for row in rows if row.kind == DENY},
        allow=[row.text for row in rows if row.kind == ALLOW],
    )


def _parts(forms: list[str]) -> Iterable[list[str]]:
    return (forms[at : at + _BATCH] for at in range(0, len(forms), _BATCH))
