"""Entries in PostgreSQL through COPY; the tables are made by the migrations."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

import asyncpg
import msgspec

from gateway.core.system.postgres_errors import FAILURES
from gateway.evidence.postgres_leases import dead_logs, retake, take
from gateway.evidence.rows import (
    DETAIL_COLUMNS,
    ENTRY_COLUMNS,
    HEAD,
    SPENT,
    EntryBatch,
)
from gateway.evidence.store import AbandonedLog, BatchRefused, StoreFailed
from gateway.evidence.values import KEY_COLUMNS, MENTION_COLUMNS, VALUE_COLUMNS

T = TypeVar("T")
_CONNECT_S = 2.0
_STATEMENT_MS = 1000
_BATCH_S = 3.0
_REPLAY_S = 10.0
_START_S = 300.0
_MOST_LEASED = 100  # a log more for each time that the database failed
# Of one batch's content, and no sign that the database is down.
_OF_THE_BATCH = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError)
_SESSION = {
    "statement_timeout": str(_STATEMENT_MS),
    "application_name": "sluis-trail",
    # A connection that the network lost holds leases until the server notices: within half a minute.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


class PostgresStore:
    """The store of one process: one connection, which also holds the log's advisory lock."""

    def __init__(self, dsn: str, *, batch_s: float = _BATCH_S) -> None:
        """``batch_s`` is how many seconds a batch may take, connecting included."""
        self._dsn = dsn
        self._batch_s = batch_s
        self._db: asyncpg.Connection | None = None
        self._leased: list[str] = []

    async def append(self, batch: EntryBatch) -> None:
        """One transaction for the batch."""
        await self._run(lambda db: _store(db, [batch]))

    async def lease(self, log: str) -> None:
        """Holds an advisory lock for as long as the connection lives, and then on the next one."""
        self._keep_leased([log])
        await self._run(lambda db: take(db, log))

    async def dead(self, log: str, *, spools: Collection[str], now_ms: int) -> list[AbandonedLog]:
        """Those whose lock is free, except what may still come back from a spool elsewhere."""
        return await self._run(
            lambda db: dead_logs(db, log, spools=spools, now_ms=now_ms), limit_s=_START_S
        )

    async def replay(self, batches: list[EntryBatch], *, brief: bool = False) -> None:
        """One transaction for all that are not there yet."""
        logs = list(dict.fromkeys(batch.log for batch in batches))

        async def work(db: asyncpg.Connection) -> None:
            for log in logs:
                if log not in self._leased:
                    await retake(db, log, wait_s=_REPLAY_S / 2)
            self._keep_leased(logs)
            await _store(db, await _missing(db, logs, batches))

        await self._run(work, limit_s=None if brief else _REPLAY_S)

    async def spent_since(self, time_ms: int) -> dict[str, float]:
        """From the entries of all replicas."""
        ask = SPENT.format(since="$1")
        rows = await self._run(lambda db: db.fetch(ask, time_ms), limit_s=_START_S)
        return {row["team"]: float(row["micros"]) / 1_000_000 for row in rows}

    async def close(self) -> None:
        """Closes the connection, which frees the lock."""
        if self._db is not None:
            await self._db.close(timeout=_CONNECT_S)

    def _keep_leased(self, logs: list[str]) -> None:
        self._leased = list(dict.fromkeys([*self._leased, *logs]))[-_MOST_LEASED:]

    async def _run(
        self, work: Callable[[asyncpg.Connection], Awaitable[T]], *, limit_s: float | None = None
    ) -> T:
        """``limit_s`` is given for what takes longer than a batch, such as reading at the start."""
        loop = asyncio.get_running_loop()
        # Not by a cancellation, which waits for the server to answer it.
        patience = loop.call_later(limit_s or self._batch_s, self._hang_up)
        try:
            return await self._connected(work, limit_s)
        except FAILURES as error:
            self._hang_up()
            failed = BatchRefused if isinstance(error, _OF_THE_BATCH) else StoreFailed
            raise failed(type(error).__name__) from error
        except BaseException:  # what was under way must not be what the next finds
            self._hang_up()
            raise
        finally:
            patience.cancel()

    async def _connected(
        self, work: Callable[[asyncpg.Connection], Awaitable[T]], limit_s: float | None
    ) -> T:
        if self._db is None or self._db.is_closed():
            await self._connect()
        db = self._db
        if db is None:  # patience ended meanwhile
            raise TimeoutError
        if limit_s is None:
            return await work(db)
        await db.execute(f"SET statement_timeout = {int(limit_s * 1000)}")
        done = await work(db)
        await db.execute(f"SET statement_timeout = {_STATEMENT_MS}")
        return done

    def _hang_up(self) -> None:
        """Whoever uses the connection gets an error at once."""
        db, self._db = self._db, None
        if db is not None:
            db.terminate()

    async def _connect(self) -> None:
        timeout = min(_CONNECT_S, self._batch_s * 2 / 3)  # patience ends only what is connected
        self._db = db = await asyncpg.connect(self._dsn, timeout=timeout, server_settings=_SESSION)
        # What is under way in logs of before the connection was lost is not a dead process's.
        for log in self._leased:
            await retake(db, log, wait_s=self._batch_s)


