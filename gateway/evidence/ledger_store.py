"""An entry store in a ledger next to a SQLite file, for one process."""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from gateway.core.system.serial_executor import SerialExecutor
from gateway.core.usage import Spending
from gateway.evidence.ledger import Ledger, LedgerDamaged, encode_frame, ledger_files, ledger_number
from gateway.evidence.ledger_import import connect, import_ledgers
from gateway.evidence.rows import (
    ORPHANS,
    RECORD_KEK,
    SPENT_IN_FILE,
    STORED_KEK,
    UNCLOSED,
    EntryBatch,
    spending_of,
)
from gateway.evidence.store import AbandonedLog, StoreFailed, orphans_of

T = TypeVar("T")


class LedgerStore:
    """The store of one process. A lock file shows that the writer is alive."""

    def __init__(self, tables: Path) -> None:
        """``tables`` is the SQLite file that imports the entries."""
        self._tables = tables
        self._thread = SerialExecutor("trail")
        self._ledger: Ledger | None = None
        self._lock: int | None = None

    async def append(self, batch: EntryBatch) -> None:
        """Appends the batch as one frame."""
        data = encode_frame(batch)
        await self._run(lambda: self._open_ledger().append(data))

    async def check(self) -> None:
        """Asks whether the disk has room."""
        await self._run(lambda: _check_room(self._tables.parent))

    async def record_kek(self, sealed: bytes) -> bytes:
        """Stores the check value in the database file, unless it has one."""
        return await self._run(lambda: _record_kek(self._tables, sealed))

    async def lease(self, log: str) -> None:
        """Takes the file's lock, which ends with the process."""
        del log
        if self._lock is None:
            self._lock = await self._run(lambda: _take_lock(self._tables))

    async def abandoned_logs(
        self, log: str, *, spools: Collection[str], now_ms: int
    ) -> list[AbandonedLog]:
        """Returns all other open logs: this process has the lock, so their processes are dead."""
        del spools, now_ms  # all their entries are in this file
        return await self._run(lambda: _query(self._tables, lambda db: _abandoned_logs(db, log)))

    async def spent_since(self, time_ms: int) -> list[Spending]:
        """Returns the spending in this process's own file."""
        rows = await self._run(
            lambda: _query(
                self._tables,
                lambda db: db.execute(SPENT_IN_FILE, (time_ms,)).fetchall(),
            )
        )
        return [spending_of(*row) for row in rows]

    async def close(self) -> None:
        """Closes the ledger and releases the lock."""
        if self._ledger is not None:
            await self._run(self._ledger.close)
        self._thread.close()
        if self._lock is not None:
            os.close(self._lock)

    def _open_ledger(self) -> Ledger:
        if self._ledger is None:
            numbers = [ledger_number(file) for file in ledger_files(self._tables)]
            with closing(connect(self._tables)) as db:
                (imported,) = db.execute(
                    "SELECT coalesce(max(file), 0) FROM ledger_place"
                ).fetchone()
            self._ledger = Ledger(self._tables, first=max([imported, *numbers]) + 1)
        return self._ledger

    async def _run(self, work: Callable[[], T]) -> T:
        def call() -> T:
            try:
                return work()
            except (sqlite3.Error, OSError, LedgerDamaged) as error:
                raise StoreFailed(f"{type(error).__name__}: {error}") from error

        return await self._thread.run(call)


def _query(tables: Path, query: Callable[[sqlite3.Connection], T]) -> T:
    import_ledgers(tables)
    with closing(connect(tables)) as db:
        return query(db)


def _check_room(folder: Path) -> None:
    if os.statvfs(folder).f_bavail == 0:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _record_kek(tables: Path, sealed: bytes) -> bytes:
    with closing(connect(tables)) as db:
        db.execute(RECORD_KEK.format(sealed="?"), (sealed,))
        (stored,) = db.execute(STORED_KEK).fetchone()
        return bytes(stored)


def _take_lock(tables: Path) -> int:
    handle = os.open(f"{tables}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _abandoned_logs(db: sqlite3.Connection, own: str) -> list[AbandonedLog]:
    logs = [log for (log,) in db.execute(UNCLOSED.format(own="?"), (own,))]
    return [
        AbandonedLog(
            log,
            orphans_of(
                (request, disclosure)
                for request, _, disclosure in db.execute(ORPHANS.format(log="?"), (log,))
            ),
        )
        for log in logs
    ]
