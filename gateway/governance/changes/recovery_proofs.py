"""Proofs that the persons of the way back still have their codes; a proof uses no code up.

Apart from the codes, which the command line makes without a database.
"""

from collections.abc import Awaitable, Callable

from sqlalchemy import text

from gateway.core.errors import Denied
from gateway.core.snapshot import Snapshot
from gateway.evidence.entry import values_of
from gateway.governance.actor import Actor
from gateway.governance.changes.recovery import (
    RECOVERY,
    persons_of,
    sealed_in,
    setting_in_force,
)
from gateway.governance.changes.settings import load_settings
from gateway.governance.journal import LOG, Journal
from gateway.storage.database import Database

Published = Callable[[], Awaitable[Snapshot | None]]
_PROVE = "control:recovery:prove"
_SHOWN = len("sha256:") + 12  # as other secrets in entries
_PROOFS = (
    "SELECT time, disclosure FROM audit_detail WHERE log = :log AND event = :event ORDER BY seq"
)


class RecoveryProofs:
    """Proves codes of the way back on record, and finds when each was proven last."""

    def __init__(self, database: Database, journal: Journal, *, published: Published) -> None:
        """``published`` gives the snapshot in force."""
        self._database = database
        self._journal = journal
        self._published = published

    async def prove(self, code: str, actor: Actor) -> str:
        """The person whose code this is, on record; the code stays as good as it was.

        The entry holds the beginning of the code's digest, so that a proof counts for that code
        alone and not for one that is made later.

        Raises:
            Denied: when it is no code in force, or the caller is not on the machine itself.
        """
        if actor.via != "local":
            raise Denied("A code is proven on the machine of the control plane only.")
        signed = await self._published()
        async with self._database.write() as connection:
            setting = setting_in_force(await load_settings(connection), signed)
            found = persons_of(setting, [code])
            if not found:
                raise Denied(
                    "This is not the code of a person whom approvals.recovery names. A code that "
                    "was used or replaced is not in force any more."
                )
            digest = sealed_in(setting)[found[0]]
            await self._journal.record(
                connection, actor, _PROVE, of_person=found[0], digest=digest[:_SHOWN]
            )
        return found[0]

    async def proven(self) -> dict[str, float | None]:
        """When each person of the way back last proved the present code, in epoch seconds.

        None where no entry of that is left.
        """
        signed = await self._published()
        sealed = sealed_in(signed.settings.get(RECOVERY, {})) if signed else {}
        async with self._database.read() as connection:
            query = await connection.execute(text(_PROOFS), {"log": LOG, "event": _PROVE})
            times = {
                values_of(bytes(row.disclosure)).get("digest"): row.time / 1000 for row in query
            }
        return {person: times.get(digest[:_SHOWN]) for person, digest in sealed.items()}