async def _store(db: asyncpg.Connection, batches: list[EntryBatch]) -> None:
    """One transaction. When it fails the connection is given up, which needs no word to the server."""
    await db.execute("BEGIN")
    try:
        for batch in batches:
            await _insert(db, batch)
    except asyncpg.CharacterNotInRepertoireError:  # NUL: what else is text here was valid UTF-8
        await db.execute("ROLLBACK; BEGIN")
        for batch in batches:
            await _insert(db, _without_nul(batch))
    await db.execute("COMMIT")


async def _insert(db: asyncpg.Connection, batch: EntryBatch) -> None:
    await db.copy_records_to_table("audit_entry", records=batch.entries(), columns=ENTRY_COLUMNS)
    await db.copy_records_to_table("audit_detail", records=batch.details(), columns=DETAIL_COLUMNS)
    if batch.subject_keys:
        await db.executemany(
            "INSERT INTO subject_key (log, subject, wrapped) VALUES ($1, $2, $3) "
            "ON CONFLICT DO NOTHING",
            batch.keys(),
        )
    for table, columns, rows in (
        ("vault_value", VALUE_COLUMNS, batch.vault_values()),
        ("value_key", KEY_COLUMNS, batch.value_keys()),
        ("mention", MENTION_COLUMNS, batch.mentioned()),
    ):
        if rows:
            await db.copy_records_to_table(table, records=rows, columns=columns)


def _without_nul(batch: EntryBatch) -> EntryBatch:
    """PostgreSQL has no text with a NUL. What an entry is found by is no evidence; the rest stays."""
    sealed = [
        msgspec.structs.replace(
            one,
            found_by=tuple(
                value.replace("\0", "") if isinstance(value, str) else value
                for value in one.found_by
            ),
        )
        for one in batch.sealed
    ]
    return msgspec.structs.replace(batch, sealed=sealed)


async def _missing(
    db: asyncpg.Connection, logs: list[str], batches: list[EntryBatch]
) -> list[EntryBatch]:
    """What the database does not hold yet, one batch for each log: batches were written whole.

    Raises:
        StoreFailed: when it holds another entry in the place of one of these.
    """
    missing = []
    for log in logs:
        head = await db.fetchrow(HEAD.format(log="$1"), log)
        seq, digest = (head["seq"], head["hash"]) if head else (-1, "")
        parts = [batch for batch in batches if batch.log == log]
        if any(one.seq == seq and one.hash != digest for part in parts for one in part.sealed):
            raise StoreFailed(f"log {log}: entry {seq} is another one")
        fresh = [part for part in parts if part.sealed[-1].seq > seq]
        missing.append(
            EntryBatch(
                log,
                [one for part in fresh for one in part.sealed],
                [one for part in fresh for one in part.subject_keys],
                [one for part in fresh for one in part.values],
                [one for part in fresh for one in part.mentions],
            )
        )
    return [batch for batch in missing if batch.sealed]
