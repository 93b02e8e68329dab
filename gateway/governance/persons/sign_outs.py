"""Sign-outs: sign-ons that end although no one has left."""

import math

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.persons import cut_offs, records
from gateway.governance.persons.service import Persons
from gateway.identity.cut_offs import issuer_key, own_key, session_key, sessionless_key
from gateway.storage.database import Database

_SESSION_KEPT_S = 7 * 86_400  # longer than any access token with a session lives
_FOR_EVER = 2**53 - 1


class SignOuts:
    """Ends sign-ons: of a person, of an issuer, or as the identity provider says."""

    def __init__(
        self, database: Database, journal: Journal, persons: Persons, *, pepper: bytes
    ) -> None:
        self._database = database
        self._journal = journal
        self._persons = persons
        self._pepper = pepper

    async def of_person(self, reference: str, actor: Actor, *, reason: str) -> str:
        """End all sign-ons of a person until now; they may sign in again. Gives the person's id.

        Raises:
            InvalidRequest: when no person, or more than one, is called so.
        """
        async with self._database.write() as connection:
            found = await records.referenced(connection, reference)
            scim = await self._persons.scim_setting(connection, found.issuer)
            keys = cut_offs.keys_of(self._pepper, found, scim)
            subjects = [key for key in keys if key.startswith("u_")]
            await cut_offs.end(
                connection, subjects, not_before=int(self._persons.now()), person=found.id
            )
            await self._journal.record(
                connection,
                actor,
                "control:person:sign_out",
                of_person=found.id,
                person_name=found.label,
                issuer=found.issuer,
                reason=reason,
            )
        return found.id

    async def of_issuer(self, issuer: str, actor: Actor, *, reason: str) -> None:
        """End all sign-ons of an issuer until now, as after an incident at the provider.

        Raises:
            InvalidRequest: when there is no such issuer.
        """
        async with self._database.write() as connection:
            known = {one.name for one in await self._persons.issuers(connection)}
            if issuer not in known:
                listed = ", ".join(sorted(known)) or "none"
                raise InvalidRequest(
                    f"There is no issuer {issuer!r}; known: {listed}.", param="issuer"
                )
            await cut_offs.end(
                connection, [issuer_key(issuer)], not_before=int(self._persons.now())
            )
            await self._journal.record(
                connection, actor, "control:person:sign_out", issuer=issuer, reason=reason
            )

    async def of_own(self, actor: Actor) -> None:
        """End the sign-on that an actor calls with, for good; others of the person go on.

        Raises:
            InvalidRequest: when the actor calls with a key.
        """
        if actor.sign_on is None:
            raise InvalidRequest("A key has no sign-on to end. Revoke it to end its use.")
        now = self._persons.now()
        async with self._database.write() as connection:
            await cut_offs.end(
                connection,
                [own_key(actor.sign_on)],
                not_before=max(int(now), math.ceil(actor.sign_on.issued)),  # its clock may be ahead
                until=now + _SESSION_KEPT_S,
            )
            await self._journal.record(
                connection,
                actor,
                "control:person:sign_out",
                of_person=actor.person,
                person_name=actor.name,
            )

    async def of_logout(
        self,
        connection: AsyncConnection,
        issuer: str,
        actor: Actor,
        *,
        subject: str | None,
        session: str | None,
        issued: int,
    ) -> None:
        """End what a logout token names, within the transaction of ``connection``.

        With a session only that session ends. Access tokens that name no session cannot be told
        apart, so those of the subject that were issued until then end too.
        """
        principal = self._persons.principal(issuer, subject) if subject else None
        if session:
            await cut_offs.end(
                connection,
                [session_key(self._pepper, issuer, session)],
                not_before=_FOR_EVER,
                until=self._persons.now() + _SESSION_KEPT_S,
            )
        if principal:
            key = sessionless_key(principal) if session else principal
            await cut_offs.end(connection, [key], not_before=issued)
        known = await records.of_token(connection, issuer, principal, ()) if principal else None
        await self._journal.record(
            connection,
            actor,
            "control:person:sign_out",
            of_person=known.id if known else principal,
            person_name=known.label if known else None,
            issuer=issuer,
        )

    async def purge(self) -> None:
        """Remove cut-offs, and the memory of logout tokens, whose time is over."""
        async with self._database.write() as connection:
            await cut_offs.purge(connection, self._persons.now())
