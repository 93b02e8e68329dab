"""Persons: known by sign-on or SCIM, deactivated at once, reactivated by two persons.

Deactivation ends tokens, running streams and sign-ons of a person, and blocks the keys that they
own. It never waits for anybody. Reactivation gives access back, so it is a proposal.
"""

import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace

import msgspec
import orjson
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Denied, InvalidRequest, Unauthenticated
from gateway.core.principal import SignOn
from gateway.core.snapshot import Issuer, ScimSetting
from gateway.governance.actor import Actor
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.journal import Journal
from gateway.governance.persons import cut_offs, records
from gateway.governance.persons.approvers import check_somebody_is_left
from gateway.governance.persons.descriptions import described
from gateway.governance.persons.records import Person
from gateway.governance.persons.schemas import (
    DeactivatedResponse,
    PersonListResponse,
    PersonResponse,
)
from gateway.governance.persons.tables import person
from gateway.governance.proposals.service import AfterCommit, Draft, Proposals
from gateway.governance.proposals.states import PENDING
from gateway.governance.proposals.tables import proposal
from gateway.identity import Claims
from gateway.identity.cut_offs import sign_on_of, subject_key
from gateway.identity.tokens import APPLICATION
from gateway.storage.database import Database

KIND = "person_reactivate"  # of proposals
MAX_PAGE = 1000
_MAX_KNOWN = 4096  # persons in memory whose record is up to date
_NO_SEARCH = (
    "Searching for a person is off (privacy.persons in sluis.yaml). Give the id of the record. "
    "To end access, give any name to deactivate."
)
_ID = re.compile(rf"{cut_offs.PERSON_PREFIX}[0-9a-f]{{16}}")
_PRINCIPAL = re.compile(r"u_[0-9a-f]{24}")


