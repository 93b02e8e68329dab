"""Resolves bearer credentials to actors: operator token, admin key, or single sign-on.

Every request is checked, as there are no sessions. Entries record the first request with a token of
the sign-on, the first of each day (UTC) with a key, requests without permission, and invalid
credentials. Above a rate the invalid ones are counted instead.
"""

import hmac
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Unauthenticated
from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import Issuer, Key
from gateway.evidence.refusal_counter import RefusalCount, RefusalCounter, network_of
from gateway.governance.actor import LOCAL_OPERATOR, Actor
from gateway.governance.journal import Journal
from gateway.identity import Claims, TokenVerifier
from gateway.identity.api_key_index import BLOCKED
from gateway.storage.database import Database

_UNKNOWN = Actor("nobody", "", frozenset(), "api")
_SIGN_ON = "sign-on"
_MAX_SESSIONS = 4096  # in memory
_DAY_S = 86_400
_FIND_SESSION = "SELECT 1 FROM audit_detail WHERE request = :session AND event = :event LIMIT 1"


class SignIn:
    """Authenticates the callers of the control plane, on record."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        keys: Callable[[AsyncConnection], Awaitable[list[Key]]],
        issuers: Callable[[], Awaitable[list[Issuer]]],
        admit: Callable[[Claims], Awaitable[None]],
        pepper: bytes,
        operator_token: str,
        digest: Callable[[str], str],
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``keys`` gives the keys that are not revoked, with those of leavers marked as blocked.

        ``issuers`` gives those of the sign-on.

        ``admit`` refuses the tokens of persons who have left and of sign-ons that were ended.
        ``digest`` is the keyed hash by which keys are stored. ``wall`` is epoch seconds,
        ``clock`` monotonic seconds.
        """
        self._database = database
        self._journal = journal
        self._keys = keys
        self._issuers = issuers
        self._admit = admit
        self._pepper = pepper
        self._operator_token = operator_token.encode()
        self._digest = digest
        self._wall = wall
        self._recorded: OrderedDict[str, None] = OrderedDict()
        self._refusals = RefusalCounter(self._record_count, clock=clock, wall=wall)

    async def actor(self, credential: str | None, address: str | None) -> Actor:
        """The actor of a credential that came from an address. The sign-in is recorded.

        Raises:
            Unauthenticated: when it is missing or invalid, or is the key of an application.
            Unavailable: when further refusals cannot be recorded.
        """
        try:
            actor = await self._resolve(credential)
        except Unauthenticated as refusal:
            await self._record_refusal(refusal, address)
            raise
        await self._record_use(actor, credential or "")
        return actor

    async def denied(self, actor: Actor, permission: str) -> None:
        """Record that an actor lacked a permission."""
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                actor,
                "access:permission:refuse",
                permission=permission,
                outcome="access_denied",
            )

    async def stop(self) -> None:
        """Write the counts that are not recorded yet."""
        await self._refusals.stop()

    async def _resolve(self, credential: str | None) -> Actor:
        if not credential:
            raise Unauthenticated("Sign in, or send 'Authorization: Bearer <admin key>'.")
        if hmac.compare_digest(credential.encode(), self._operator_token):
            return LOCAL_OPERATOR
        if credential.startswith("eyJ") and credential.count(".") == 2:
            return await self._person(credential)
        return await self._admin_key(credential)

    async def _person(self, token: str) -> Actor:
        claims = TokenVerifier(await self._issuers()).verify(token, now=self._wall())
        await self._admit(claims)
        subject = pseudonym(self._pepper, f"subject:{claims.issuer}", claims.subject)
        return Actor(f"u_{subject}", claims.name, claims.roles, _SIGN_ON)

    async def _admin_key(self, credential: str) -> Actor:
        digest = self._digest(credential)
        async with self._database.read() as connection:
            keys = await self._keys(connection)
        for key in keys:
            if hmac.compare_digest(key.digest, digest):
                if key.kind == "app":
                    raise Unauthenticated("This is the key of an application; use an admin key.")
                if key.expires is not None and key.expires <= self._wall():
                    raise Unauthenticated("This key has expired.")
                if key.blocked:
                    raise Unauthenticated(BLOCKED)
                return Actor(key.id, key.name, frozenset(key.roles), "api")
        raise Unauthenticated("This key is not known.")

    async def _record_use(self, actor: Actor, credential: str) -> None:
        """Record the first request with a token, and the first of a day with a key."""
        if actor.via == _SIGN_ON:
            event, used = "access:session:open", credential
        else:
            event, used = "access:key:use", f"{actor.id} {int(self._wall()) // _DAY_S}"
        session = pseudonym(self._pepper, event, used)
        if session in self._recorded:
            return
        async with self._database.write() as connection:  # another replica may have been first
            known = await connection.execute(
                text(_FIND_SESSION), {"session": session, "event": event}
            )
            if known.first() is None:
                await self._journal.record(connection, actor, event, request=session)
        self._recorded[session] = None
        if len(self._recorded) > _MAX_SESSIONS:
            self._recorded.popitem(last=False)

    async def _record_refusal(self, refusal: Unauthenticated, address: str | None) -> None:
        network = network_of(address)
        name = pseudonym(self._pepper, "network", network) if network else ""
        if not self._refusals.single():
            self._refusals.count(refusal.code, name)
            return
        async with self._database.write() as connection:
            await self._journal.record(
                connection, _UNKNOWN, "access:session:refuse", outcome=refusal.code, network=name
            )

    async def _record_count(self, refusals: RefusalCount) -> None:
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                _UNKNOWN,
                "access:session:count",
                request=refusals.audit_id,
                **refusals.fields(),
            )
