"""Resolves bearer credentials to actors: operator token, admin key, or single sign-on.

Every request is checked, as there are no sessions. Entries record the first request with a token of
the sign-on, the first of each day (UTC) with a key, requests without permission, and invalid
credentials. Above a rate the invalid ones are counted instead.
"""

import hmac
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace

from sqlalchemy import text

from gateway.core.errors import Unauthenticated
from gateway.core.principal import SignOn
from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import Issuer, Key, Snapshot
from gateway.evidence.refusal_counter import RefusalCount, RefusalCounter, network_of
from gateway.governance.access_control.places import Places
from gateway.governance.actor import LOCAL_OPERATOR, Actor, actor_of
from gateway.governance.journal import Journal
from gateway.identity import Claims, TokenVerifier, UnknownSigningKey, looks_like_token
from gateway.identity.api_key_index import BLOCKED
from gateway.identity.networks import lies_in
from gateway.identity.networks import network_of as network
from gateway.identity.tokens import APPLICATION
from gateway.storage.database import Database

_UNKNOWN = Actor("nobody", "", frozenset(), "api")
_SIGN_ON = "sign-on"
_NO_AUTHOR = (
    "This token does not name the person whose change it makes: none of the claims is there that "
    "claims.author of its issuer names."
)
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
        key: Callable[[str], Awaitable[Key | None]],
        issuers: Callable[[], Awaitable[list[Issuer]]],
        refresh_keys: Callable[[str], Awaitable[None]],
        admit: Callable[[Claims], Awaitable[SignOn]],
        names: Callable[[str], Awaitable[frozenset[str]]],
        published: Callable[[], Awaitable[Snapshot | None]],
        pepper: bytes,
        operator_token: str,
        digest: Callable[[str], str],
        wall: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``key`` gives the key in force with a digest, ``issuers`` those of the sign-on.

        ``refresh_keys`` fetches the signing keys of an issuer again, unless it just did. ``admit``
        gives the sign-on of a token, and refuses those of persons who have left and those that were
        ended. ``names`` gives all names of a person, ``published`` the snapshot in force.
        ``digest`` is the keyed hash by which keys are stored. ``wall`` is epoch seconds,
        ``clock`` monotonic seconds.
        """
        self._database = database
        self._journal = journal
        self._key = key
        self._issuers = issuers
        self._refresh_keys = refresh_keys
        self._verifying: tuple[list[Issuer], TokenVerifier] = [], TokenVerifier([])
        self._admit = admit
        self._names = names
        self._published = published
        self._places = Places()
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
            Unavailable: when further refusals cannot be recorded, or no keys of the issuer are
                known.
        """
        try:
            actor = await self._resolve(credential, address)
        except Unauthenticated as refusal:
            await self._record_refusal(refusal, address)
            raise
        await self._record_use(actor, credential or "")
        if not actor.proven:
            return actor
        return self._places.placed(actor, await self._published())

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

    async def _resolve(self, credential: str | None, address: str | None) -> Actor:
        if not credential:
            raise Unauthenticated("Sign in, or send 'Authorization: Bearer <admin key>'.")
        if hmac.compare_digest(credential.encode(), self._operator_token):
            return LOCAL_OPERATOR
        if looks_like_token(credential):
            return await self._person(credential)
        return await self._admin_key(credential, address)

    async def _person(self, token: str) -> Actor:
        try:
            claims = (await self.verifier()).verify(token, now=self._wall())
        except UnknownSigningKey as unknown:
            await self._refresh_keys(unknown.issuer)
            claims = (await self.verifier()).verify(token, now=self._wall())
        if claims.kind == APPLICATION and claims.authors is not None and not claims.authors:
            raise Unauthenticated(_NO_AUTHOR)
        sign_on = await self._admit(claims)
        subject = pseudonym(self._pepper, f"subject:{claims.issuer}", claims.subject)
        person = f"u_{subject}"
        return Actor(
            person,
            claims.name,
            claims.roles,
            _SIGN_ON,
            person=person,
            aliases=claims.aliases | {claims.subject.casefold()} | await self._names(person),
            sign_on=sign_on,
            acts_for=claims.authors or frozenset(),
            proven=claims.proven,
        )

    async def verifier(self) -> TokenVerifier:
        """What verifies tokens by the issuers of now; it is built again when they change."""
        issuers = await self._issuers()
        if issuers != self._verifying[0]:
            self._verifying = issuers, TokenVerifier(issuers)
        return self._verifying[1]

    async def _admin_key(self, credential: str, address: str | None) -> Actor:
        digest = self._digest(credential)
        key = await self._key(digest)
        if key is None or not key.has_secret(digest, now=self._wall()):
            raise Unauthenticated("This key is not known.")
        if key.kind == "app":
            raise Unauthenticated("This is the key of an application; use an admin key.")
        if key.expires is not None and key.expires <= self._wall():
            raise Unauthenticated("This key has expired.")
        if key.blocked:
            raise Unauthenticated(BLOCKED)
        if key.networks and not lies_in(map(network, key.networks), address):
            raise Unauthenticated("This key may not be used from your network.")
        actor = actor_of(key)
        return replace(actor, aliases=await self._names(key.owner)) if key.owner else actor

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
