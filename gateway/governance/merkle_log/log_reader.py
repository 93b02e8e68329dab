"""Reads the Merkle log: the positions of entries, and proofs under a checkpoint."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import desc, select

from gateway.evidence import merkle
from gateway.evidence.export import LogRange, RangeEdges, TimestampToken, WitnessedCheckpoint
from gateway.evidence.tiles import TilePosition, node_in, tile_of
from gateway.governance.merkle_log import signing_keys
from gateway.governance.merkle_log.sequencer import Checkpoint
from gateway.governance.merkle_log.tables import log_checkpoint, log_run, log_tile, log_witness
from gateway.storage.database import Database

T = TypeVar("T")
_PLACEHOLDER = bytes(32)


@dataclass(frozen=True, slots=True)
class Run:
    """``count`` consecutive entries of one log, from index ``first`` of the tree on."""

    first: int
    log: str
    first_seq: int
    count: int


class LogReader:
    """Reads the governance database only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def bounds(self, spans: Iterable[tuple[str, int, int]], size: int) -> tuple[int, int]:
        """The range of indexes that holds all of ``spans`` (log, first and last number).

        Without entries the range is empty, at the end of the tree.
        """
        first, end = size, 0
        for log, low, high in spans:
            for run in await self._runs_of(log, low, high):
                first = min(first, run.first + max(low - run.first_seq, 0))
                end = max(end, run.first + min(high - run.first_seq + 1, run.count))
        return (first, end) if first < end else (size, size)

    async def checkpoint(self, size: int) -> Checkpoint | None:
        """The first checkpoint over so many entries, or None."""
        of_size = select(log_checkpoint).where(log_checkpoint.c.size == size)
        async with self._database.read() as connection:
            row = (await connection.execute(of_size.order_by(log_checkpoint.c.id).limit(1))).first()
        return Checkpoint(row.size, row.time, row.note) if row else None

    async def newest(self) -> Checkpoint | None:
        """The newest checkpoint."""
        last = select(log_checkpoint).order_by(desc(log_checkpoint.c.id)).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(last)).first()
        return Checkpoint(row.size, row.time, row.note) if row else None

    async def runs(self, first: int, end: int) -> AsyncIterator[Run]:
        """The runs of a range in order, cut to the range."""
        at = first
        while at < end:
            run = await self._run_at(at)
            skipped = at - run.first
            count = min(run.count - skipped, end - at)
            yield Run(at, run.log, run.first_seq + skipped, count)
            at += count

    async def leaves(self, first: int, count: int) -> list[bytes]:
        """The leaf hashes of the tree from index ``first`` on."""
        return await self._proved(
            lambda node: [node(0, index) for index in range(first, first + count)]
        )

    async def slice(self, first: int, end: int, under: Checkpoint) -> LogRange:
        """A range with the proofs of completeness and growth, and with its witnesses."""
        before = await self._before(first, under)
        outside = await self._proved(
            lambda node: merkle.outside_heads(node, first, end, under.size)
        )
        grown = await self.growth(before.size if before else 0, under.size)
        async with self._database.read() as connection:
            keys = "".join(await signing_keys.links(connection))
        witnessed = [one async for one in self._witnessed(end, under.size)]
        seen = tuple(one for one in witnessed if isinstance(one, WitnessedCheckpoint))
        stamps = tuple(one for one in witnessed if isinstance(one, TimestampToken))
        return LogRange(
            first,
            end,
            under.size,
            under.note,
            outside,
            before.note if before else "",
            grown,
            seen,
            keys,
            stamps,
        )

    async def edges(
        self, part: LogRange, before: list[bytes], after: list[bytes]
    ) -> RangeEdges | None:
        """The leaves just before and after a range with the proof of their place, if any."""
        if not before and not after:
            return None
        first, end = part.first - len(before), part.end + len(after)
        outside = await self._proved(lambda node: merkle.outside_heads(node, first, end, part.size))
        return RangeEdges(before, after, outside)

    async def growth(self, old: int, new: int) -> list[bytes]:
        """The consistency proof between two sizes of the tree."""
        return await self._proved(lambda node: merkle.consistency_proof(node, old, new))

    async def head(self, size: int) -> bytes:
        """The tree head of the first ``size`` entries."""
        return await self._proved(lambda node: merkle.head(node, size))

    async def inclusion(self, index: int, under: Checkpoint) -> list[bytes]:
        """The audit path of one entry."""
        return await self._proved(lambda node: merkle.inclusion_proof(node, index, under.size))

    async def _witnessed(
        self, end: int, size: int
    ) -> AsyncIterator[WitnessedCheckpoint | TimestampToken]:
        """The first checkpoint of each witness and TSA that holds ``end``, else its newest."""
        within = (log_witness.c.size > 0) & (log_witness.c.size <= size)
        async with self._database.read() as connection:
            names = await connection.execute(
                select(log_witness.c.witness).distinct().order_by(log_witness.c.witness)
            )
            rows = []
            for name in names.scalars().all():
                of_name = select(log_witness).where((log_witness.c.witness == name) & within)
                whole = of_name.where(log_witness.c.size >= end).order_by(log_witness.c.size)
                newest = of_name.order_by(desc(log_witness.c.size))
                rows.append(
                    (await connection.execute(whole.limit(1))).first()
                    or (await connection.execute(newest.limit(1))).first()
                )
        for row in rows:
            if row is not None:
                grown = await self.growth(row.size, size)
                seen = WitnessedCheckpoint(row.label, row.size, row.time, row.note, grown)
                yield seen if row.stamp is None else TimestampToken(seen, bytes(row.stamp))

    async def _before(self, first: int, under: Checkpoint) -> Checkpoint | None:
        """The last checkpoint before the range begins."""
        older = (log_checkpoint.c.size <= first) & (log_checkpoint.c.size < under.size)
        query = (
            select(log_checkpoint)
            .where(older & (log_checkpoint.c.size > 0))
            .order_by(desc(log_checkpoint.c.size), desc(log_checkpoint.c.id))
            .limit(1)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return Checkpoint(row.size, row.time, row.note) if row else None

    async def _runs_of(self, log: str, low: int, high: int) -> list[Run]:
        overlap = (log_run.c.first_seq <= high) & (log_run.c.first_seq + log_run.c.count > low)
        query = select(log_run).where((log_run.c.log == log) & overlap)
        async with self._database.read() as connection:
            return [_run(row) for row in await connection.execute(query)]

    async def _run_at(self, index: int) -> Run:
        query = select(log_run).where(log_run.c.first <= index).order_by(desc(log_run.c.first))
        async with self._database.read() as connection:
            return _run((await connection.execute(query.limit(1))).one())

    async def _proved(self, compute: Callable[[merkle.NodeAt], T]) -> T:
        """Compute twice: first to collect the tile_of tiles, then with them."""
        wanted: set[TilePosition] = set()

        def collect(level: int, index: int) -> bytes:
            wanted.add(tile_of(level, index))
            return _PLACEHOLDER

        compute(collect)
        tiles: dict[TilePosition, bytes] = {}
        async with self._database.read() as connection:
            for level, position in sorted(wanted):
                where = (log_tile.c.level == level) & (log_tile.c.position == position)
                found = (await connection.execute(select(log_tile.c.hashes).where(where))).scalar()
                tiles[level, position] = bytes(found or b"")
        return compute(lambda level, index: node_in(tiles, level, index))


def _run(row: Any) -> Run:
    return Run(row.first, row.log, row.first_seq, row.count)