class Persons:
    """Records persons, and ends and restores their access."""

    power = "persons"
    keeps_document = True

    def __init__(
        self,
        database: Database,
        journal: Journal,
        catalogue: Catalogue,
        *,
        pepper: bytes,
        approving: Callable[[], Collection[str]],
        hidden: Callable[[AsyncConnection], Awaitable[bool]],
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``approving`` gives the roles that approve something; ``wall`` is epoch seconds.

        ``hidden`` says whether the setting of the works council is in force.
        """
        self._database = database
        self._journal = journal
        self._catalogue = catalogue
        self._pepper = pepper
        self._approving = approving
        self._hidden = hidden
        self._wall = wall
        self._known: OrderedDict[str, Claims] = OrderedDict()

    async def admit(self, claims: Claims) -> SignOn:
        """The sign-on of a verified token, once checked to be in force. Its person is recorded.

        Raises:
            Unauthenticated: when the person was deactivated or the sign-on was ended.
        """
        principal = subject_key(self._pepper, claims.issuer, claims.subject)
        sign_on = sign_on_of(
            self._pepper,
            issuer=claims.issuer,
            subject=principal,
            session=claims.session,
            names=claims.aliases,
            issued=claims.issued,
        )
        async with self._database.read() as connection:
            ended = await cut_offs.reason_for(connection, sign_on)
        if ended:
            raise Unauthenticated(ended)
        known = self._known.get(principal)
        if claims.kind == APPLICATION or (known and _same_person(known, claims)):
            return sign_on
        async with self._database.write() as connection:
            await self._record_seen(connection, principal, claims)
        self._known[principal] = claims
        if len(self._known) > _MAX_KNOWN:
            self._known.popitem(last=False)
        return sign_on

    async def find(
        self, query: str = "", *, offset: int = 0, limit: int = 100
    ) -> PersonListResponse:
        """Some persons, oldest first: all, or those whose names begin with ``query``.

        Raises:
            Denied: for a query while persons are hidden.
        """
        conditions = []
        if query:
            start = query.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            named = (person.c.user_name_key, person.c.email_key, func.lower(person.c.display_name))
            conditions.append(or_(*(name.like(f"{start}%", escape="\\") for name in named)))
        async with self._database.read() as connection:
            hidden = await self._hidden(connection)
            if hidden and query:
                raise Denied(_NO_SEARCH)
            found, total = await records.page(
                connection, *conditions, offset=offset, limit=min(limit, MAX_PAGE)
            )
            shown = await described(connection, found, hidden=hidden)
        return PersonListResponse(persons=shown, total=total)

    async def names(self, reference: str) -> frozenset[str]:
        """Every name of the person who is called so, in lower case; empty without one."""
        async with self._database.read() as connection:
            try:
                found = await records.referenced(connection, reference)
            except InvalidRequest:
                return frozenset()
        known = (found.id, found.principal)
        return found.login_names | {name.casefold() for name in known if name}

    async def get(self, reference: str) -> PersonResponse:
        """One person, by id, principal, user name or e-mail address.

        Raises:
            InvalidRequest: when no person, or more than one, is called so.
            Denied: for another reference than the id while persons are hidden.
        """
        async with self._database.read() as connection:
            hidden = await self._hidden(connection)
            if hidden and not _ID.fullmatch(reference):
                raise Denied(_NO_SEARCH)
            found = await records.referenced(connection, reference)
            return (await described(connection, [found], hidden=hidden))[0]

    async def deactivate(self, reference: str, actor: Actor, *, reason: str) -> DeactivatedResponse:
        """End a person's access. A principal that has no record yet gets one.

        Raises:
            InvalidRequest: when no person, or more than one, is called so.
            WouldLockOut: when the actor is that person, and the last who can approve.
        """
        async with self._database.write() as connection:
            found = await self._referenced_or_new(connection, reference)
            await check_somebody_is_left(
                connection,
                actor,
                found,
                approving=self._approving(),
                pepper=self._pepper,
                now=self._wall(),
            )
            await self.deactivate_within(connection, found, actor, reason=reason)
            keys = (await described(connection, [found]))[0].keys
        return DeactivatedResponse(id=found.id, state="deactivated", blocked_keys=keys)

    async def deactivate_within(
        self, connection: AsyncConnection, found: Person, actor: Actor, *, reason: str
    ) -> Person:
        """End a person's access within the transaction of ``connection``; gives the new record."""
        now = self._wall()
        changed = replace(found, active=False, deactivated_at=now, changed=now)
        await records.store(connection, changed)
        await self.cut_off_for_good(connection, changed)
        await self._journal.record(
            connection,
            actor,
            "control:person:deactivate",
            of_person=found.id,
            person_name=found.label,
            issuer=found.issuer,
            reason=reason,
        )
        return changed

    async def cut_off_for_good(self, connection: AsyncConnection, found: Person) -> None:
        """Cut off all that a person is recognised by."""
        keys = cut_offs.keys_of(
            self._pepper, found, await self.scim_setting(connection, found.issuer)
        )
        await cut_offs.end(connection, keys, not_before=None, person=found.id)

    async def begin_within(self, connection: AsyncConnection, found: Person) -> Person:
        """Give access to a person who never had it, unless what they are recognised by left.

        Within the transaction of ``connection``; gives the new record.
        """
        scim = await self.scim_setting(connection, found.issuer)
        keys = cut_offs.keys_of(self._pepper, found, scim)
        if await cut_offs.of_others(connection, keys, found.id):
            changed = replace(found, deactivated_at=self._wall())
            await records.store(connection, changed)
            await self.cut_off_for_good(connection, changed)
            return changed
        await cut_offs.release_person(connection, found.id, keys)
        changed = replace(found, active=True)
        await records.store(connection, changed)
        return changed

    async def is_cut_off(self, connection: AsyncConnection, found: Person) -> bool:
        """Whether anything that a person is recognised by is cut off for good."""
        scim = await self.scim_setting(connection, found.issuer)
        keys = cut_offs.keys_of(self._pepper, found, scim)
        return None in (await cut_offs.find(connection, sorted(keys))).values()

    async def draft_reactivation(self, reference: str, *, reason: str) -> Draft:
        """The proposal to give a person access again.

        Raises:
            InvalidRequest: when no person, or more than one, is called so, or they are active.
        """
        async with self._database.read() as connection:
            found = await records.referenced(connection, reference)
        _check_can_come_back(found)
        return reactivation(found, reason=reason)

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Give the person of a proposal access, within the transaction of the approval.

        Raises:
            InvalidRequest: when the person was removed in the meantime.
        """
        wanted = orjson.loads(document)
        found = await records.referenced(connection, wanted["person"])
        _check_can_come_back(found)
        changed = replace(found, active=True, deactivated_at=None, changed=self._wall())
        await records.store(connection, changed)
        scim = await self.scim_setting(connection, found.issuer)
        keys = cut_offs.keys_of(self._pepper, changed, scim)
        await cut_offs.release_person(connection, changed.id, keys)
        await self._journal.record(
            connection,
            actor,
            "control:person:reactivate",
            of_person=found.id,
            person_name=found.label,
            issuer=found.issuer,
            reason=wanted["reason"],
            author=author,
        )
        return None

    async def propose_reactivation(
        self, found: Person, actor: Actor, proposals: Proposals, *, reason: str
    ) -> None:
        """Propose to give a person access again, unless that waits already."""
        waiting = select(proposal.c.id).where(
            proposal.c.kind == KIND,
            proposal.c.state == PENDING,
            proposal.c.document.like(f'{{"person":"{found.id}",%'),
        )
        async with self._database.read() as connection:
            if (await connection.execute(waiting)).first():
                return
        await proposals.create(reactivation(found, reason=reason), actor, comment=reason)

    def principal(self, issuer: str, subject: str) -> str:
        """The pseudonym of a subject: the id of the principal of its tokens."""
        return subject_key(self._pepper, issuer, subject)

    def now(self) -> float:
        """The time in epoch seconds."""
        return self._wall()

    async def issuers(self, connection: AsyncConnection) -> Sequence[Issuer]:
        """The issuers in the catalogue."""
        raw = (await self._catalogue.load(connection))["issuer"]
        return [msgspec.json.decode(one, type=Issuer) for one in raw]

    async def scim_setting(self, connection: AsyncConnection, issuer: str) -> ScimSetting | None:
        """How the persons of an issuer come by SCIM; None when they do not."""
        found = (one.scim for one in await self.issuers(connection) if one.name == issuer)
        return next(found, None)

    async def _referenced_or_new(self, connection: AsyncConnection, reference: str) -> Person:
        known = select(person.c.id).where(
            person.c.principal == reference, person.c.deleted.is_(None)
        )
        if not _PRINCIPAL.fullmatch(reference) or (await connection.execute(known)).first():
            return await records.referenced(connection, reference)
        now = self._wall()
        new = Person(new_id(), "", records.REQUEST, now, now, principal=reference)
        await records.create(connection, new)
        return new

    async def _record_seen(
        self, connection: AsyncConnection, principal: str, claims: Claims
    ) -> None:
        found = await records.of_token(connection, claims.issuer, principal, claims.aliases)
        now = self._wall()
        if found is not None:
            seen = replace(
                found,
                issuer=claims.issuer,
                principal=principal,
                roles=claims.roles,
                display_name=found.display_name or claims.name[: records.MAX_NAME],
            )
            if seen != found:
                await records.store(connection, seen)
            return
        addresses = sorted(alias for alias in claims.aliases if "@" in alias)
        names = sorted(claims.aliases, key=lambda alias: "@" in alias)
        new = Person(
            new_id(),
            claims.issuer,
            records.SIGN_ON,
            now,
            now,
            principal=principal,
            user_name=names[0][: records.MAX_NAME] if names else None,
            emails=tuple({"value": one[: records.MAX_ADDRESS]} for one in addresses),
            display_name=claims.name[: records.MAX_NAME],
            roles=claims.roles,
        )
        await records.create(connection, new)
        await self._journal.record(
            connection,
            Actor(principal, claims.name, claims.roles, "sign-on"),
            "control:person:create",
            of_person=new.id,
            person_name=new.label,
            issuer=new.issuer,
            source=new.source,
        )


def new_id() -> str:
    """The id of a new person."""
    return cut_offs.PERSON_PREFIX + secrets.token_hex(8)


def reactivation(found: Person, *, reason: str) -> Draft:
    """The proposal to give a person access again."""
    document = orjson.dumps({"person": found.id, "reason": reason}).decode()
    return Draft(
        KIND,
        found.label,
        document,
        recorded={"of_person": found.id, "person_name": found.label, "reason": reason},
    )


def _check_can_come_back(found: Person) -> None:
    if found.active:
        raise InvalidRequest(f"{found.label} is active already.")
    if found.deleted is not None:
        raise InvalidRequest(
            f"{found.label} was removed by SCIM: the identity provider must create them again."
        )


def _same_person(one: Claims, other: Claims) -> bool:
    return (one.roles, one.name, one.aliases) == (other.roles, other.name, other.aliases)
