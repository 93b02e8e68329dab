"""Which cases a legal hold covers: by their requests, time and use case, and by whom they name."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.snapshot import TENANT
from gateway.evidence.entry import values_of
from gateway.governance.audit.request_group import parts
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.case_index import CaseRow
from gateway.governance.cases.encrypted_texts import CaseTexts
from gateway.governance.cases.tables import case_text
from gateway.governance.holds.hold_index import ActiveHold
from gateway.governance.holds.service import Holds
from gateway.privacy import persons_in

_AT_ONCE = 400
_PURPOSES = "SELECT request, disclosure FROM audit_detail WHERE request IN :requests"
_MENTIONED = (
    "SELECT DISTINCT m.identifier FROM mention m JOIN audit_entry e "
    "ON e.log = m.log AND e.seq = m.seq "
    "WHERE m.identifier IN :people AND e.request IN :requests"
)


class CaseHolds:
    """Looks up the holds of cases. Texts are decrypted and searched in a thread, case by case."""

    def __init__(
        self,
        trail: AuditService,
        holds: Holds,
        texts: CaseTexts,
        *,
        pepper: bytes,
        wall: Callable[[], float],
    ) -> None:
        """``wall`` is epoch seconds."""
        self._trail = trail
        self._holds = holds
        self._texts = texts
        self._pepper = pepper
        self._wall = wall

    async def of(self, connection: AsyncConnection, cases: Sequence[CaseRow]) -> dict[str, str]:
        """The id of a hold in force for each case that one covers."""
        active = (await self._holds.index(connection)).holds
        found: dict[str, str] = {}
        for case in cases:
            for hold in active:
                if await self._covers(connection, hold, case):
                    found[case.id] = hold.id
                    break
        return found

    async def named(
        self, connection: AsyncConnection, case: CaseRow, people: Collection[str]
    ) -> set[str]:
        """Those of the keyed identifiers that the texts or the requests of a case mention."""
        found: set[str] = set()
        for part in parts(case.requests, _AT_ONCE):
            values = {"people": sorted(people), "requests": part}
            rows = await self._trail.rows(_MENTIONED, values, connection)
            found |= {str(row["identifier"]) for row in rows}
        for named in (await self.named_in_texts(connection, case.id, people)).values():
            found |= named
        return found

    async def named_in_texts(
        self, connection: AsyncConnection, case: str, people: Collection[str]
    ) -> dict[str, set[str]]:
        """Those of the keyed identifiers that each text of a case names, by part."""
        query = select(case_text).where(case_text.c.case_id == case)
        stored = (await connection.execute(query)).all()

        def look() -> dict[str, set[str]]:
            look_in = partial(persons_in, wanted=people, key=self._pepper, tenant=TENANT)
            found = {part: look_in(text) for part, text in self._texts.open(case, stored).items()}
            return {part: named for part, named in found.items() if named}

        return await asyncio.to_thread(look)

    async def _covers(self, connection: AsyncConnection, hold: ActiveHold, case: CaseRow) -> bool:
        if not hold.within(case.opened, case.ended or int(self._wall() * 1000)):
            return False
        if hold.requests and hold.requests.isdisjoint(case.requests):
            return False
        if hold.use_case and not await self._is_of(connection, hold.use_case, case):
            return False
        return not hold.people or bool(await self.named(connection, case, hold.people))

    async def _is_of(self, connection: AsyncConnection, use_case: str, case: CaseRow) -> bool:
        """Whether a request of the case is of a use case; one whose entries are gone counts."""
        for part in parts(case.requests, _AT_ONCE):
            rows = await self._trail.rows(_PURPOSES, {"requests": part}, connection)
            if {row["request"] for row in rows} != set(part):
                return True
            if any(values_of(bytes(row["disclosure"])).get("purpose") == use_case for row in rows):
                return True
        return False
