"""Model versions: registered by one person, approved by others, bound to their digests.

Files are hashed in a thread and outside of transactions. Hashing gigabytes takes longer than other
writers may wait.
"""

import asyncio
import datetime
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.core.days import end_of_day
from gateway.core.errors import InvalidRequest
from gateway.core.manifest import statement_digest, version_digest
from gateway.core.model_life import (
    APPROVED,
    DEPRECATED,
    DRAFT,
    ENTERED_FROM,
    QUARANTINED,
    RETIRED,
    UNPROVEN,
)
from gateway.core.snapshot import (
    ENGINE,
    EXTERNAL,
    LANGUAGE,
    EngineModel,
    ExternalModel,
)
from gateway.governance.actor import Actor
from gateway.governance.changes.basis import Author, Basis
from gateway.governance.changes.governed import Governed
from gateway.governance.journal import Journal
from gateway.governance.models.approvals import (
    Approvals,
    ApprovalTally,
    approved_digest,
)
from gateway.governance.models.files import check_unchanged, read_files
from gateway.governance.models.model_card import MAX_CARD, ModelCard, card_of, stored_card
from gateway.governance.models.refusals import Refusals
from gateway.governance.models.schemas import RegisteredVersion, TagMove
from gateway.governance.models.tables import model_version
from gateway.governance.models.tag_history import history
from gateway.governance.models.tags import Tags
from gateway.governance.models.transitions import end_version, transition
from gateway.governance.models.uploads import Uploads
from gateway.governance.models.versions import (
    clearance_of,
    find_version,
    list_versions,
    require_version,
)
from gateway.storage.database import Database


