"""The keys of evaluations: each reaches the deployments of one model version, for some hours."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.core.level import Level
from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import Key
from gateway.governance.actor import Actor
from gateway.governance.changes.basis import Basis
from gateway.governance.changes.governed import Governed
from gateway.governance.journal import Journal
from gateway.governance.keys import store
from gateway.governance.keys.service import Keys
from gateway.governance.keys.store import ISSUED

KIND = "evaluation"
_LIFE_S = 12 * 3600


class EvaluationKeys:
    """Issues and revokes keys within the transaction of a run."""

    def __init__(self, journal: Journal, governed: Governed, keys: Keys) -> None:
        self._journal = journal
        self._governed = governed
        self._keys = keys

    async def issue(
        self,
        connection: AsyncConnection,
        actor: Actor,
        *,
        version: str,
        digest: str,
        deployment: str,
        now: float,
    ) -> tuple[Key, str]:
        """A key for the deployment of one version, and its secret.

        Its clearance is the highest: that of the deployment, which other persons approved, is what
        bounds the texts of suites.
        """
        new = NewKey(
            name=f"evaluation of {version}"[:128],
            kind=KIND,
            models=[deployment],
            clearance=Level.RESTRICTED.label,
            strict=True,
            days=1,
            owner=actor.person or None,
        )
        drafted, secret = self._keys.draft(new, actor)
        key = msgspec.structs.replace(drafted, expires=int(now) + _LIFE_S, evaluates=digest)
        basis = Basis.one(actor, records.EVALUATION)
        async with self._governed.change(connection, actor, basis):
            await store.put(connection, key, source=ISSUED, now=now)
        await self._journal.record(
            connection,
            actor,
            "control:key:create",
            key=key.id,
            key_name=key.name,
            kind=key.kind,
            clearance=key.clearance,
            expires=key.expires,
            owner=key.owner,
            evaluates=digest,
        )
        return key, secret

    async def revoke(
        self, connection: AsyncConnection, actor: Actor, identity: str, *, now: float
    ) -> None:
        """Revoke a key that no run needs any more; one that was revoked before stays so."""
        live = [one for one in await store.list_active(connection) if one.id == identity]
        for key in live:
            async with self._governed.change(connection, actor, Basis.one(actor)):
                await store.revoke(connection, key, now=now)
            await self._journal.record(connection, actor, "control:key:revoke", key=key.id)
