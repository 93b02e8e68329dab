"""An entry store in PostgreSQL, by COPY. Migrations create the tables."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

import asyncpg
import msgspec

from gateway.core.system.postgres_errors import FAILURES
from gateway.core.usage import Spending
from gateway.evidence.postgres_leases import abandoned_logs_of, acquire, reacquire
from gateway.evidence.rows import (
    DETAIL_COLUMNS,
    ENTRY_COLUMNS,
    HEAD,
    RECORD_KEK,
    SPENT,
    STORED_KEK,
    EntryBatch,
    spending_of,
)
from gateway.evidence.store import AbandonedLog, BatchRefused, StoreFailed
from gateway.evidence.stored_answers import ANSWER_COLUMNS
from gateway.evidence.values import KEY_COLUMNS, MENTION_COLUMNS, VALUE_COLUMNS

T = TypeVar("T")
_CONNECT_TIMEOUT_S = 2.0
_STATEMENT_MS = 1000
_BATCH_TIMEOUT_S = 1.3  # with what waited for it, a refusal within two seconds
_REPLAY_TIMEOUT_S = 10.0
_OPEN_TIMEOUT_S = 10.0  # no request waits yet, so a busy database may take its time
_START_TIMEOUT_S = 300.0
_MAX_LEASED = 100  # each failure of the database adds a log
# Errors of one batch's content: they do not mean that the database is down.
_BATCH_ERRORS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError)
_INSERT_NONE = "INSERT INTO audit_entry (log, seq) SELECT '', 0 WHERE false"
_SESSION = {
    "statement_timeout": str(_STATEMENT_MS),
    "application_name": "sluis-trail",
    # A lost connection holds its leases until the server notices it, within half a minute.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


class PostgresStore:
    """The store of one process: one connection, which also holds the log's advisory lock."""

    def __init__(self, dsn: str, *, batch_s: float = _BATCH_TIMEOUT_S) -> None:
        """``batch_s`` is the time limit of a batch in seconds, including the connection."""
        self._dsn = dsn
        self._batch_s = batch_s
        self._db: asyncpg.Connection | None = None
        self._leased: list[str] = []

    async def append(self, batch: EntryBatch) -> None:
        """Writes the batch in one transaction."""
        await self._run(lambda db: _store(db, [batch]))

    async def check(self) -> None:
        """Inserts no row: that fails without a connection, right or writable database."""
        await self._run(lambda db: db.execute(_INSERT_NONE))

    async def record_kek(self, sealed: bytes) -> bytes:
        """Stores the check value, unless another process has."""

        async def work(db: asyncpg.Connection) -> bytes:
            await db.execute(RECORD_KEK.format(sealed="$1"), sealed)
            return bytes(await db.fetchval(STORED_KEK))

        return await self._run(work, limit_s=_OPEN_TIMEOUT_S)

    async def lease(self, log: str) -> None:
        """Holds an advisory lock on this connection, and later on the next ones."""
        self._remember_leased([log])
        await self._run(lambda db: acquire(db, log), limit_s=_OPEN_TIMEOUT_S)

    async def abandoned_logs(
        self, log: str, *, spools: Collection[str], now_ms: int
    ) -> list[AbandonedLog]:
        """Returns the logs whose lock is free, except those that may be replayed from a spool."""
        return await self._run(
            lambda db: abandoned_logs_of(db, log, spools=spools, now_ms=now_ms),
            limit_s=_START_TIMEOUT_S,
        )

    async def replay(self, batches: list[EntryBatch], *, brief: bool = False) -> None:
        """Writes all batches that are not stored yet in one transaction."""
        logs = list(dict.fromkeys(batch.log for batch in batches))

        async def work(db: asyncpg.Connection) -> None:
            for log in logs:
                if log not in self._leased:
                    await reacquire(db, log, wait_s=_REPLAY_TIMEOUT_S / 2)
            self._remember_leased(logs)
            await _store(db, await _missing(db, logs, batches))

        await self._run(work, limit_s=None if brief else _REPLAY_TIMEOUT_S)

    async def spent_since(self, time_ms: int) -> list[Spending]:
        """Returns the spending in the entries of all replicas."""
        rows = await self._run(lambda db: db.fetch(SPENT, time_ms), limit_s=_START_TIMEOUT_S)
        return [spending_of(*row) for row in rows]

    async def close(self) -> None:
        """Closes the connection, which releases the locks."""
        if self._db is not None:
            await self._db.close(timeout=_CONNECT_TIMEOUT_S)

    def _remember_leased(self, logs: list[str]) -> None:
        self._leased = list(dict.fromkeys([*self._leased, *logs]))[-_MAX_LEASED:]

    async def _run(
        self, work: Callable[[asyncpg.Connection], Awaitable[T]], *, limit_s: float | None = None
    ) -> T:
        """``limit_s`` is for work that takes longer than a batch, such as the queries at start."""
        loop = asyncio.get_running_loop()
        # Not a cancellation, which would wait for the server's answer.
        timer = loop.call_later(limit_s or self._batch_s, self._terminate)
        try:
            return await self._run_connected(work, limit_s)
        except FAILURES as error:
            self._terminate()
            error_class = BatchRefused if isinstance(error, _BATCH_ERRORS) else StoreFailed
            raise error_class(type(error).__name__) from error
        except BaseException:  # the next caller must not find a connection with open work
            self._terminate()
            raise
        finally:
            timer.cancel()

    async def _run_connected(
        self, work: Callable[[asyncpg.Connection], Awaitable[T]], limit_s: float | None
    ) -> T:
        if self._db is None or self._db.is_closed():
            await self._connect(limit_s or self._batch_s)
        db = self._db
        if db is None:  # the timer has expired meanwhile
            raise TimeoutError
        if limit_s is None:
            return await work(db)
        await db.execute(f"SET statement_timeout = {int(limit_s * 1000)}")
        result = await work(db)
        await db.execute(f"SET statement_timeout = {_STATEMENT_MS}")
        return result

    def _terminate(self) -> None:
        """Ends the connection; its users get an error at once."""
        db, self._db = self._db, None
        if db is not None:
            db.terminate()

    async def _connect(self, limit_s: float) -> None:
        # The timer of ``_run`` can end only a connection that exists.
        timeout = min(_CONNECT_TIMEOUT_S, limit_s * 2 / 3)
        self._db = db = await asyncpg.connect(self._dsn, timeout=timeout, server_settings=_SESSION)
        # Logs from before the connection was lost are still those of a living process.
        for log in self._leased:
            await reacquire(db, log, wait_s=self._batch_s)


