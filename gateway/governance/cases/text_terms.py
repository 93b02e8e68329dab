"""For how long the texts of cases are kept, by the policies in force."""

import asyncio
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.policies.retention_policy import FILE, CaseTextPeriods, case_periods
from gateway.governance.policies.service import active_files
from gateway.governance.policies.tables import bundle


class CaseTextTerms:
    """Reads the periods of the active bundle, each bundle once."""

    def __init__(self) -> None:
        self._known: tuple[str | None, CaseTextPeriods] | None = None

    async def periods(self, connection: AsyncConnection) -> CaseTextPeriods:
        """The periods, as the transaction of ``connection`` sees the active bundle."""
        digest = (await connection.execute(select(bundle.c.digest).where(bundle.c.active))).scalar()
        if self._known is None or self._known[0] != digest:
            files = await active_files(connection)
            stated = {FILE: files[FILE]} if FILE in files else {}
            self._known = digest, await asyncio.to_thread(partial(case_periods, stated))
        return self._known[1]
