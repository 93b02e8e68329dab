"""The Merkle log: the entries of all processes in one order, under signed checkpoints.

The holder of the write lock of the governance database is the leader for one round. It appends the
new entries of each process's chain to the tree and signs the new head, all in one transaction.
Before it signs, the stored tree must be the one that was signed last, by this key or an earlier
one, and no chain may be shorter than, or differ from, its entries in the tree. It must continue the
head that is kept outside the database, too. Else nothing more is signed (``TrailDamaged``).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import desc, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import TrailDamaged
from gateway.evidence.checkpoint import checkpoint, verify_checkpoint
from gateway.evidence.entry import GENESIS, leaf_hash
from gateway.evidence.key_chain import Chain
from gateway.evidence.stored_leaf import leaf_of
from gateway.evidence.tiles import Edge, TilePosition, last_tiles
from gateway.governance.merkle_log import signing_keys
from gateway.governance.merkle_log.signed_head_file import SignedHeadFile
from gateway.governance.merkle_log.tables import log_checkpoint, log_head, log_run, log_tile
from gateway.storage.database import Database

logger = logging.getLogger(__name__)
ROUND = 20_000  # entries; a long queue takes several rounds, so that writers wait briefly
_FILE_S = 10.0  # for the file of the signed head, which may be on a volume that hangs
_DAY_MS = 86_400_000
_LATE_MS = 3_600_000  # older entries without any head are an alarm
SILENCE_MS = 60_000  # an interval without entries is signed too: absence is evidence
# One index look-up per log, whatever the number of entries.
_HEADS = """
WITH RECURSIVE known(log) AS (
  SELECT MIN(log) FROM audit_entry UNION ALL
  SELECT (SELECT MIN(log) FROM audit_entry WHERE log > known.log) FROM known
  WHERE known.log IS NOT NULL)
SELECT e.log, e.seq, e.hash FROM known JOIN audit_entry e
ON e.log = known.log AND e.seq = (SELECT MAX(seq) FROM audit_entry WHERE log = known.log)
"""
_NEW = (
    "SELECT log, seq, request, time, event, hash, leaf FROM audit_entry WHERE log = :log AND seq "
    ">= :first "
    "ORDER BY seq LIMIT :most"
)
_OLDEST = "SELECT MIN(time) AS time FROM audit_entry"
Rows = Callable[[str, dict[str, Any], AsyncConnection], Awaitable[list[dict[str, Any]]]]
Heads = dict[str, tuple[int, str]]  # number and hash of a log's last entry


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed tree head: ``time`` is epoch milliseconds, ``note`` a C2SP signed note."""

    size: int
    time: int
    note: str


@dataclass(frozen=True, slots=True)
class _Run:
    """New consecutive entries of one log."""

    log: str
    first_seq: int
    leaves: list[bytes]
    last_hash: str


