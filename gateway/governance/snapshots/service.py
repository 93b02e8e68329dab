"""Snapshots: compiled from the database, signed, published for the data plane."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.snapshot import (
    LOOPBACK,
    Alias,
    Deployment,
    Issuer,
    Snapshot,
    SnapshotError,
    Team,
    seal,
    unseal,
)
from gateway.governance.catalogue.documents import providers_of, use_cases_of
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.keys.service import list_active
from gateway.governance.models.service import list_for_snapshot
from gateway.governance.policies.service import active_files
from gateway.governance.snapshots.tables import snapshot
from gateway.governance.stops.service import in_force, mark_published
from gateway.governance.terms.service import CustomTerms
from gateway.storage.database import Database

_KEPT_FILES = 20
_MAX_DOCUMENT = 256 * 1024
_NO_KEYS = (httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError, ValueError, RecursionError)
_Jwk = dict[str, str | int | float | bool | list[str] | None]
Jwks = dict[str, Any]
T = TypeVar("T")


class SnapshotPublisher:
    """Publishes changed snapshots, and confirms unchanged ones."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        terms: CustomTerms,
        *,
        key: Ed25519PrivateKey,
        wall: Callable[[], float],
        directory: Path | None,
    ) -> None:
        """``directory`` is where embedded mode writes files too; None in production."""
        self._database = database
        self._catalogue = catalogue
        self._terms = terms
        self._key = key
        self._wall = wall
        self._directory = directory
        self._unsealed_row: tuple[int, Snapshot | None] = (-1, None)  # by id
        self._fetched: dict[str, Jwks] = {}  # by issuer, unpublished
        self._keys: dict[str, Jwks] = {}  # by issuer, published

    async def publish(self) -> str:
        """Publish the present state if it differs from the newest snapshot; gives its digest.

        It is one transaction, so that a state from before another change is never published after
        it. The newest snapshot may be one of another process.
        """
        async with self._database.write() as connection:
            last = (
                await connection.execute(select(snapshot).order_by(snapshot.c.id.desc()).limit(1))
            ).first()
            published, fetched = self._unsealed(last), self._fetched.copy()
            if published is not None:
                self._keys = {issuer.issuer: issuer.keys for issuer in published.issuers}
            document = await self._compile(connection)
            if last and published and self._is_unchanged(document, published, str(last.digest)):
                digest, envelope = str(last.digest), bytes(last.envelope)
                number = int(last.id)
                await connection.execute(
                    update(snapshot).where(snapshot.c.id == number).values(confirmed=self._wall())
                )
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
            await mark_published(connection, number)
            self._write(digest, envelope)  # under the lock, so that no older one follows
        self._keys = {issuer.issuer: issuer.keys for issuer in document.issuers}
        for issuer, keys in fetched.items():
            if self._fetched.get(issuer) is keys:  # no newer ones were fetched
                del self._fetched[issuer]
        return digest

    async def refresh_issuers(self) -> list[str]:
        """Fetch the signing keys of all issuers; gives the problems by issuer.

        An unreachable issuer keeps its last keys, whichever process fetched them.
        """
        async with self._database.read() as connection:
            issuers = (await self._catalogue.load(connection))["issuer"]
        problems = []
        async with httpx.AsyncClient(timeout=5, follow_redirects=False, trust_env=False) as client:
            for raw in issuers:
                issuer = msgspec.json.decode(raw, type=Issuer)
                try:
                    self._fetched[issuer.issuer] = await _jwks(client, issuer.issuer)
                except _NO_KEYS as error:
                    problems.append(f"{issuer.name}: {type(error).__name__}")
        return problems

    async def numbers(self, first: int) -> dict[str, int]:
        """The numbers of the published snapshots by digest, from one number on."""
        query = select(snapshot.c.digest, snapshot.c.id).where(snapshot.c.id >= first)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return {row.digest: int(row.id) for row in rows}

    async def issuers(self) -> list[Issuer]:
        """The issuers with their newest keys."""
        async with self._database.read() as connection:
            raw = (await self._catalogue.load(connection))["issuer"]
        return [self._with_keys(msgspec.json.decode(item, type=Issuer)) for item in raw]

    async def _compile(self, connection: AsyncConnection) -> Snapshot:
        found = await self._catalogue.load(connection)
        networks = [msgspec.json.decode(raw, type=list[str]) for raw in found["network"]]
        return Snapshot(
            created=self._wall(),
            bundle=await active_files(connection),
            providers=providers_of(found["provider"]),
            deployments=_decoded(found["deployment"], Deployment),
            aliases=_decoded(found["alias"], Alias),
            teams=_decoded(found["team"], Team),
            use_cases=use_cases_of(found["use_case"]),
            issuers=[self._with_keys(item) for item in _decoded(found["issuer"], Issuer)],
            keys=await list_active(connection),
            models=await list_for_snapshot(connection),
            terms=await self._terms.lists(connection),
            internal_networks=networks[0] if networks else list(LOOPBACK),
            stops=await in_force(connection),
        )

    def _with_keys(self, issuer: Issuer) -> Issuer:
        known = {**self._keys, **self._fetched}
        return msgspec.structs.replace(issuer, keys=known.get(issuer.issuer, {}))

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


class _Discovered(msgspec.Struct):
    """The fields of a discovery document that are used (OpenID Connect Discovery)."""

    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct):
    """A JWK set (RFC 7517)."""

    keys: list[msgspec.Raw]


async def _jwks(client: httpx.AsyncClient, issuer: str) -> Jwks:
    found = await _read(
        client, issuer.rstrip("/") + "/.well-known/openid-configuration", _Discovered
    )
    if found.issuer != issuer:
        raise ValueError("the discovery document names another issuer")
    keys = []
    for one in (await _read(client, found.jwks_uri, _KeySet)).keys:
        with suppress(msgspec.MsgspecError):  # skip what is not a key of a known standard
            keys.append(msgspec.json.decode(one, type=_Jwk))
    return {"keys": keys}


async def _read(client: httpx.AsyncClient, url: str, kind: type[T]) -> T:
    answer = await client.get(url)
    answer.raise_for_status()
    if len(answer.content) > _MAX_DOCUMENT:
        raise ValueError("the document is too large")
    return msgspec.json.decode(answer.content, type=kind)
