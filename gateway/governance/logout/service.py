"""Back-channel logout: a logout token ends the sign-ons that it names, once.

Callers are unauthenticated until their token is verified. Refused attempts of a network, and of all
networks together, are limited; accepted ones do not count. Each control process counts for itself.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest, RateLimited, Refusal, Unauthenticated
from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import Issuer
from gateway.evidence.refusal_counter import RefusalCount, RefusalCounter, network_of
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.persons.sign_outs import SignOuts
from gateway.governance.persons.tables import logout_token
from gateway.identity.logout_tokens import (
    CODE,
    MAX_AGE_S,
    LogoutToken,
    verify_logout_token,
)
from gateway.identity.token_checks import LEEWAY_S
from gateway.limits.attempt_limiter import AttemptLimiter
from gateway.storage.database import Database

PER_NETWORK, IN_TOTAL = 60, 600  # refused attempts a minute
_MINUTE_S = 60.0
_UNKNOWN = Actor("nobody", "", frozenset(), "public")


class Logouts:
    """Accepts logout tokens, on record."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        sign_outs: SignOuts,
        *,
        issuers: Callable[[], Awaitable[list[Issuer]]],
        pepper: bytes,
        wall: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        """``issuers`` gives the issuers with their keys.

        ``wall`` is epoch seconds, ``clock`` monotonic seconds.
        """
        self._database = database
        self._journal = journal
        self._sign_outs = sign_outs
        self._issuers = issuers
        self._pepper = pepper
        self._wall = wall
        self._attempts = AttemptLimiter(
            per_network=PER_NETWORK, in_total=IN_TOTAL, seconds=_MINUTE_S, clock=clock
        )
        self._refusals = RefusalCounter(self._record_count, clock=clock, wall=wall)

    @asynccontextmanager
    async def attempt(self, address: str | None) -> AsyncIterator[None]:
        """One attempt from an address. A refusal within the context is on record.

        Raises:
            RateLimited: with the seconds until another attempt is possible.
            Unavailable: when further refusals cannot be recorded.
        """
        network = network_of(address)
        try:
            if wait := self._attempts.take(network):
                raise RateLimited("Too many logout tokens were refused.", retry_after=wait)
            yield
        except (InvalidRequest, RateLimited, Unauthenticated) as refusal:
            await self._record_refusal(refusal, network)
            raise
        self._attempts.give_back(network)

    async def accept(self, issuer_name: str, raw: str) -> None:
        """End what a logout token names.

        Raises:
            Unauthenticated: when the token is not valid, or was used before.
        """
        issuer = next((one for one in await self._issuers() if one.name == issuer_name), None)
        if issuer is None:
            raise Unauthenticated("No such issuer is configured.", code=CODE)
        token = verify_logout_token(raw, issuer, now=self._wall())
        provider = Actor(f"issuer:{issuer.name}", issuer.name, frozenset(), "logout")
        async with self._database.write() as connection:
            await self._use_once(connection, issuer, token)
            await self._sign_outs.of_logout(
                connection,
                issuer.name,
                provider,
                subject=token.subject,
                session=token.session,
                issued=token.issued,
            )

    async def stop(self) -> None:
        """Write the counts that are not recorded yet."""
        await self._refusals.stop()

    async def _use_once(
        self, connection: AsyncConnection, issuer: Issuer, token: LogoutToken
    ) -> None:
        name = f"{issuer.issuer}\x00{token.token_id}".encode()
        digest = hashlib.sha256(name).hexdigest()
        used = select(logout_token.c.digest).where(logout_token.c.digest == digest)
        if (await connection.execute(used)).first() is not None:
            raise Unauthenticated(
                "The logout token is not accepted: it was used before.", code=CODE
            )
        until = self._wall() + 2 * (MAX_AGE_S + LEEWAY_S)
        await connection.execute(insert(logout_token).values(digest=digest, until=until))

    async def _record_refusal(self, refusal: Refusal, network: str) -> None:
        name = pseudonym(self._pepper, "network", network) if network else ""
        if not self._refusals.single():
            self._refusals.count(refusal.code, name)
            return
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                _UNKNOWN,
                "access:logout:refuse",
                outcome=refusal.code,
                network=name,
                reason=refusal.message,
            )

    async def _record_count(self, refusals: RefusalCount) -> None:
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                _UNKNOWN,
                "access:logout:count",
                request=refusals.audit_id,
                **refusals.fields(),
            )
