"""The snapshot: compiled from the database, signed, published for the data plane."""

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
    Provider,
    Snapshot,
    SnapshotError,
    Team,
    UseCase,
    seal,
    unseal,
)
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.keys.service import Keys
from gateway.governance.models.service import ModelRegistry
from gateway.governance.policies.service import Policies
from gateway.governance.terms.service import CustomTerms
from gateway.storage.database import Database
from gateway.storage.tables import snapshot

_KEPT_FILES = 20
_MAX_DOCUMENT = 256 * 1024
_NO_KEYS = (httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError, ValueError, RecursionError)
_Jwk = dict[str, str | int | float | bool | list[str] | None]
Jwks = dict[str, Any]
T = TypeVar("T")


class SnapshotPublisher:
    """Publishes when something changed, and confirms the present one otherwise."""

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
        """``directory`` is where embedded mode also writes files; None in production."""
        self._database = database
        self._catalogue = catalogue
        self._terms = terms
        self._key = key
        self._wall = wall
        self._directory = directory
        self._opened: tuple[int, Snapshot | None] = (-1, None)  # the last row's id
        self._fetched: dict[str, Jwks] = {}  # by issuer, what is not published yet
        self._keys: dict[str, Jwks] = {}  # by issuer, what was published last

    async def publish(self) -> str:
        """Publishes the present state if it differs from the last; gives its digest.

        All of it is one transaction: what was read before another's change never comes after it. The
        last is what any process published.
        """
        async with self._database.write() as connection:
            last = (
                await connection.execute(select(snapshot).order_by(snapshot.c.id.desc()).limit(1))
            ).first()
            published, fetched = self._unsealed(last), self._fetched.copy()
            if published is not None:
                self._keys = {issuer.issuer: issuer.keys for issuer in published.issuers}
            document = await self._compile(connection)
            if last and published and self._is_the_same(document, published, str(last.digest)):
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
            self._write(digest, envelope)  # while others wait, so that no older one comes after it
        self._keys = {issuer.issuer: issuer.keys for issuer in document.issuers}
        for issuer, keys in fetched.items():
            if self._fetched.get(issuer) is keys:  # no newer ones came meanwhile
                del self._fetched[issuer]
        return digest

    async def refresh_issuers(self) -> list[str]:
        """Fetches the signing keys of all issuers; gives what went wrong, by issuer.

        An issuer that cannot be reached keeps the keys it had, whichever process fetched them.
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

    async def issuers(self) -> list[Issuer]:
        """The issuers with the keys fetched last."""
        async with self._database.read() as connection:
            raw = (await self._catalogue.load(connection))["issuer"]
        return [self._with_keys(msgspec.json.decode(item, type=Issuer)) for item in raw]

    async def _compile(self, connection: AsyncConnection) -> Snapshot:
        found = await self._catalogue.load(connection)
        networks = [msgspec.json.decode(raw, type=list[str]) for raw in found["network"]]
        return Snapshot(
            created=self._wall(),
            bundle=await Policies.active_files(connection),
            providers=_decoded(found["provider"], Provider),
            deployments=_decoded(found["deployment"], Deployment),
            aliases=_decoded(found["alias"], Alias),
            teams=_decoded(found["team"], Team),
            use_cases=_decoded(found["use_case"], UseCase),
            issuers=[self._with_keys(item) for item in _decoded(found["issuer"], Issuer)],
            keys=await Keys.live(connection),
            models=await ModelRegistry.served(connection),
            terms=await self._terms.lists(connection),
            internal_networks=networks[0] if networks else list(LOOPBACK),
        )

    def _with_keys(self, issuer: Issuer) -> Issuer:
        known = {**self._keys, **self._fetched}
        return msgspec.structs.replace(issuer, keys=known.get(issuer.issuer, {}))

    def _unsealed(self, row: Any) -> Snapshot | None:
        """What was published last; None where there is nothing, or it is sealed by another key."""
        if row is not None and self._opened[0] != row.id:
            try:
                self._opened = row.id, unseal(bytes(row.envelope), self._key.public_key())[0]
            except SnapshotError:
                self._opened = row.id, None
        return self._opened[1] if row is not None else None

    def _is_the_same(self, document: Snapshot, published: Snapshot, digest: str) -> bool:
        """Whether all but the time at which they were made is the same."""
        return (
            seal(msgspec.structs.replace(document, created=published.created), self._key)[1]
            == digest
        )

    def _write(self, digest: str, envelope: bytes) -> None:
        """The file appears whole, then the pointer moves; its time says when it was confirmed."""
        if self._directory is None:
            return
        self._directory.mkdir(parents=True, exist_ok=True)
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
    """What is read of a discovery document (OpenID Connect Discovery)."""

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
        with suppress(msgspec.MsgspecError):  # it is no key, or of a later standard: passed over
            keys.append(msgspec.json.decode(one, type=_Jwk))
    return {"keys": keys}


async def _read(client: httpx.AsyncClient, url: str, kind: type[T]) -> T:
    answer = await client.get(url)
    answer.raise_for_status()
    if len(answer.content) > _MAX_DOCUMENT:
        raise ValueError("the document is too large")
    return msgspec.json.decode(answer.content, type=kind)