class Sequencer:
    """Appends to the one log of an installation. Control planes take turns."""

    def __init__(
        self,
        database: Database,
        rows: Rows,
        *,
        key: Ed25519PrivateKey,
        wall: Callable[[], float],
        kept: SignedHeadFile | None = None,
    ) -> None:
        """``rows`` queries all stores of entries; ``wall`` is epoch seconds.

        ``kept`` holds the newest head outside the database.
        """
        self._database = database
        self._rows = rows
        self._key = key
        self._wall = wall
        self._kept = kept
        self._public = signing_keys.public_of(key)
        self._refused: str | None = None
        self._damage: str | None = None

    @property
    def damage(self) -> str | None:
        """Why this process signs nothing any more; None when it signs."""
        return self._refused or self._damage

    def refuse(self, reason: str) -> None:
        """Stop signing in this process: a witness holds a head that this log contradicts."""
        self._refused = reason

    def check(self) -> None:
        """Check that signing was not refused.

        Raises:
            TrailDamaged: with the reason.
        """
        if self._refused:
            raise TrailDamaged(self._refused)

    async def advance(self) -> int:
        """Append up to ``ROUND`` new entries and sign; gives their number.

        Raises:
            TrailDamaged: when entries or the tree differ from what was signed. Nothing is signed.
        """
        try:
            self.check()
            kept = await self._kept_note()
            count, note = await self._sign(kept)
        except TrailDamaged as error:
            self._damage = str(error)
            raise
        self._damage = None
        if note is not None and self._kept is not None and note != kept:
            await self._keep(self._kept, note)
        return count

    async def _sign(self, kept: str | None) -> tuple[int, str | None]:
        """Append and sign once; gives the number of new entries, and the newest head."""
        async with self._database.write() as connection:
            # Read under the lock, or another leader may have signed newer entries.
            last = await _last(connection)
            chain = await signing_keys.chain(connection, self._public)
            edge = await _edge(connection, last, chain)
            await self._check_continues(connection, kept, last, chain)
            runs = await self._examined(connection)
            now = int(self._wall() * 1000)
            if not runs and last is not None and now - last.time < SILENCE_MS:
                return 0, last.note
            if last is None:
                await self._warn_if_late(connection, now)
            changed: set[TilePosition] = set()
            for run in runs:
                await _store_run(connection, edge.size, run)
                changed |= edge.append(run.leaves)
                await _store_head(connection, run, now)
            await _store_tiles(connection, edge, changed)
            note = checkpoint(origin=chain.origin, size=edge.size, root=edge.head(), key=self._key)
            await connection.execute(
                insert(log_checkpoint).values(size=edge.size, time=now, note=note)
            )
            return sum(len(run.leaves) for run in runs), note

    async def kept_head(self) -> str | None:
        """The note that is kept outside the database, None without one.

        Raises:
            TrailDamaged: when it cannot be read.
        """
        return await self._kept_note()

    async def accept_gap(self, kept: str) -> None:
        """Go on from the head that the database has, in the place of the kept one.

        Raises:
            OSError: when the file cannot be written.
        """
        last = await self.latest()
        if self._kept is not None:
            note = last.note if last else None
            await asyncio.to_thread(self._kept.replace, note, expected=kept)

    async def examine(self) -> None:
        """Check what `advance` checks, and write nothing.

        Raises:
            TrailDamaged: when entries or the tree differ from what was signed.
        """
        self.check()
        async with self._database.read() as connection:
            chain = await signing_keys.chain(connection, self._public)
            last = await _last(connection)
            await _edge(connection, last, chain)
            await self._check_continues(connection, await self._kept_note(), last, chain)
            await self._examined(connection)

    async def _kept_note(self) -> str | None:
        if self._kept is None:
            return None
        try:
            async with asyncio.timeout(_FILE_S):
                return await asyncio.to_thread(self._kept.read)
        except OSError as error:
            raise TrailDamaged(
                f"the signed head in {self._kept.path} cannot be read ({type(error).__name__})"
            ) from error

    async def _keep(self, file: SignedHeadFile, note: str) -> None:
        try:
            async with asyncio.timeout(_FILE_S):
                await asyncio.to_thread(file.keep, note)
        except OSError as error:
            about = {"path": str(file.path), "reason": type(error).__name__}
            logger.error("trail:head:not_kept", extra=about)

    async def _check_continues(
        self, connection: AsyncConnection, kept: str | None, last: Checkpoint | None, chain: Chain
    ) -> None:
        """Check that the tree continues the kept head: rows alone do not make it shorter."""
        if kept is None or self._kept is None:
            return
        try:
            head = verify_checkpoint(kept, origin=chain.origin, keys=chain.keys)
        except ValueError as error:
            raise TrailDamaged(
                f"{self._kept.path} holds no signed head of this log ({error}); move it away only "
                "if this is a new installation"
            ) from error
        size = last.size if last else 0
        if size < head.size:
            raise TrailDamaged(
                f"{head.size} entries were signed ({self._kept.path}), the database has {size} of "
                "them; restore a newer backup, or record the gap with `sluis restore`"
            )
        if await _root(connection, head.size) != head.root:
            raise TrailDamaged(f"the tree is not the one whose head is in {self._kept.path}")

    async def _warn_if_late(self, connection: AsyncConnection, now: int) -> None:
        rows = await self._rows(_OLDEST, {}, connection)
        oldest = min((row["time"] for row in rows if row["time"] is not None), default=now)
        if now - oldest > _LATE_MS:
            logger.critical("trail:head:absent", extra={"days": (now - oldest) // _DAY_MS})

    async def _examined(self, connection: AsyncConnection) -> list[_Run]:
        """The new entries, once they and those that were signed are checked."""
        rows = await self._rows(_HEADS, {}, connection)
        heads = {row["log"]: (row["seq"], row["hash"]) for row in rows}
        placed = await _placed(connection)
        _check_no_losses(placed, heads)
        return await self._new(connection, placed, heads)

    async def latest(self) -> Checkpoint | None:
        """The newest checkpoint, None before the first."""
        async with self._database.read() as connection:
            return await _last(connection)

    async def unsealed(self) -> int:
        """The number of entries of all processes that no signed head covers yet."""
        async with self._database.read() as connection:
            placed = await _placed(connection)
            rows = await self._rows(_HEADS, {}, connection)
        before = (-1, GENESIS)
        return sum(max(0, row["seq"] - placed.get(row["log"], before)[0]) for row in rows)

    async def _new(self, connection: AsyncConnection, placed: Heads, heads: Heads) -> list[_Run]:
        runs: list[_Run] = []
        capacity = ROUND
        for log in sorted(heads):
            seq, hash_ = placed.get(log, (-1, GENESIS))
            if capacity and heads[log][0] > seq:
                values = {"log": log, "first": seq + 1, "most": capacity}
                found = await self._rows(_NEW, values, connection)
                run = _run(log, seq, hash_, found)
                capacity -= len(run.leaves)
                runs.append(run)
        return runs


def _run(log: str, seq: int, prev: str, rows: Iterable[dict[str, Any]]) -> _Run:
    """A run of entries, once each is checked to follow the one before it."""
    first, leaves = seq + 1, []
    for row in rows:
        seq += 1
        leaf = leaf_of(row)
        digest = leaf_hash(leaf)
        if (row["seq"], row["hash"]) != (seq, digest) or orjson.loads(leaf)["prev"] != prev:
            raise TrailDamaged(
                f"log {log}: entry {row['seq']} does not follow entry {seq - 1}; entries are "
                "missing or were changed"
            )
        prev = digest
        leaves.append(bytes.fromhex(digest))
    return _Run(log, first, leaves, prev)


def _check_no_losses(placed: Heads, heads: Heads) -> None:
    for log, (seq, digest) in placed.items():
        head = heads.get(log)
        if head is None or head[0] < seq:
            raise TrailDamaged(f"log {log}: entries up to {seq} were signed, some are missing now")
        if head[0] == seq and head[1] != digest:
            raise TrailDamaged(f"log {log}: entry {seq} is not the one that was signed")


async def _last(connection: AsyncConnection) -> Checkpoint | None:
    newest = select(log_checkpoint).order_by(desc(log_checkpoint.c.id)).limit(1)
    row = (await connection.execute(newest)).first()
    return Checkpoint(row.size, row.time, row.note) if row else None


async def _edge(connection: AsyncConnection, last: Checkpoint | None, chain: Chain) -> Edge:
    """The right edge of the stored tree, checked against the signed head."""
    # The last run alone: to read all of them takes longer with every round, and fills page caches.
    reach = select(log_run.c.first + log_run.c.count).order_by(desc(log_run.c.first)).limit(1)
    size = (await connection.execute(reach)).scalar() or 0
    if size != (last.size if last else 0):
        raise TrailDamaged(f"the tree has {size} entries, which is not what was signed last")
    if last is None:
        return Edge()
    try:
        edge = await _edge_at(connection, last.size)
        signed = verify_checkpoint(last.note, origin=chain.origin, keys=chain.keys)
    except ValueError as error:
        raise TrailDamaged(f"the tree or its head is not whole: {error}") from error
    if (signed.size, signed.root) != (edge.size, edge.head()):
        raise TrailDamaged("the tree is not the one that was signed last")
    return edge


async def _edge_at(connection: AsyncConnection, size: int) -> Edge:
    """The right edge that the stored tree had at a size.

    Raises:
        ValueError: when a tile is missing or too short.
    """
    stored: dict[TilePosition, bytes] = {}
    for level, position in last_tiles(size):
        where = (log_tile.c.level == level) & (log_tile.c.position == position)
        found = (await connection.execute(select(log_tile.c.hashes).where(where))).scalar()
        stored[level, position] = bytes(found or b"")
    return Edge.of(size, stored)


async def _root(connection: AsyncConnection, size: int) -> bytes | None:
    try:
        return (await _edge_at(connection, size)).head()
    except ValueError:
        return None


async def _placed(connection: AsyncConnection) -> Heads:
    """The last entry of each log in the tree."""
    rows = await connection.execute(select(log_head.c.log, log_head.c.seq, log_head.c.hash))
    return {row.log: (row.seq, row.hash) for row in rows}


async def _store_run(connection: AsyncConnection, first: int, run: _Run) -> None:
    values = {"log": run.log, "first_seq": run.first_seq, "count": len(run.leaves)}
    await connection.execute(insert(log_run).values(first=first, **values))


async def _store_head(connection: AsyncConnection, run: _Run, now: int) -> None:
    await connection.execute(
        text(
            "INSERT INTO log_head (log, seq, hash, time) VALUES (:log, :seq, :hash, :time) "
            "ON CONFLICT (log) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, "
            "time = excluded.time"
        ),
        {
            "log": run.log,
            "seq": run.first_seq + len(run.leaves) - 1,
            "hash": run.last_hash,
            "time": now,
        },
    )


async def _store_tiles(connection: AsyncConnection, edge: Edge, changed: set[TilePosition]) -> None:
    if not changed:
        return
    await connection.execute(
        text(
            "INSERT INTO log_tile (level, position, hashes) VALUES (:level, :position, :hashes) "
            "ON CONFLICT (level, position) DO UPDATE SET hashes = excluded.hashes"
        ),
        [
            {"level": level, "position": position, "hashes": bytes(edge.tiles[level, position])}
            for level, position in sorted(changed)
        ],
    )
