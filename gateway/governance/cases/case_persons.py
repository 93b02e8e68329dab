"""Which cases name a person: in their texts, or by the requests that they are about.

Texts are decrypted and searched in a thread, case by case and one case at a time.
"""

import asyncio
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.snapshot import TENANT
from gateway.evidence.entry import values_of
from gateway.governance.audit.request_group import parts
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.case_index import CaseRow
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.tables import case_text
from gateway.privacy import persons_in

_AT_ONCE = 400
_MENTIONED = (
    "SELECT DISTINCT m.identifier FROM mention m JOIN audit_entry e "
    "ON e.log = m.log AND e.seq = m.seq "
    "WHERE m.identifier IN :people AND e.request IN :requests"
)
_DISCLOSED = "SELECT disclosure FROM audit_detail WHERE request IN :requests"
_WHO = ("principal", "on_behalf_of", "asserted_user")


@dataclass(frozen=True, slots=True, repr=False)
class WantedPerson:
    """Who is looked for: any of the keyed identifiers, all of the words, or the pseudonym."""

    names: Collection[str] = ()
    words: tuple[str, ...] = ()
    pseudonym: str = ""


@dataclass(frozen=True, slots=True)
class FoundText:
    """A text that names who is looked for: its part, when it was stored, by which identifiers.

    ``stored`` is 0 for a text that an earlier version stored.
    """

    part: str
    stored: int
    names: frozenset[str] = field(default_factory=frozenset)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text without case and accents, as texts are searched for them."""
    return tuple(_bare(text).split())


class CasePersons:
    """Looks for persons in cases, one thread at a time."""

    def __init__(self, trail: AuditService, texts: CaseTexts, *, pepper: bytes) -> None:
        self._trail = trail
        self._texts = texts
        self._pepper = pepper
        self._alone = asyncio.Lock()

    async def in_texts(
        self, connection: AsyncConnection, case: str, wanted: WantedPerson
    ) -> list[FoundText]:
        """The texts of a case that name the person."""
        if not wanted.names and not wanted.words:
            return []
        query = select(case_text).where(case_text.c.case_id == case).order_by(case_text.c.part)
        stored = (await connection.execute(query)).all()
        async with self._alone:
            return await asyncio.to_thread(self._look, case, stored, wanted)

    async def in_requests(
        self, connection: AsyncConnection, case: CaseRow, wanted: WantedPerson
    ) -> bool:
        """Whether a request of the case mentions the person, or is by the pseudonym."""
        for part in parts(case.requests, _AT_ONCE):
            if wanted.names:
                values = {"people": sorted(wanted.names), "requests": part}
                if await self._trail.rows(_MENTIONED, values, connection):
                    return True
            if wanted.pseudonym:
                rows = await self._trail.rows(_DISCLOSED, {"requests": part}, connection)
                if any(_is_by(row, wanted.pseudonym) for row in rows):
                    return True
        return False

    def _look(self, case: str, stored: Sequence[Row[Any]], wanted: WantedPerson) -> list[FoundText]:
        times = {row.part: int(row.stored or 0) for row in stored}
        found = []
        for part, text in self._texts.open(case, stored).items():
            names = persons_in(text, wanted.names, key=self._pepper, tenant=TENANT)
            bare = _bare(text) if wanted.words and not names else ""
            if names or (bare and all(word in bare for word in wanted.words)):
                found.append(FoundText(part, times[part], frozenset(names)))
        return found


def _is_by(row: Mapping[str, Any], pseudonym: str) -> bool:
    known = values_of(bytes(row["disclosure"]))
    return any(known.get(name) == pseudonym for name in _WHO)


def _bare(text: str) -> str:
    """A text without case and accents."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
