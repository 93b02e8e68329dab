"""Model versions: registered by one person, approved by another, bound to their digests.

Files are hashed in a thread and outside of transactions. Hashing gigabytes takes longer than other
writers may wait.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals import records
from gateway.core.errors import Denied, InvalidRequest
from gateway.core.level import Level
from gateway.core.manifest import (
    ALLOWED_NAMES,
    DETECTOR_NAMES,
    DigestMismatch,
    ManifestError,
    manifest_of,
    verify,
    version_digest,
)
from gateway.core.snapshot import DETECTOR, LANGUAGE, ModelVersion
from gateway.governance.actor import OPERATOR, Actor
from gateway.governance.changes.basis import Author, Basis
from gateway.governance.changes.governed import Governed
from gateway.governance.changes.two_persons import TwoPersons
from gateway.governance.journal import Journal
from gateway.governance.models.schemas import RegisteredVersion
from gateway.governance.models.tables import model_tag, model_version
from gateway.storage.database import Database

DRAFT, APPROVED, QUARANTINED = "draft", "approved", "quarantined"
_MAX_CARD = 64 * 1024
_FILES = {LANGUAGE: ALLOWED_NAMES, DETECTOR: DETECTOR_NAMES}


class ModelRegistry:
    """The registry: states draft, approved, quarantined; only approved versions are served."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        governed: Governed,
        two_persons: TwoPersons,
        *,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._journal = journal
        self._governed = governed
        self._two_persons = two_persons
        self._wall = wall

    async def register(
        self,
        name: str,
        version: str,
        actor: Actor,
        *,
        base: Path,
        adapter: Path | None = None,
        clearance: str = "restricted",
        kind: str = LANGUAGE,
    ) -> str:
        """Register a version as a draft, by the digests of its files; gives the version's digest.

        ``kind`` is ``language`` (a chat model) or ``detector`` (a classifier of personal data).

        Raises:
            InvalidRequest: when files are missing or of a forbidden kind, or the version exists.
        """
        try:
            Level.parse(clearance)
            base_digest = (await asyncio.to_thread(manifest_of, base, _FILES[kind])).digest
            adapter_digest = (
                (await asyncio.to_thread(manifest_of, adapter)).digest if adapter else None
            )
        except (ManifestError, ValueError) as error:
            raise InvalidRequest(str(error)) from error
        digest = version_digest(base_digest, adapter_digest)
        async with self._changing(actor, Basis.one(actor)) as connection:
            if await _find(connection, name, version):
                raise InvalidRequest(f"{name}@{version} exists; versions never change.")
            await connection.execute(
                insert(model_version).values(
                    name=name,
                    version=version,
                    kind=kind,
                    digest=digest,
                    state=DRAFT,
                    clearance=clearance,
                    base_dir=str(base.resolve()),
                    base_digest=base_digest,
                    adapter_dir=str(adapter.resolve()) if adapter else None,
                    adapter_digest=adapter_digest,
                    card=_card(adapter or base),
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
                digest=digest,
                base=base_digest,
                adapter=adapter_digest,
            )
        return digest

    async def approve(self, name: str, version: str, actor: Actor) -> None:
        """Approve a draft; its files are hashed again first.

        Raises:
            Denied: when the approver registered it.
            InvalidRequest: when it is not a draft, or its files changed since they were registered.
        """
        async with self._database.write() as connection:
            row = await _require(connection, name, version)
            basis = await self._basis(connection, row, actor)
        await asyncio.to_thread(_check_unchanged, row)
        async with self._changing(actor, basis) as connection:
            row = await _require(connection, name, version)  # only its state ever changes
            await self._transition(connection, row, (DRAFT,), APPROVED, approved_by=actor.id)
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
            )

    async def quarantine(self, name: str, version: str, actor: Actor, *, reason: str) -> None:
        """Take a version out of service at once; one person is enough.

        Raises:
            InvalidRequest: when there is no such version, or it is quarantined already.
        """
        async with self._changing(actor, Basis.one(actor)) as connection:
            row = await _require(connection, name, version)
            await self._transition(connection, row, (DRAFT, APPROVED), QUARANTINED)
            await self._journal.record(
                connection,
                actor,
                "control:model:quarantine",
                model=name,
                version=version,
                digest=row.digest,
                reason=reason[:500],
            )

    async def promote(self, name: str, version: str, actor: Actor, *, tag: str) -> None:
        """Point a tag at an approved version.

        Raises:
            InvalidRequest: when the version is not approved.
        """
        async with self._changing(actor, Basis.one(actor)) as connection:
            await self._promote(connection, name, version, actor, tag=tag)

    async def rollback(self, name: str, actor: Actor, *, tag: str) -> str:
        """Point a tag back at the version before; gives that version.

        Raises:
            InvalidRequest: when there is no such version, or it is no longer approved.
        """
        async with self._changing(actor, Basis.one(actor)) as connection:
            where = (model_tag.c.name == name) & (model_tag.c.tag == tag)
            row = (await connection.execute(select(model_tag).where(where))).first()
            if row is None or row.previous is None:
                raise InvalidRequest(f"{name}@{tag} has no version to go back to.")
            await self._promote(connection, name, row.previous, actor, tag=tag)
        return str(row.previous)

    @asynccontextmanager
    async def _changing(self, actor: Actor, basis: Basis) -> AsyncIterator[AsyncConnection]:
        async with (
            self._database.write() as connection,
            self._governed.change(connection, actor, basis),
        ):
            yield connection

    async def _basis(self, connection: AsyncConnection, row: Any, actor: Actor) -> Basis:
        """The ground on which an actor approves a version.

        Raises:
            Denied: when the same person registered it.
        """
        if actor.via == "local" and actor.roles & {"bootstrap"}:
            return Basis.one(actor, records.RELEASE)  # it comes with the release
        author = _author(row)
        alone = await self._two_persons.check(connection, author, actor)
        if author.id == actor.id:  # also where one person decides alone
            raise Denied(
                "Whoever registered a version cannot approve it: another person must, or at least "
                "another key."
            )
        return Basis.approved(author, actor, alone=alone)

    async def _promote(
        self, connection: AsyncConnection, name: str, version: str, actor: Actor, *, tag: str
    ) -> None:
        row = await _require(connection, name, version)
        if row.state != APPROVED:
            raise InvalidRequest(f"{name}@{version} is {row.state}; only approved versions serve.")
        before = await _move_tag(connection, name, tag, version)
        await self._journal.record(
            connection,
            actor,
            "control:model:promote",
            model=name,
            version=version,
            tag=tag,
            before=before,
            digest=row.digest,
        )

    async def _transition(
        self,
        connection: AsyncConnection,
        row: Any,
        allowed: tuple[str, ...],
        state: str,
        **values: str,
    ) -> None:
        changed = await connection.execute(
            update(model_version)
            .where(
                model_version.c.name == row.name,
                model_version.c.version == row.version,
                model_version.c.state.in_(allowed),
            )
            .values(state=state, **values)
        )
        if changed.rowcount != 1:
            raise InvalidRequest(
                f"{row.name}@{row.version} is {row.state}; it cannot become {state}."
            )

    async def list(self) -> Sequence[RegisteredVersion]:
        """All versions, newest last."""
        async with self._database.read() as connection:
            tags = await _tags(connection)
            rows = await connection.execute(
                select(model_version).order_by(model_version.c.registered)
            )
            return [
                RegisteredVersion(**row, tags=tags.get((row["name"], row["version"]), []))
                for row in rows.mappings()
            ]


