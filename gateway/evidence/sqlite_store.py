"""Entries in a SQLite file of its own: WAL, synchronous FULL, one writer."""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from gateway.evidence.entry import Sealed, values_of
from gateway.evidence.payload import SubjectKey
from gateway.evidence.rows import (
    DETAIL_COLUMNS,
    ENTRY_COLUMNS,
    ORPHANS,
    SPENT,
    UNCLOSED,
    detail_rows,
    entry_rows,
    schema,
)
from gateway.evidence.trail import Orphan, StoreFailed

T = TypeVar("T")
_BUSY_S = 2.0
_INSERT_ENTRY = (
    f"INSERT INTO audit_entry ({', '.join(ENTRY_COLUMNS)}) "
    f"VALUES ({', '.join('?' * len(ENTRY_COLUMNS))})"
)
_INSERT_DETAIL = (
    f"INSERT INTO audit_detail ({', '.join(DETAIL_COLUMNS)}) "
    f"VALUES ({', '.join('?' * len(DETAIL_COLUMNS))})"
)
_INSERT_KEY = "INSERT OR IGNORE INTO subject_key (log, subject, wrapped) VALUES (?, ?, ?)"


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose commits survive a power cut; tables exist afterwards."""
    db = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA wal_autocheckpoint=8000")  # entries are written once: fewer checkpoints
    for statement in schema("BLOB"):
        db.execute(statement)
    return db


class SqliteStore:
    """The store of one process. A lock beside the file shows that its writer lives."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trail")
        self._db: sqlite3.Connection | None = None
        self._lock: int | None = None

    async def append(
        self, log: str, entries: Sequence[Sealed], subject_keys: Sequence[SubjectKey]
    ) -> None:
        """One transaction for the batch."""
        keys = [(log, key.subject, key.wrapped) for key in subject_keys]
        await self._run(lambda db: _append(db, log, entries, keys))

    async def lease(self, log: str) -> None:
        """Takes the file's lock, which ends with the process."""
        del log
        if self._lock is None:
            self._lock = await asyncio.to_thread(self._take_lock)

    async def orphans(self, log: str) -> list[Orphan]:
        """All other logs of this file belong to dead processes: the lock is ours."""
        return await self._run(lambda db: _orphans(db, log))

    async def spent_since(self, time_ms: int) -> dict[str, float]:
        """From this process's own file."""
        rows = await self._run(
            lambda db: db.execute(SPENT.format(since="?"), (time_ms,)).fetchall()
        )
        return {team: micros / 1_000_000 for team, micros in rows}

    async def close(self) -> None:
        """Closes the file and gives the lock back."""
        if self._db is not None:
            await self._run(lambda db: db.close())
        self._thread.shutdown()
        if self._lock is not None:
            os.close(self._lock)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def call() -> T:
            try:
                if self._db is None:
                    self._db = connect(self._path)
                return work(self._db)
            except (sqlite3.Error, OSError) as error:
                raise StoreFailed(type(error).__name__) from error

        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _take_lock(self) -> int:
        handle = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise StoreFailed(f"{self._path} has another writer") from error
        return handle


def _append(
    db: sqlite3.Connection,
    log: str,
    entries: Sequence[Sealed],
    keys: Sequence[tuple[str, str, bytes]],
) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        db.executemany(_INSERT_ENTRY, entry_rows(log, entries))
        db.executemany(_INSERT_DETAIL, detail_rows(log, entries))
        if keys:
            db.executemany(_INSERT_KEY, keys)
        db.execute("COMMIT")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _orphans(db: sqlite3.Connection, own: str) -> list[Orphan]:
    logs = [log for (log,) in db.execute(UNCLOSED.format(own="?"), (own,))]
    found = []
    for log in logs:
        for request, of_log, disclosure in db.execute(ORPHANS.format(log="?"), (log,)):
            found.append(Orphan(request, of_log, values_of(disclosure)))
    return found
