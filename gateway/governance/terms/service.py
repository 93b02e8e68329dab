"""The organisation's own lists of terms: proposed by one person, in force when another approves.

Terms are personal data. They are stored in the table ``term``, in snapshots and, until the
decision, in the table ``proposal``. Entries of the trail hold only their number and a keyed digest.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import TermLists
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.proposals.reading import StoredProposal
from gateway.governance.proposals.service import AfterCommit, Draft
from gateway.governance.proposals.states import APPROVED
from gateway.governance.proposals.tables import proposal
from gateway.governance.terms.changes import ALLOW, DENY, TermChange, distinct
from gateway.governance.terms.schemas import TermPage, TermResponse
from gateway.governance.terms.tables import term
from gateway.privacy import Terms, compiled
from gateway.storage.database import Database

KIND = "terms"  # of proposals
_MAX_TERMS = 100_000  # of both lists
_BATCH = 400


class CustomTerms:
    """The lists that are in force."""

    power = "terms"
    keeps_document = False

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        wall: Callable[[], float],
        digest: Callable[[str], str],
    ) -> None:
        """``digest`` is keyed, so that names cannot be tried against it."""
        self._database = database
        self._journal = journal
        self._wall = wall
        self._digest = digest
        self._cached: tuple[tuple[Any, ...], TermLists] = ((), TermLists())
        self._compiled: Terms | None = None

    async def lists(self, connection: AsyncConnection) -> TermLists:
        """Both lists. They are cached until another change is approved."""
        approved = (proposal.c.kind == KIND) & (proposal.c.state == APPROVED)
        # The newest id too: a transaction that approved one may have been rolled back.
        query = select(func.count(), func.max(proposal.c.id)).where(approved)
        revision = tuple((await connection.execute(query)).one())
        if self._cached[0] != revision:
            self._cached = (revision, await _lists(connection))
        return self._cached[1]

    async def compiled(self) -> Terms | None:
        """Both lists, compiled for matching."""
        async with self._database.read() as connection:
            lists = await self.lists(connection)
        self._compiled = compiled(lists, self._compiled)
        return self._compiled

    async def draft(self, change: TermChange) -> Draft:
        """The proposal to change the lists, without what they hold already.

        Raises:
            InvalidRequest: when it changes nothing, or a term is invalid. The message names the
                position of the term, never the term.
        """
        change = await self._reduced(change)
        return Draft(
            KIND,
            f"+{len(change.add)} -{len(change.remove)}",
            msgspec.json.encode(change).decode(),
            recorded={
                "added": len(change.add),
                "removed": len(change.remove),
                "digest": self._digest(msgspec.json.encode(change).decode()),
            },
        )

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Make the change of a proposal part of the lists that are in force."""
        change = msgspec.json.decode(document, type=TermChange)
        replaced = [one.key for one in (*change.remove, *change.add)]
        for kind in (DENY, ALLOW):
            forms = [form for of, form in replaced if of == kind]
            for batch in _batches(forms):
                await connection.execute(
                    delete(term).where(term.c.kind == kind, term.c.form.in_(batch))
                )
        now = self._wall()
        rows = [
            {
                "kind": one.kind,
                "form": one.key[1],
                "text": one.text,
                "type": one.stored_type,
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
        return None

    async def list(self, kind: str, *, offset: int, limit: int) -> TermPage:
        """Some terms of a list in alphabetical order, and the size of each list."""
        query = select(term).where(term.c.kind == kind).order_by(term.c.form)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.offset(offset).limit(limit))).all()
            counted = await connection.execute(select(term.c.kind, func.count()).group_by("kind"))
            counts = {row[0]: row[1] for row in counted}
        return TermPage(
            terms=[TermResponse.model_validate(row) for row in rows],
            counts={one: counts.get(one, 0) for one in (DENY, ALLOW)},
        )

    async def _reduced(self, change: TermChange) -> TermChange:
        """The change without what is so already."""
        adding = distinct("add", change.add)
        removing = distinct("remove", change.remove)
        if adding.keys() & removing.keys():
            raise InvalidRequest("A term is both added and removed: leave one of them out.")
        async with self._database.read() as connection:
            present = await _present(connection, [*adding, *removing])
            number = (await connection.execute(select(func.count()).select_from(term))).scalar_one()
        added = [one for key, one in adding.items() if present.get(key) != one.stored_type]
        removed = [one for key, one in removing.items() if key in present]
        if not (added or removed):
            raise InvalidRequest("The lists are like this already; there is nothing to propose.")
        if number + len(added) - len(removed) > _MAX_TERMS:
            raise InvalidRequest(f"Both lists together hold at most {_MAX_TERMS} terms.")
        return TermChange(added, removed)


def change_of(stored: StoredProposal) -> TermChange:
    """The terms of a proposal; empty once it is decided.

    Raises:
        InvalidRequest: when the proposal is of another kind.
    """
    if stored.summary.kind != KIND:
        raise InvalidRequest("This proposal is not about terms.", code="not_found")
    return msgspec.json.decode(stored.document, type=TermChange)


async def _present(
    connection: AsyncConnection, keys: list[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """The types of those that are on a list now, by their key."""
    found: dict[tuple[str, str], str] = {}
    for batch in _batches([form for _, form in keys]):
        query = select(term.c.kind, term.c.form, term.c.type).where(term.c.form.in_(batch))
        found |= {(row.kind, row.form): row.type for row in await connection.execute(query)}
    return found


async def _lists(connection: AsyncConnection) -> TermLists:
    query = select(term.c.kind, term.c.text, term.c.type).order_by(term.c.form)
    rows = (await connection.execute(query)).all()
    return TermLists(
        deny={row.text: row.type for row in rows if row.kind == DENY},
        allow=[row.text for row in rows if row.kind == ALLOW],
    )


def _batches(forms: list[str]) -> Iterable[list[str]]:
    return (forms[at : at + _BATCH] for at in range(0, len(forms), _BATCH))
