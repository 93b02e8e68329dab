"""Snapshots: compiled from the database, signed, published for the data plane.

A state that no record of a change explains is not published: somebody wrote it into the database by
another way, or restored it. The last good snapshot stays in force, but for what ends use: stops,
cut-offs, revocations and quarantines.
"""

import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.approvals.objects import Objects, digest_of, objects_of
from gateway.approvals.provenance import ProvenanceError, check_provenance
from gateway.approvals.records import ChangeRecord, read
from gateway.approvals.references import GovernedKey, GovernedState
from gateway.core.errors import Unavailable
from gateway.core.kept_values import KeptValues
from gateway.core.snapshot import (
    LOOPBACK,
    Alias,
    Deployment,
    Issuer,
    Key,
    Mandate,
    Provider,
    SignedChange,
    Snapshot,
    SnapshotError,
    Team,
    UseCase,
    digest_of_document,
    seal,
    unseal,
)
from gateway.governance.actor import SYSTEM
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.changes.governed import (
    last_number,
    records_in_force,
    removed_objects,
)
from gateway.governance.changes.settings import load_settings
from gateway.governance.issuer_keys.service import IssuerKeys
from gateway.governance.journal import Journal
from gateway.governance.keys.store import LiveKey
from gateway.governance.models.versions import list_for_snapshot
from gateway.governance.persons.cut_offs import of_snapshot
from gateway.governance.policies.service import active_files
from gateway.governance.snapshots.narrowed import narrowed
from gateway.governance.snapshots.tables import snapshot
from gateway.governance.stops.store import in_force, mark_published
from gateway.governance.terms.service import CustomTerms
from gateway.storage.database import Database

logger = logging.getLogger(__name__)
_KEPT_FILES = 20
_SHOWN = 50  # lines of an alarm


@dataclass(frozen=True, slots=True)
class _State:
    """A state that was compiled, and its governed objects; the keys are among both."""

    snapshot: Snapshot
    objects: Objects
    keys: list[GovernedKey]


@dataclass(frozen=True, slots=True)
class _Known:
    """A published snapshot by its digest, with its objects where they are known.

    ``compiled`` is whether this process made it of rows; else it was read from an envelope.
    """

    digest: str
    snapshot: Snapshot | None
    objects: Objects | None
    compiled: bool = False


