"""API keys: issued, changed, rotated, listed, revoked. A secret is shown once and never stored."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.approvals.objects import document_of, kind_of_key
from gateway.core.errors import InvalidRequest, TrailDamaged
from gateway.core.level import Level
from gateway.core.objects.keys import NewKey
from gateway.core.objects.values import MAX_DAYS
from gateway.core.snapshot import Key
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.actor import OPERATOR, Actor
from gateway.governance.catalogue.difference import difference_of
from gateway.governance.catalogue.names import MODELS, check_known, names_of
from gateway.governance.changes.basis import Basis
from gateway.governance.changes.edits import Edit, Submitted
from gateway.governance.changes.governed import Governed
from gateway.governance.journal import Journal
from gateway.governance.keys import store
from gateway.governance.keys.last_use import Rows, last_used
from gateway.governance.keys.schemas import KeyListResponse, KeyResponse
from gateway.governance.keys.store import DAY_S, ISSUED, KeyQuestion, StoredKey, expires_within
from gateway.storage.database import Database

MarkBlocked = Callable[[AsyncConnection, Sequence[Key]], Awaitable[Sequence[Key]]]
Submit = Callable[..., Awaitable[Submitted]]
MAX_OVERLAP_HOURS = 24 * 30
_SECRET = {"digest", "former", "former_until"}


class Keys:
    """Issues, changes, rotates, lists and revokes keys."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        governed: Governed,
        submit: Submit,
        permissions: Permissions,
        *,
        digest: Callable[[str], str],
        rows: Rows,
        mark: MarkBlocked,
        wall: Callable[[], float],
    ) -> None:
        """``submit`` makes the edit of a key, or proposes it.

        ``digest`` is the keyed hash of a secret; ``rows`` reads the trail; ``mark`` marks
        the keys whose owner has left; ``wall`` is epoch seconds.
        """
        self._database = database
        self._journal = journal
        self._governed = governed
        self._submit = submit
        self._permissions = permissions
        self._digest = digest
        self._rows = rows
        self._mark = mark
        self._wall = wall

    async def create(self, new: NewKey, actor: Actor) -> tuple[Key, str, Submitted]:
        """Issue a key; gives it with its secret, which is not stored, and what became of it.

        The key of an administrator, with a high clearance or with a low floor waits for another
        person. Its secret works from the approval on.

        Raises:
            InvalidRequest: when a value is out of range, or names what does not exist.
        """
        key, secret = self.draft(new, actor)
        facts = {
            "key_name": key.name,
            "clearance": key.clearance,
            "floor": key.floor,
            "roles_of_key": key.roles or None,
            "team_of_key": key.team,
            "kind": key.kind,
            "expires": key.expires,
            "owner": key.owner,
        }
        async with self._database.write() as connection:
            await self.check(connection, key)
            done = await self._store(connection, key, actor, "control:key:create", facts)
        return key, secret, done

    def draft(self, new: NewKey, actor: Actor) -> tuple[Key, str]:
        """A key that is not stored yet, and its secret.

        Raises:
            InvalidRequest: when its time to live is out of range.
        """
        key_id = secrets.token_hex(4)
        secret = secret_of_key(key_id)
        key = new.with_secret(
            f"k_{key_id}",
            self._digest(secret),
            expires=self._expiry(new.days),
            issued_by=actor.person or actor.id,
        )
        return key, secret

    async def change(
        self, reference: str, changes: Mapping[str, Any], actor: Actor
    ) -> tuple[Key, Submitted]:
        """Change fields of the key with that id or name; ``days`` begins a new time to live.

        What widens waits for another person.

        Raises:
            InvalidRequest: when there is no such key, the file owns it, or a value does not do.
        """
        fields = dict(changes)
        if "days" in fields:
            fields["expires"] = self._expiry(fields.pop("days"))
        async with self._database.write() as connection:
            before = await _issued(connection, reference)
            key = msgspec.structs.replace(before, **fields)
            await self.check(connection, key, before)
            difference = difference_of(before, key, without=_SECRET)
            done = Submitted()
            if difference:
                facts = difference.facts()
                done = await self._store(connection, key, actor, "control:key:change", facts)
        return key, done

    async def rotate(
        self, reference: str, actor: Actor, *, overlap_hours: int
    ) -> tuple[Key, str, Submitted]:
        """Give a key a new secret; the one before works for ``overlap_hours`` more.

        Whoever knows the secret of an administrator's key is that person: so its owner rotates it
        alone, and anyone else with another person's approval.

        The key keeps its id, and so its limits, its budget and its entries. Of two rotations within
        an overlap the second ends the first secret at once.

        Raises:
            InvalidRequest: when there is no such key, the file owns it, or the overlap is too long.
        """
        async with self._database.write() as connection:
            key, secret = self.rotated(await _issued(connection, reference), overlap_hours, actor)
            facts = {"valid_until": key.former_until}
            if (key.owner or OPERATOR).casefold() in actor.persons:
                done = await self._store_own(connection, key, actor, facts)
            else:
                done = await self._store(connection, key, actor, "control:key:rotate", facts)
        return key, secret, done

    def rotated(self, key: Key, overlap_hours: int, actor: Actor) -> tuple[Key, str]:
        """The key with a new secret, not stored yet, and that secret.

        Raises:
            InvalidRequest: when the overlap is too long.
        """
        if not 0 <= overlap_hours <= MAX_OVERLAP_HOURS:
            raise InvalidRequest(
                f"Two secrets work side by side for at most {MAX_OVERLAP_HOURS} hours.",
                param="overlap_hours",
            )
        secret = secret_of_key(key.id.removeprefix("k_"))
        until = int(self._wall()) + overlap_hours * 3600
        new = msgspec.structs.replace(
            key,
            digest=self._digest(secret),
            former=key.digest,
            former_until=until,
            issued_by=actor.person or actor.id,
        )
        return new, secret

    async def revoke(self, reference: str, actor: Actor) -> str:
        """Revoke the key with that id or name; gives its id.

        Raises:
            InvalidRequest: when there is no such key, or it was revoked before.
        """
        async with self._database.write() as connection:
            key = (await store.find_live(connection, reference)).key
            async with self._governed.change(connection, actor, Basis.one(actor)):
                await store.revoke(connection, key, now=self._wall())
            await self._journal.record(connection, actor, "control:key:revoke", key=key.id)
        return key.id

    async def list(
        self, *, expiring_days: int | None = None, owner: str | None = None
    ) -> Sequence[KeyResponse]:
        """All keys, also revoked ones, oldest first; those of one ``owner`` if one is given.

        With ``expiring_days`` those that work now and expire within so many days.
        """
        asked = KeyQuestion(expiring_days=expiring_days, owner=owner)
        return (await self.page(asked)).keys

    async def page(self, asked: KeyQuestion) -> KeyListResponse:
        """A page of the keys that are asked for, also revoked ones, oldest first.

        Raises:
            InvalidRequest: for a cursor that is of no page.
        """
        now = self._wall()
        async with self._database.read() as connection:
            found, following = await store.list_page(connection, asked, now=now)
            marked = await self._mark(connection, [one.key for one in found])
        found = [
            msgspec.structs.replace(one, key=key) for one, key in zip(found, marked, strict=True)
        ]
        used = await self._last_used([one.key.id for one in found])
        shown = [_response(one, now, used.get(one.key.id)) for one in found]
        return KeyListResponse(keys=shown, next=following)

    async def _last_used(self, keys: Sequence[str]) -> dict[str, float]:
        """When keys were last used; not known while the trail is damaged."""
        try:
            return await last_used(self._rows, keys)
        except TrailDamaged:
            return {}

    async def expiring(self, days: int) -> Sequence[StoredKey]:
        """The keys that work now and expire within so many days, the first of them first.

        Without those of evaluations, which live for hours.
        """
        now = self._wall()
        async with self._database.read() as connection:
            found = await store.list_all(connection)
        lasting = [one for one in found if one.key.evaluates is None]
        soon = [one for one in lasting if expires_within(one, now, days * DAY_S)]
        return sorted(soon, key=lambda one: one.key.expires or 0)

    async def check(self, connection: AsyncConnection, key: Key, before: Key | None = None) -> None:
        """Check that all that a key names exists; what it named ``before`` may have gone since.

        Raises:
            InvalidRequest: lists what exists.
        """
        _check_level(key.clearance, "clearance")
        _check_level(key.floor, "floor")
        check_known(key.roles, self._permissions.roles, "role", param="roles")
        for field, names, kinds, what in (
            ("team", [key.team] if key.team else [], ("team",), "team"),
            ("purposes", key.purposes, ("use_case",), "use case"),
            ("models", key.models, MODELS, "model"),
        ):
            known_before = getattr(before, field) or () if before else ()
            new = [name for name in names if name not in known_before]
            if new:
                check_known(new, await names_of(connection, *kinds), what, param=field)

    async def _store(
        self,
        connection: AsyncConnection,
        key: Key,
        actor: Actor,
        event: str,
        facts: Mapping[str, Any],
    ) -> Submitted:
        """Store a key, or propose it, and write its entry."""
        edit = Edit(kind_of_key(key), key.id, document_of(key))
        done = await self._submit(connection, [edit], actor, door=actor.via)
        await self._journal.record(
            connection, actor, event, key=key.id, **facts, proposal=done.proposal
        )
        return done

    async def _store_own(
        self, connection: AsyncConnection, key: Key, actor: Actor, facts: Mapping[str, Any]
    ) -> Submitted:
        """Store the new secret of a key that the actor owns."""
        await self._journal.record(connection, actor, "control:key:rotate", key=key.id, **facts)
        basis = Basis.one(actor, records.OWNER)
        async with self._governed.change(connection, actor, basis):
            await store.put(connection, key, source=ISSUED, now=self._wall())
        return Submitted()

    def _expiry(self, days: int) -> int:
        if not 1 <= days <= MAX_DAYS:
            raise InvalidRequest(f"A key lives between 1 and {MAX_DAYS} days.", param="days")
        return int(self._wall()) + days * DAY_S