async def list_for_snapshot(connection: AsyncConnection) -> list[ModelVersion]:
    """All versions by name, as the snapshot holds them; only approved ones serve."""
    tags = await _tags(connection)
    rows = await connection.execute(select(model_version).order_by(model_version.c.name))
    return [
        ModelVersion(
            name=row.name,
            version=row.version,
            kind=row.kind,
            digest=row.digest,
            state=row.state,
            base_dir=row.base_dir,
            base_digest=row.base_digest,
            clearance=row.clearance,
            adapter_dir=row.adapter_dir,
            adapter_digest=row.adapter_digest,
            tags=tags.get((row.name, row.version), []),
        )
        for row in rows
    ]


def _author(row: Any) -> Author:
    """Who registered a version; of an older version, only the id is known."""
    if row.registered_author:
        return msgspec.json.decode(row.registered_author, type=Author)
    names = frozenset({row.registered_by.casefold(), OPERATOR})
    return Author(row.registered_by, "", row.registered_by, names)


def _check_unchanged(row: Any) -> None:
    try:
        verify(Path(row.base_dir), row.base_digest, _FILES[row.kind])
        if row.adapter_dir:
            verify(Path(row.adapter_dir), row.adapter_digest)
    except (ManifestError, DigestMismatch) as error:
        raise InvalidRequest(f"The files changed since they were registered: {error}") from error


def _card(directory: Path) -> str:
    for name in ("README.md", "card.md"):
        if (directory / name).exists():
            return (directory / name).read_text(encoding="utf-8")[:_MAX_CARD]
    return ""


async def _find(connection: AsyncConnection, name: str, version: str) -> Any:
    where = (model_version.c.name == name) & (model_version.c.version == version)
    return (await connection.execute(select(model_version).where(where))).first()


async def _require(connection: AsyncConnection, name: str, version: str) -> Any:
    row = await _find(connection, name, version)
    if row is None:
        raise InvalidRequest(f"There is no version {name}@{version}.", code="not_found")
    return row


async def _move_tag(connection: AsyncConnection, name: str, tag: str, version: str) -> str | None:
    where = (model_tag.c.name == name) & (model_tag.c.tag == tag)
    row = (await connection.execute(select(model_tag).where(where))).first()
    if row is None:
        await connection.execute(insert(model_tag).values(name=name, tag=tag, version=version))
        return None
    if row.version != version:
        await connection.execute(
            update(model_tag).where(where).values(version=version, previous=row.version)
        )
    return str(row.version)


async def _tags(connection: AsyncConnection) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in await connection.execute(select(model_tag).order_by(model_tag.c.tag)):
        found.setdefault((row.name, row.version), []).append(row.tag)
    return found