class SnapshotPublisher:
    """Publishes changed snapshots, and confirms unchanged ones."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        terms: CustomTerms,
        journal: Journal,
        issuer_keys: IssuerKeys,
        *,
        keys: Callable[[AsyncConnection], Awaitable[list[LiveKey]]],
        record_unproven: Callable[[AsyncConnection, Snapshot], Awaitable[bool]],
        key: Ed25519PrivateKey,
        wall: Callable[[], float],
        directory: Path | None,
    ) -> None:
        """``directory`` is where embedded mode writes files too; None in production.

        ``keys`` gives the keys that are not revoked, with those of leavers marked as blocked;
        ``record_unproven`` records what serves without a registered version.
        """
        self._keys = keys
        self._record_unproven = record_unproven
        self._journal = journal
        self._one_person = directory is not None
        self._is_first = True  # nothing was published by this process yet
        self._refused = ""  # the digest of the state that was refused last
        self.problem: str | None = None
        self._database = database
        self._catalogue = catalogue
        self._terms = terms
        self._issuer_keys = issuer_keys
        self._key = key
        self._wall = wall
        self._directory = directory
        self._indexed: tuple[Snapshot | None, dict[str, Key]] = (None, {})
        # What was made of the same rows and records before. Whoever wrote them: the key is all of
        # their text, or its digest.
        self._newest = _Known("", None, None)
        self._compiled: _State | None = None
        self._changes: KeptValues[tuple[str, str], SignedChange] = KeptValues(
            lambda row: SignedChange(*row)
        )
        public = key.public_key()
        self._records: KeptValues[SignedChange, ChangeRecord] = KeptValues(
            lambda signed: read(signed, [public])
        )

    async def publish(self) -> str:
        """Publish the present state if it differs from the newest snapshot; gives its digest.

        It is one transaction, so that a state from before another change is never published after
        it. The newest snapshot may be one of another process.
        """
        async with self._database.write() as connection:
            last = await _newest_place(connection)
            known = await self._known(connection, last)
            published = known.snapshot
            if published is not None:
                await self._issuer_keys.adopt(connection, published.issuers)
            state = await self._compile(connection)
            if await self._record_unproven(connection, state.snapshot):
                state = await self._compile(connection)
            document = state.snapshot
            self._newest, self._compiled = known, state
            if published and not await self._explained(connection, document, published):
                document = narrowed(published, document)
            if last and published and self._is_unchanged(document, known):
                digest, number = known.digest, int(last.id)
                await connection.execute(
                    update(snapshot).where(snapshot.c.id == number).values(confirmed=self._wall())
                )
                if not known.compiled and document is state.snapshot:
                    same = msgspec.structs.replace(document, created=published.created)
                    known = _Known(digest, same, state.objects, compiled=True)
                if self._is_missing(digest):
                    self._write(digest, await _envelope(connection, number))
            else:
                envelope, digest = seal(document, self._key)
                inserted = await connection.execute(
                    insert(snapshot).values(
                        digest=digest,
                        envelope=envelope,
                        created=document.created,
                        confirmed=self._wall(),
                    )
                )
                (number,) = inserted.inserted_primary_key or (0,)
                objects = state.objects if document is state.snapshot else None
                known = _Known(digest, document, objects, compiled=True)
                self._write(digest, envelope)  # under the lock, so that no older one follows
            await mark_published(connection, number)
            self._point(digest)
        self._newest = known
        return digest

    async def publish_in_force(self) -> str:
        """As ``publish``, for a caller who expects that the present state is in force then.

        Raises:
            Unavailable: when it is refused; names what no record explains.
        """
        digest = await self.publish()
        if self.problem is not None:
            raise Unavailable(f"The changes are stored, but they are not in force: {self.problem}")
        return digest

    async def published(self) -> Snapshot | None:
        """The newest snapshot, which the control plane itself signs people in by."""
        async with self._database.read() as connection:
            return await self.newest(connection)

    async def newest(self, connection: AsyncConnection) -> Snapshot | None:
        """The newest snapshot that this installation signed, within a transaction."""
        self._newest = await self._known(connection, await _newest_place(connection))
        return self._newest.snapshot

    async def numbers(self, first: int) -> dict[str, int]:
        """The numbers of the published snapshots by digest, from one number on."""
        query = select(snapshot.c.digest, snapshot.c.id).where(snapshot.c.id >= first)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return {row.digest: int(row.id) for row in rows}

    async def issuers(self) -> list[Issuer]:
        """The issuers in force, with their newest signing keys."""
        published = await self.published()
        async with self._database.read() as connection:
            return await self._issuer_keys.with_keys(
                connection, published.issuers if published else []
            )

    async def key(self, digest: str) -> Key | None:
        """The key in force with the secret of that keyed hash, or with one that it replaced."""
        published = await self.published()
        if published is not self._indexed[0]:
            stopped = published.stops.keys if published else []
            keys = [key for key in published.keys if key.id not in stopped] if published else []
            former = {key.former: key for key in keys if key.former}
            self._indexed = published, former | {key.digest: key for key in keys}
        return self._indexed[1].get(digest)

    async def objects(self, connection: AsyncConnection) -> GovernedState:
        """The governed objects as the database has them now, with those that were removed."""
        state = await self._content(connection)
        return GovernedState(state.objects, await removed_objects(connection), state.keys)

    async def _explained(
        self, connection: AsyncConnection, document: Snapshot, published: Snapshot
    ) -> bool:
        """Whether records explain a state; else an alarm, once.

        The first state of a process must also be one that a gateway without any takes over. Each
        later one then is, as changes extend chains.
        """
        try:
            for before in (published, None) if self._is_first else (published,):
                check_provenance(
                    document,
                    before,
                    self._key.public_key(),
                    one_person=self._one_person,
                    objects=self._objects_of,
                    read_all=self._records.of,
                )
        except ProvenanceError as error:
            self.problem = str(error)
            refused = digest_of([str(error), document.number])
            if refused != self._refused:
                logger.critical("snapshot:publish:refused", extra={"reason": str(error)})
                await self._journal.record(
                    connection,
                    SYSTEM,
                    "control:snapshot:refuse",
                    number=document.number,
                    lines=[line.text() for line in error.lines[:_SHOWN]],
                    reason=error.reason,
                )
            self._refused = refused
            return False
        self.problem, self._refused, self._is_first = None, "", False
        return True

    def _objects_of(self, document: Snapshot) -> Objects:
        """The governed objects of a snapshot, as they were made of it before."""
        for known in (self._compiled, self._newest):
            if known is not None and known.snapshot is document and known.objects is not None:
                return known.objects
        return objects_of(document)

    async def _compile(self, connection: AsyncConnection) -> _State:
        """The present state with the records that explain it."""
        state = await self._content(connection)
        changes = self._changes.of(await records_in_force(connection))
        number = await last_number(connection)
        document = msgspec.structs.replace(state.snapshot, number=number, changes=changes)
        return _State(document, state.objects, state.keys)

    async def _content(self, connection: AsyncConnection) -> _State:
        keys = await self._keys(connection)
        found = await self._catalogue.load(connection)
        networks = [msgspec.json.decode(raw, type=list[str]) for raw in found["network"]]
        document = Snapshot(
            created=self._wall(),
            bundle=await active_files(connection),
            providers=_decoded(found["provider"], Provider),
            deployments=_decoded(found["deployment"], Deployment),
            aliases=_decoded(found["alias"], Alias),
            teams=_decoded(found["team"], Team),
            use_cases=_decoded(found["use_case"], UseCase),
            mandates=_decoded(found.get("mandate", []), Mandate),
            issuers=await self._issuer_keys.with_keys(
                connection, _decoded(found["issuer"], Issuer)
            ),
            keys=[one.key for one in keys],
            models=await list_for_snapshot(connection),
            terms=await self._terms.lists(connection),
            cut_offs=await of_snapshot(connection),
            internal_networks=networks[0] if networks else list(LOOPBACK),
            settings=await load_settings(connection),
            stops=await in_force(connection),
        )
        governed = [one.governed for one in keys]
        own = {one.place: one.document for one in governed}
        return _State(document, objects_of(document, own), governed)

    async def _known(self, connection: AsyncConnection, place: Any) -> _Known:
        """The snapshot of that digest; without one, or when another key sealed it, of none."""
        if place is None:
            return _Known("", None, None)
        if place.digest == self._newest.digest:
            return self._newest
        try:
            document, digest = unseal(await _envelope(connection, place.id), self._key.public_key())
        except SnapshotError:
            return _Known(str(place.digest), None, None)
        return _Known(digest, document, None)

    def _is_unchanged(self, document: Snapshot, known: _Known) -> bool:
        """Whether a snapshot differs from the known one only in its time."""
        if known.snapshot is None:
            return False
        same = msgspec.structs.replace(document, created=known.snapshot.created)
        return same == known.snapshot or (
            not known.compiled and digest_of_document(same) == known.digest
        )

    def _is_missing(self, digest: str) -> bool:
        return self._directory is not None and not (self._directory / f"{digest}.json").exists()

    def _write(self, digest: str, envelope: bytes) -> None:
        """Write the file of a snapshot, and delete those of old ones."""
        if self._directory is None or not self._is_missing(digest):
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(self._directory / f"{digest}.json", envelope)
        files = sorted(self._directory.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for old in files[:-_KEPT_FILES]:
            old.unlink()

    def _point(self, digest: str) -> None:
        """Write the pointer to the file; its time is that of the confirmation."""
        if self._directory is not None:
            _replace(self._directory / "current", f"{digest}\n".encode())


async def _newest_place(connection: AsyncConnection) -> Any:
    """The id and digest of the newest snapshot; None before the first."""
    places = select(snapshot.c.id, snapshot.c.digest)
    return (await connection.execute(places.order_by(snapshot.c.id.desc()).limit(1))).first()


async def _envelope(connection: AsyncConnection, number: int) -> bytes:
    envelope = select(snapshot.c.envelope).where(snapshot.c.id == number)
    return bytes((await connection.execute(envelope)).scalar_one())


def _decoded(raw: list[bytes], kind: Any) -> list[Any]:
    return [msgspec.json.decode(item, type=kind) for item in raw]


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