async def _issued(connection: AsyncConnection, reference: str) -> Key:
    """The live key with that id or name.

    Raises:
        InvalidRequest: when there is none, or the file owns it.
    """
    found = await store.find_live(connection, reference)
    if found.source != ISSUED:
        raise InvalidRequest(
            f"sluis.yaml owns the key {found.key.name}: change it there and apply the file.",
            code="owned_by_file",
        )
    return found.key


def secret_of_key(key_id: str) -> str:
    """Return a new secret of a key; it shows whose secret it is, so that detection finds it."""
    return f"sluis_{key_id}_{secrets.token_urlsafe(32)}"


def _check_level(value: str, param: str) -> None:
    try:
        Level.parse(value)
    except ValueError as error:
        raise InvalidRequest(str(error), param=param) from error


def _response(one: StoredKey, now: float, used: float | None) -> KeyResponse:
    key = one.key
    return KeyResponse(
        **{
            name: value
            for name, value in msgspec.structs.asdict(key).items()
            if name not in {"digest", "former", "former_until", "limits", "budget"}
        },
        limits=msgspec.to_builtins(key.limits),
        budget=msgspec.to_builtins(key.budget),
        source=one.source,
        created=one.created,
        revoked=one.revoked,
        last_used=used,
        expires_in_days=None if key.expires is None else int((key.expires - now) // DAY_S),
        two_secrets_until=key.former_until if key.former_until > now else None,
    )
