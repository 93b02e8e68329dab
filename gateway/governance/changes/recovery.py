"""The way back when no one can approve any more: codes that two persons made for it, each one."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import text

from gateway.core.errors import Denied
from gateway.core.snapshot import Snapshot
from gateway.evidence.entry import values_of
from gateway.governance.actor import Actor
from gateway.governance.changes.settings import load_settings
from gateway.governance.journal import LOG, Journal
from gateway.storage.database import Database

RECOVERY = "recovery"  # a setting
Published = Callable[[], Awaitable[Snapshot | None]]
_PROVE = "control:recovery:prove"
_SHOWN = len("sha256:") + 12  # as other secrets in entries
_PROOFS = (
    "SELECT time, disclosure FROM audit_detail WHERE log = :log AND event = :event ORDER BY seq"
)


def new_code() -> str:
    """A code that only its person may know, in the form of a key, so that detection finds it."""
    return f"sluis_recovery_{secrets.token_urlsafe(32)}"


def digest_of_code(code: str) -> str:
    """What the configuration holds of a code: it is random, so a plain digest is enough."""
    return "sha256:" + hashlib.sha256(code.strip().encode()).hexdigest()


def setting_in_force(
    settings: Mapping[str, Mapping[str, Any]], signed: Snapshot | None
) -> Mapping[str, Any]:
    """The setting while the database and the signed state both hold it, else an empty one.

    So a row that somebody wrote opens nothing, and a code that was used a moment ago opens nothing
    again.
    """
    stored = settings.get(RECOVERY, {})
    return stored if signed is not None and signed.settings.get(RECOVERY) == stored else {}


def sealed_in(setting: Mapping[str, Any]) -> Mapping[str, str]:
    """The digest of each person's code; ``setting`` is the one named ``recovery``."""
    sealed: Mapping[str, str] = setting.get("sealed", {})
    return sealed


def persons_of(setting: Mapping[str, Any], codes: Sequence[str]) -> list[str]:
    """The persons of the way back whose codes are among these."""
    digests = [digest_of_code(code) for code in codes]
    return [
        person
        for person, digest in sealed_in(setting).items()
        if any(hmac.compare_digest(digest, one) for one in digests)
    ]


def opened(setting: Mapping[str, Any], codes: Sequence[str], actor: Actor) -> tuple[str, str]:
    """The two persons whose codes these are; ``setting`` is the one named ``recovery``.

    Raises:
        Denied: when they are not of two persons, or the caller is not on the machine itself.
    """
    if actor.via != "local":
        raise Denied("The way back is open on the machine of the control plane only.")
    persons = persons_of(setting, codes)
    if len(persons) != 2 or len(codes) != 2:
        raise Denied(
            "These are not the codes of the two persons whom approvals.recovery names. A code "
            "works once: whoever used it makes a new one."
        )
    return persons[0], persons[1]


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