async def _store(db: asyncpg.Connection, batches: list[EntryBatch]) -> None:
    """Writes batches in one transaction. After a failure the caller ends the connection."""
    await db.execute("BEGIN")
    try:
        for batch in batches:
            await _insert(db, batch)
    except asyncpg.CharacterNotInRepertoireError:  # NUL: all other text here is valid UTF-8
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
        ("mention", MENTION_COLUMNS, batch.mention_rows()),
        ("stored_answer", ANSWER_COLUMNS, batch.answer_rows()),
    ):
        if rows:
            await db.copy_records_to_table(table, records=rows, columns=columns)


def _without_nul(batch: EntryBatch) -> EntryBatch:
    """Removes NUL, which PostgreSQL cannot store, from searched values; they are not evidence."""
    sealed = [
        msgspec.structs.replace(
            one,
            search_values=tuple(
                value.replace("\0", "") if isinstance(value, str) else value
                for value in one.search_values
            ),
        )
        for one in batch.sealed
    ]
    return msgspec.structs.replace(batch, sealed=sealed)


async def _missing(
    db: asyncpg.Connection, logs: list[str], batches: list[EntryBatch]
) -> list[EntryBatch]:
    """Returns the entries that are not stored yet, one batch per log: batches are written whole.

    Raises:
        StoreFailed: when another entry is stored under a number of these.
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
                [one for part in fresh for one in part.answers],
            )
        )
    return [batch for batch in missing if batch.sealed]
