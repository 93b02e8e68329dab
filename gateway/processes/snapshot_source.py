"""Sources of snapshots: files in embedded mode, PostgreSQL otherwise."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import asyncpg
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.core.snapshot import KEY_REQUESTS, Snapshot, SnapshotError, unseal
from gateway.core.system.postgres_errors import FAILURES
from gateway.processes.settings import Settings

logger = logging.getLogger(__name__)
POLL_S = 0.25
_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class SnapshotPointer:
    """A snapshot's digest and when the control plane last confirmed it, in epoch seconds."""

    digest: str
    confirmed: float


class SnapshotSource(Protocol):
    """A place where the control plane publishes snapshots."""

    async def latest(self) -> SnapshotPointer | None:
        """The newest snapshot; None before the first one.

        Raises:
            OSError: when the source cannot be read.
        """
        ...

    async def fetch(self, digest: str) -> bytes:
        """The sealed envelope with this digest.

        Raises:
            OSError: when it cannot be read.
        """
        ...


class GatewaySource(SnapshotSource, Protocol):
    """What a gateway reads, which also takes its notes to the control plane."""

    async def ask_for_keys(self, issuers: Sequence[str]) -> None:
        """Ask the control plane to fetch the signing keys of these issuers, by address.

        Raises:
            OSError: when the note cannot be left.
        """
        ...


class FileSource:
    """``<data-dir>/snapshots``: one file for each snapshot, and the pointer ``current``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def latest(self) -> SnapshotPointer | None:
        """Read the pointer; its modification time is the time of confirmation."""
        pointer = self._directory / "current"
        if not pointer.exists():
            return None
        return SnapshotPointer(pointer.read_text(encoding="ascii").strip(), pointer.stat().st_mtime)

    async def fetch(self, digest: str) -> bytes:
        """Read the file of a snapshot."""
        return (self._directory / f"{digest}.json").read_bytes()

    async def ask_for_keys(self, issuers: Sequence[str]) -> None:
        """Add to the file that the control plane takes; this gateway alone writes it."""
        note = self._directory / KEY_REQUESTS
        draft = note.with_name(note.name + ".part")
        waiting = msgspec.json.decode(note.read_bytes(), type=list[str]) if note.exists() else []
        draft.write_bytes(msgspec.json.encode(sorted({*waiting, *issuers})))
        draft.replace(note)


class PostgresSource:
    """The ``snapshot`` table."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._db: asyncpg.Connection | None = None

    async def latest(self) -> SnapshotPointer | None:
        """Read the newest row."""
        row = await self._row("SELECT digest, confirmed FROM snapshot ORDER BY id DESC LIMIT 1")
        return SnapshotPointer(row["digest"], row["confirmed"]) if row else None

    async def fetch(self, digest: str) -> bytes:
        """Read the row of a snapshot."""
        row = await self._row("SELECT envelope FROM snapshot WHERE digest = $1 LIMIT 1", digest)
        if row is None:
            raise OSError("the snapshot is deleted")
        return bytes(row["envelope"])

    async def ask_for_keys(self, issuers: Sequence[str]) -> None:
        """Mark their rows; an issuer without one has no keys yet and is asked anyway."""
        await self._row(
            "UPDATE issuer_keys SET asked = extract(epoch from now()) WHERE issuer = ANY($1)",
            list(issuers),
        )

    async def _row(self, query: str, *values: str | list[str]) -> asyncpg.Record | None:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                if self._db is None or self._db.is_closed():
                    self._db = await asyncpg.connect(self._dsn, timeout=_TIMEOUT_S)
                return await self._db.fetchrow(query, *values)
        except FAILURES as error:
            raise OSError(type(error).__name__) from error


class SnapshotWatcher:
    """Polls a source and applies each new snapshot; a bad one leaves the last good one in use."""

    def __init__(
        self,
        source: SnapshotSource,
        key: Ed25519PublicKey,
        take: Callable[[Snapshot, str], Awaitable[None]],
        *,
        wall: Callable[[], float],
    ) -> None:
        """``take`` applies a snapshot with its digest.

        It raises ValueError or SnapshotError for a snapshot that cannot be used.
        """
        self._source = source
        self._key = key
        self._take = take
        self._wall = wall
        self._digest = ""
        self._confirmed: float | None = None
        self.problem: str | None = "no snapshot yet"

    @property
    def age_s(self) -> float:
        """Seconds since the control plane confirmed the snapshot in use."""
        return self._wall() - self._confirmed if self._confirmed is not None else float("inf")

    async def poll(self) -> None:
        """Check the source once."""
        try:
            latest = await self._source.latest()
            if latest is None:
                return
            if latest.digest != self._digest:
                await self._swap(latest.digest)
            self._confirmed = latest.confirmed
            self.problem = None
        except (OSError, SnapshotError, ValueError) as error:
            problem = f"{type(error).__name__}: {error}"
            if problem != self.problem:
                # A message of a library's error may quote anything.
                known = isinstance(error, SnapshotError)
                reason = str(error) if known else type(error).__name__
                logger.error("snapshot:swap:failed", extra={"reason": reason})
            self.problem = problem

    async def _swap(self, digest: str) -> None:
        envelope = await self._source.fetch(digest)
        snapshot, found = await asyncio.to_thread(unseal, envelope, self._key)  # some megabytes
        if found != digest:
            raise SnapshotError("the snapshot is not the one that was pointed at")
        await self._take(snapshot, digest)
        self._digest = digest
        logger.info("snapshot:swap:done", extra={"digest": digest})


def configured_source(settings: Settings) -> GatewaySource:
    """The source from which the processes of this installation read snapshots."""
    if settings.database_url:
        return PostgresSource(settings.database_url)
    return FileSource(settings.data_dir / "snapshots")
