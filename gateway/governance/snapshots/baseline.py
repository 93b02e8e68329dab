"""The first record of an installation: what the release brings, or what was in force before.

An earlier release approved changes by its own rules. What its last signed snapshot held stays in
force, marked as adopted. What came into the database since then has no record.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.approvals.lines import lines_between
from gateway.approvals.objects import objects_of
from gateway.approvals.replay import unexplained
from gateway.core.errors import TrailDamaged
from gateway.governance.actor import BOOTSTRAP_APPROVE, SYSTEM
from gateway.governance.changes.basis import Basis
from gateway.governance.changes.governed import Governed, changed_since, last_number
from gateway.governance.policies.service import Policies
from gateway.governance.snapshots.service import SnapshotPublisher
from gateway.storage.database import Database

_RECORDED = "SELECT 1 FROM audit_detail WHERE event = 'control:change:apply' LIMIT 1"


class Baseline:
    """Establishes the first record."""

    def __init__(
        self,
        database: Database,
        policies: Policies,
        governed: Governed,
        snapshots: SnapshotPublisher,
        key: Ed25519PublicKey,
        *,
        one_person: bool,
    ) -> None:
        """``key`` is that of the installation, which signs records.

        ``one_person`` accepts that one person decided while there was no other.
        """
        self._key = key
        self._one_person = one_person
        self._database = database
        self._policies = policies
        self._governed = governed
        self._snapshots = snapshots

    async def establish(self) -> None:
        """Write the first record, where there is none.

        Raises:
            TrailDamaged: when the records of this installation were deleted.
        """
        async with self._database.write() as connection:
            if await last_number(connection):
                await self._adopt_chains(connection)
                return
            if (await connection.execute(text(_RECORDED))).first():
                raise TrailDamaged(
                    "the records of approved changes are gone from the database; restore it"
                )
            before = await self._snapshots.newest(connection)
            if before is None:
                await self._policies.ensure_first(connection, BOOTSTRAP_APPROVE)
                await self._release(connection)
            else:
                lines = lines_between({}, objects_of(before))
                basis = Basis.one(SYSTEM, records.ADOPTED)
                await self._governed.record(connection, SYSTEM, basis, lines, door="upgrade")

    async def _adopt_chains(self, connection: AsyncConnection) -> None:
        """Adopt what the last signed snapshot holds and its records do not explain any more.

        A release that judges more fields finds values that one person could change before it.
        """
        before = await self._snapshots.newest(connection)
        if before is None:
            return
        known = [records.read(one, [self._key]) for one in before.changes]
        newer = await changed_since(connection, before.number)
        lines = [
            line
            for line in unexplained(
                {}, objects_of(before), known, since=0, one_person=self._one_person
            )
            if line.id not in newer
        ]
        if lines:
            basis = Basis.one(SYSTEM, records.ADOPTED)
            await self._governed.record(connection, SYSTEM, basis, lines, door="upgrade")

    async def _release(self, connection: AsyncConnection) -> None:
        lines = lines_between({}, await self._snapshots.objects(connection))
        basis = Basis.one(BOOTSTRAP_APPROVE, records.RELEASE)
        await self._governed.record(connection, BOOTSTRAP_APPROVE, basis, lines, door="release")