class ModelRegistry:
    """The registry: only approved versions are served, until they end."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        governed: Governed,
        approvals: Approvals,
        uploads: Uploads,
        *,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._journal = journal
        self._governed = governed
        self._approvals = approvals
        self._uploads = uploads
        self._tags = Tags(journal, wall=wall)
        self._refusals = Refusals(database, journal)
        self._wall = wall

    async def register(
        self,
        name: str,
        version: str,
        actor: Actor,
        *,
        base: Path | str,
        adapter: Path | str | None = None,
        clearance: str = "restricted",
        kind: str = LANGUAGE,
        card: str | None = None,
    ) -> str:
        """Register a version as a draft, by the digests of its files; gives the version's digest.

        ``base`` and ``adapter`` are directories or uploads; ``kind`` is that of a snapshot.
        ``card`` is the text of its card, by default the README of its files.

        Raises:
            InvalidRequest: when files are missing or of a forbidden kind, or the version exists.
        """
        async with self._refusals.recorded(actor, name, version, "register"):
            folder = self._uploads.directory(base)
            of_adapter = self._uploads.directory(adapter) if adapter else None
            files = await asyncio.to_thread(read_files, folder, of_adapter, kind, card)
            digest = version_digest(files.base, files.adapter)
            places = (folder, files.base), (of_adapter, files.adapter)
            base_dir, adapter_dir = await asyncio.to_thread(self._uploads.kept, *places)
            await self._insert(
                actor,
                name=name,
                version=version,
                kind=kind,
                digest=digest,
                clearance=clearance_of(clearance),
                base_dir=base_dir,
                base_digest=files.base,
                adapter_dir=adapter_dir,
                adapter_digest=files.adapter,
                card=files.card,
                card_fields=files.stated.model_dump_json(),
            )
        return digest

    async def register_stated(
        self,
        name: str,
        version: str,
        actor: Actor,
        *,
        statement: EngineModel | ExternalModel,
        clearance: str = "restricted",
        card: str = "",
    ) -> str:
        """Register a version whose files are not here, by what is stated; gives its digest.

        Raises:
            InvalidRequest: when the version exists.
        """
        kind = ENGINE if isinstance(statement, EngineModel) else EXTERNAL
        async with self._refusals.recorded(actor, name, version, "register"):
            stated = await asyncio.to_thread(card_of, card)
            digest = statement_digest(kind, msgspec.structs.asdict(statement))
            await self._insert(
                actor,
                name=name,
                version=version,
                kind=kind,
                digest=digest,
                clearance=clearance_of(clearance),
                base_dir="",
                base_digest="",
                card=card[:MAX_CARD],
                card_fields=stated.model_dump_json(),
                statement=msgspec.json.encode(statement).decode(),
            )
        return digest

    async def _insert(self, actor: Actor, **values: str | None) -> None:
        """Insert a draft.

        Raises:
            InvalidRequest: when the version exists, or its name is reserved.
        """
        name, version = str(values["name"]), str(values["version"])
        if version.startswith(UNPROVEN):
            raise InvalidRequest(
                f"Versions named {UNPROVEN} are those of before versions were registered: choose "
                "another name.",
                param="version",
            )
        async with self._changing(actor, Basis.one(actor)) as connection:
            if await find_version(connection, name, version):
                raise InvalidRequest(f"{name}@{version} exists; versions never change.")
            await connection.execute(
                insert(model_version).values(
                    **values,
                    state=DRAFT,
                    registered_by=actor.id,
                    registered_author=msgspec.json.encode(Author.of(actor)).decode(),
                    registered=self._wall(),
                )
            )
            await self._journal.record(
                connection,
                actor,
                "control:model:register",
                model=name,
                version=version,
                digest=values["digest"],
                base=values["base_digest"] or None,
                adapter=values.get("adapter_digest"),
                kind=values["kind"],
            )

    async def approve(self, name: str, version: str, actor: Actor) -> ApprovalTally:
        """Approve a draft, or again what is approved; its files are hashed again first.

        The version is approved once as many persons have done so as policy asks for.

        Raises:
            Denied: when the approver registered it.
            InvalidRequest: when its state forbids it, its files changed since they were
                registered, or its evaluations lack what policy asks for.
        """
        async with self._refusals.recorded(actor, name, version, "approve"):
            return await self._approve(name, version, actor)

    async def _approve(self, name: str, version: str, actor: Actor) -> ApprovalTally:
        async with self._database.write() as connection:
            row = await require_version(connection, name, version)
            basis = await self._approvals.basis(connection, row, actor)
            await self._approvals.check(connection, row, basis)
        await asyncio.to_thread(check_unchanged, row)
        async with self._changing(actor, basis) as connection:
            row = await require_version(connection, name, version)
            standing = await self._approvals.check(connection, row, basis)
            tally = await self._approvals.add(connection, row, approved_digest(row), actor, basis)
            if tally.met:
                await self._approved(connection, row, actor, tally)
            await self._journal.record(
                connection,
                actor,
                "control:model:approve",
                model=name,
                version=version,
                digest=row.digest,
                registered_by=row.registered_by,
                author_person=basis.author,
                one_person=basis.name == records.ALONE,
                approvals=tally.given,
                approvals_needed=tally.needed,
                **standing.facts(),
            )
        state = APPROVED if tally.met else row.state
        return replace(tally, state=state, evaluations_lacking=standing.lacking)

    def approvals_needed(self) -> int:
        """How many persons policy asks to approve a version."""
        return self._approvals.needed()

    async def _approved(
        self, connection: AsyncConnection, row: Any, actor: Actor, tally: ApprovalTally
    ) -> None:
        """Enough persons have approved it: the version is approved, or stays so for longer."""
        if row.state != APPROVED:
            await transition(
                connection, row, APPROVED, approved_by=actor.id, approved_until=tally.until
            )
            return
        where = (model_version.c.name == row.name) & (model_version.c.version == row.version)
        await connection.execute(
            update(model_version).where(where).values(approved_until=tally.until)
        )

    async def set_card(self, name: str, version: str, actor: Actor, *, text: str) -> ModelCard:
        """Set the card of a version that is not approved; approvals of the card before are void.

        Raises:
            InvalidRequest: when the text is no card, or the version is approved or has ended.
        """
        async with self._refusals.recorded(actor, name, version, "card"):
            return await self._set_card(name, version, actor, text)

    async def _set_card(self, name: str, version: str, actor: Actor, text: str) -> ModelCard:
        found, before = await self.described(name, version)
        context = before.context if found.base_dir else None  # that of the model's configuration
        stated = await asyncio.to_thread(card_of, text, context=context)
        async with self._changing(actor, Basis.one(actor)) as connection:
            row = await require_version(connection, name, version)
            if row.state not in ENTERED_FROM[APPROVED]:
                raise InvalidRequest(f"{name}@{version} is {row.state}; its card stays as it is.")
            if stated.base_digest not in (None, row.base_digest):
                raise InvalidRequest("The card is of an adapter of another base.", param="card")
            where = (model_version.c.name == name) & (model_version.c.version == version)
            await connection.execute(
                update(model_version)
                .where(where)
                .values(card=text[:MAX_CARD], card_fields=stated.model_dump_json())
            )
            await self._journal.record(
                connection,
                actor,
                "control:model:card",
                model=name,
                version=version,
                digest=row.digest,
                card_sha256=hashlib.sha256(text.encode()).hexdigest(),
            )
        return stated

    async def described(self, name: str, version: str) -> tuple[RegisteredVersion, ModelCard]:
        """A version with what its card states.

        Raises:
            InvalidRequest: when there is none.
        """
        async with self._database.read() as connection:
            row = await require_version(connection, name, version)
            listed = await list_versions(connection)
        (found,) = [one for one in listed if (one.name, one.version) == (name, version)]
        return found, stored_card(row.card_fields)

    async def deprecate(
        self, name: str, version: str, actor: Actor, *, until: datetime.date, reason: str
    ) -> None:
        """Give a version its last day; until then answers carry that date.

        Raises:
            InvalidRequest: when the day is over, or the version is not in service.
        """
        async with self._refusals.recorded(actor, name, version, "deprecate"):
            if end_of_day(until.isoformat()) <= self._wall():
                raise InvalidRequest(
                    "The last day of a version is today or later; `retire` ends it at once.",
                    param="until",
                )
            await self._end(name, version, actor, DEPRECATED, reason, until=until.isoformat())

    async def retire(self, name: str, version: str, actor: Actor, *, reason: str) -> None:
        """End a version: requests that only it could answer get 410.

        Raises:
            InvalidRequest: when it has ended already.
        """
        async with self._refusals.recorded(actor, name, version, "retire"):
            await self._end(name, version, actor, RETIRED, reason)

    async def quarantine(self, name: str, version: str, actor: Actor, *, reason: str) -> None:
        """Take a version out of service at once; one person is enough.

        Raises:
            InvalidRequest: when there is no such version, or it is quarantined already.
        """
        async with self._refusals.recorded(actor, name, version, "quarantine"):
            await self._end(name, version, actor, QUARANTINED, reason)

    async def _end(
        self, name: str, version: str, actor: Actor, state: str, reason: str, **values: str
    ) -> None:
        async with self._changing(actor, Basis.one(actor)) as connection:
            await end_version(
                connection, self._journal, name, version, actor, state, reason, **values
            )

    async def promote(self, name: str, version: str, actor: Actor, *, tag: str) -> None:
        """Point a tag at an approved version.

        Raises:
            InvalidRequest: when the version is not approved.
        """
        async with (
            self._refusals.recorded(actor, name, version, "promote"),
            self._changing(actor, Basis.one(actor)) as connection,
        ):
            await self._tags.promote(connection, name, version, actor, tag=tag)

    async def rollback(self, name: str, actor: Actor, *, tag: str, to: str | None = None) -> str:
        """Point a tag back at an earlier version that is still approved; gives that version.

        Raises:
            InvalidRequest: when there is none, or the tag has never named ``to``.
        """
        async with (
            self._refusals.recorded(actor, name, to or "", "rollback"),
            self._changing(actor, Basis.one(actor)) as connection,
        ):
            return await self._tags.roll_back(connection, name, actor, tag=tag, to=to)

    async def history(self, name: str, tag: str | None = None) -> Sequence[TagMove]:
        """Where the tags of a model have pointed, oldest first."""
        async with self._database.read() as connection:
            return await history(connection, name, tag)

    @asynccontextmanager
    async def _changing(self, actor: Actor, basis: Basis) -> AsyncIterator[AsyncConnection]:
        async with (
            self._database.write() as connection,
            self._governed.change(connection, actor, basis),
        ):
            yield connection

    async def waiting(
        self, connection: AsyncConnection, actor: Actor
    ) -> tuple[Sequence[Any], bool]:
        """The rows of versions that wait for this actor's approval; whether there may be more."""
        return await self._approvals.waiting(connection, actor)

    async def list(self) -> Sequence[RegisteredVersion]:
        """All versions, newest last."""
        async with self._database.read() as connection:
            return await list_versions(connection)
