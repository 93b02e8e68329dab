"""Which cases a legal hold covers: by their requests, time and use case, and by whom they name."""

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.entry import values_of
from gateway.governance.audit.request_group import parts
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.case_index import CaseRow
from gateway.governance.cases.case_persons import CasePersons, WantedPerson
from gateway.governance.holds.hold_index import ActiveHold
from gateway.governance.holds.service import Holds

_AT_ONCE = 400
_PURPOSES = "SELECT request, disclosure FROM audit_detail WHERE request IN :requests"


class CaseHolds:
    """Looks up the holds of cases."""

    def __init__(
        self,
        trail: AuditService,
        holds: Holds,
        persons: CasePersons,
        *,
        wall: Callable[[], float],
    ) -> None:
        """``wall`` is epoch seconds."""
        self._trail = trail
        self._holds = holds
        self._persons = persons
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

    async def _covers(self, connection: AsyncConnection, hold: ActiveHold, case: CaseRow) -> bool:
        if not hold.within(case.opened, case.ended or int(self._wall() * 1000)):
            return False
        if hold.requests and hold.requests.isdisjoint(case.requests):
            return False
        if hold.use_case and not await self._is_of(connection, hold.use_case, case):
            return False
        if not hold.people:
            return True
        wanted = WantedPerson(hold.people)
        return await self._persons.in_requests(connection, case, wanted) or bool(
            await self._persons.in_texts(connection, case.id, wanted)
        )

    async def _is_of(self, connection: AsyncConnection, use_case: str, case: CaseRow) -> bool:
        """Whether a request of the case is of a use case; one whose entries are gone counts."""
        for part in parts(case.requests, _AT_ONCE):
            rows = await self._trail.rows(_PURPOSES, {"requests": part}, connection)
            if {row["request"] for row in rows} != set(part):
                return True
            if any(values_of(bytes(row["disclosure"])).get("purpose") == use_case for row in rows):
                return True
        return False
