"""From a bearer credential to an actor: operator token, admin key, or the organisation's sign-on.

A credential is looked at with each request, as there are no sessions here. On record is the first
request with a token of the sign-on, the first of each day (UTC) with a key, what was asked without
permission, and every credential that is not good; above a rate the last are counted (``tallies``).
"""

import hmac
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from sqlalchemy import text

from gateway.core.errors import Unauthenticated
from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import Issuer
from gateway.evidence.refusal_counter import RefusalCount, RefusalCounter, network_of
from gateway.governance.access_control.actor import LOCAL_OPERATOR, Actor
from gateway.governance.journal import Journal
from gateway.governance.keys.service import Keys
from gateway.identity import TokenVerifier
from gateway.storage.database import Database

_NOBODY = Actor("nobody", "", frozenset(), "api")
_SIGN_ON = "sign-on"
_REMEMBERED = 4096
_DAY_S = 86_400
_ON_RECORD = "SELECT 1 FROM audit_detail WHERE request = :session AND event = :event LIMIT 1"


class SignIn:
    """Who is at the door of the control plane, and the record of it."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        keys: Keys,
        *,
        issuers: Callable[[], Awaitable[list[Issuer]]],
        pepper: bytes,
        operator_token: str,
        digest: Callable[[str], str],
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``issuers`` gives those of the sign-on with their keys; ``digest`` names a key's secret.

        ``wall`` is epoch seconds, ``clock`` monotonic seconds.
        """
        self._database = database
        self._journal = journal
        self._keys = keys
        self._issuers = issuers
        self._pepper = pepper
        self._operator_token = operator_token.encode()
        self._digest = digest
        self._wall = wall
        self._on_record: OrderedDict[str, None] = OrderedDict()
        self._tallies = RefusalCounter(self._count, clock=clock, wall=wall)

    async def actor(self, credential: str | None, address: str | None) -> Actor:
        """The actor behind a credential that came from an address; it is on record then.

        Raises:
            Unauthenticated: when it is missing or not good, or is the key of an application.
            Unavailable: when a flood of bad ones cannot be recorded any more.
        """
        try:
            actor = await self._known(credential)
        except Unauthenticated as refusal:
            await self._refused(refusal, address)
            raise
        await self._seen(actor, credential or "")
        return actor

    async def denied(self, actor: Actor, permission: str) -> None:
        """Puts on record that an actor asked for what he or she may not do."""
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                actor,
                "access:permission:refuse",
                permission=permission,
                outcome="access_denied",
            )

    async def stop(self) -> None:
        """Writes what was counted."""
        await self._tallies.stop()

    async def _known(self, credential: str | None) -> Actor:
        if not credential:
            raise Unauthenticated("Sign in, or send 'Authorization: Bearer <admin key>'.")
        if hmac.compare_digest(credential.encode(), self._operator_token):
            return LOCAL_OPERATOR
        if credential.startswith("eyJ") and credential.count(".") == 2:
            return await self._person(credential)
        return await self._admin_key(credential)

    async def _person(self, token: str) -> Actor:
        claims = TokenVerifier(await self._issuers()).verify(token, now=self._wall())
        subject = pseudonym(self._pepper, f"subject:{claims.issuer}", claims.subject)
        return Actor(f"u_{subject}", claims.name, claims.roles, _SIGN_ON)

    async def _admin_key(self, credential: str) -> Actor:
        digest = self._digest(credential)
        for stored in await self._keys.all():
            key = stored.key
            if hmac.compare_digest(key.digest, digest) and stored.revoked is None:
                if key.kind == "app":
                    raise Unauthenticated("This is the key of an application; use an admin key.")
                if key.expires is not None and key.expires <= self._wall():
                    raise Unauthenticated("This key has expired.")
                return Actor(key.id, key.name, frozenset(key.roles), "api")
        raise Unauthenticated("This key is not known.")

    async def _seen(self, actor: Actor, credential: str) -> None:
        """An entry for a token that is new here, or for the first use of a key on a day."""
        if actor.via == _SIGN_ON:
            event, what = "access:session:open", credential
        else:
            event, what = "access:key:use", f"{actor.id} {int(self._wall()) // _DAY_S}"
        session = pseudonym(self._pepper, event, what)
        if session in self._on_record:
            return
        async with self._database.write() as connection:  # another replica may have been first
            known = await connection.execute(text(_ON_RECORD), {"session": session, "event": event})
            if known.first() is None:
                await self._journal.record(connection, actor, event, request=session)
        self._on_record[session] = None
        if len(self._on_record) > _REMEMBERED:
            self._on_record.popitem(last=False)

    async def _refused(self, refusal: Unauthenticated, address: str | None) -> None:
        network = network_of(address)
        name = pseudonym(self._pepper, "network", network) if network else ""
        if not self._tallies.single():
            self._tallies.count(refusal.code, name)
            return
        async with self._database.write() as connection:
            await self._journal.record(
                connection, _NOBODY, "access:session:refuse", outcome=refusal.code, network=name
            )

    async def _count(self, tally: RefusalCount) -> None:
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                _NOBODY,
                "access:session:count",
                request=tally.audit_id,
                **tally.fields(),
            )
