"""Snapshots: compiled from the database, signed, published for the data plane."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.snapshot import (
    LOOPBACK,
    Alias,
    Deployment,
    Issuer,
    Provider,
    Snapshot,
    SnapshotError,
    Team,
    UseCase,
    seal,
    unseal,
)
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.issuer_keys.service import IssuerKeys
from gateway.governance.keys.service import list_active
from gateway.governance.models.service import list_for_snapshot
from gateway.governance.policies.service import active_files
from gateway.governance.snapshots.tables import snapshot
from gateway.governance.terms.service import CustomTerms
from gateway.storage.database import Database

_KEPT_FILES = 20


class SnapshotPublisher:
    """Publishes changed snapshots, and confirms unchanged ones."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        terms: CustomTerms,
        issuer_keys: IssuerKeys,
        *,
        key: Ed25519PrivateKey,
        wall: Callable[[], float],
        directory: Path | None,
    ) -> None:
        """``directory`` is where embedded mode writes files too; None in production."""
        self._database = database
        self._catalogue = catalogue
        self._terms = terms
        self._issuer_keys = issuer_keys
        self._key = key
        self._wall = wall
        self._directory = directory
        self._unsealed_row: tuple[int, Snapshot | None] = (-1, None)  # by id

    async def publish(self) -> str:
        """Publish the present state if it differs from the newest snapshot; gives its digest.

        It is one transaction, so that a state from before another change is never published after
        it. The newest snapshot may be one of another process.
        """
        async with self._database.write() as connection:
            last = (
                await connection.execute(select(snapshot).order_by(snapshot.c.id.desc()).limit(1))
            ).first()
            published = self._unsealed(last)
            if published is not None:
                await self._issuer_keys.adopt(connection, published.issuers)
            document = await self._compile(connection)
            if last and published and self._is_unchanged(document, published, str(last.digest)):
                digest, envelope = str(last.digest), bytes(last.envelope)
                await connection.execute(
                    update(snapshot).where(snapshot.c.id == last.id).values(confirmed=self._wall())
                )
            else:
                envelope, digest = seal(document, self._key)
                await connection.execute(
                    insert(snapshot).values(
                        digest=digest,
                        envelope=envelope,
                        created=document.created,
                        confirmed=self._wall(),
                    )
                )
            self._write(digest, envelope)  # under the lock, so that no older one follows
        return digest

    async def _compile(self, connection: AsyncConnection) -> Snapshot:
        found = await self._catalogue.load(connection)
        networks = [msgspec.json.decode(raw, type=list[str]) for raw in found["network"]]
        return Snapshot(
            created=self._wall(),
            bundle=await active_files(connection),
            providers=_decoded(found["provider"], Provider),
            deployments=_decoded(found["deployment"], Deployment),
            aliases=_decoded(found["alias"], Alias),
            teams=_decoded(found["team"], Team),
            use_cases=_decoded(found["use_case"], UseCase),
            issuers=await self._issuer_keys.with_keys(
                connection, _decoded(found["issuer"], Issuer)
            ),
            keys=await list_active(connection),
            models=await list_for_snapshot(connection),
            terms=await self._terms.lists(connection),
            internal_networks=networks[0] if networks else list(LOOPBACK),
        )

    def _unsealed(self, row: Any) -> Snapshot | None:
        """The newest snapshot; None without one, or when another key sealed it."""
        if row is not None and self._unsealed_row[0] != row.id:
            try:
                self._unsealed_row = row.id, unseal(bytes(row.envelope), self._key.public_key())[0]
            except SnapshotError:
                self._unsealed_row = row.id, None
        return self._unsealed_row[1] if row is not None else None

    def _is_unchanged(self, document: Snapshot, published: Snapshot, digest: str) -> bool:
        """Whether two snapshots differ only in their time."""
        return (
            seal(msgspec.structs.replace(document, created=published.created), self._key)[1]
            == digest
        )

    def _write(self, digest: str, envelope: bytes) -> None:
        """Write the file, then the pointer; the time of the pointer is that of the confirmation."""
        if self._directory is None:
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / f"{digest}.json"
        if not path.exists():
            _replace(path, envelope)
            files = sorted(self._directory.glob("*.json"), key=lambda file: file.stat().st_mtime)
            for old in files[:-_KEPT_FILES]:
                old.unlink()
        _replace(self._directory / "current", f"{digest}\n".encode())


def _decoded(raw: list[bytes], kind: Any) -> list[Any]:
    return [msgspec.json.decode(item, type=kind) for item in raw]


def _replace(path: Path, data: bytes) -> None:
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
