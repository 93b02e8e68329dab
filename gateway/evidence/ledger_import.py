"""Moves what lies in ledgers into the tables that are searched and exported.

Any process may do it at any moment, several at once: each batch and the place behind it are written
in one transaction, and a transaction that finds the place moved starts again from there.
"""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from gateway.evidence.ledger import LedgerDamaged, files_of, number_of, read
from gateway.evidence.rows import DETAIL_COLUMNS, ENTRY_COLUMNS, EntryBatch, schema
from gateway.evidence.values import KEY_COLUMNS, MENTION_COLUMNS, VALUE_COLUMNS

_BUSY_S = 5.0
_ENTRIES_A_TRANSACTION = 2000
_PLACE = (
    "CREATE TABLE IF NOT EXISTS ledger_place (one INTEGER PRIMARY KEY, file BIGINT, bytes BIGINT)"
)
_INSERT_KEY = "INSERT OR IGNORE INTO subject_key (log, subject, wrapped) VALUES (?, ?, ?)"
Place = tuple[int, int]


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def connect(tables: Path) -> sqlite3.Connection:
    """A connection whose commits survive a power cut; the tables exist afterwards."""
    db = sqlite3.connect(tables, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    for statement in (*schema("BLOB"), _PLACE):
        db.execute(statement)
    return db


def prepare(tables: Path) -> None:
    """Makes the tables that this version has and the file's last writer may not have had."""
    connect(tables).close()


def import_ledgers(tables: Path) -> None:
    """Brings a database file of the trail up to its ledgers; deletes those that are done.

    Raises:
        LedgerDamaged: when a ledger was changed in the middle; nothing behind that is taken.
        OSError: when a file or the database cannot be read or written; it may be tried again.
    """
    ledgers = files_of(tables)
    if not ledgers:
        return
    try:
        with closing(connect(tables)) as db:
            for file in ledgers:
                ended = file is not ledgers[-1]
                _take_file(db, file, ended=ended)
                if ended:
                    file.unlink(missing_ok=True)
    except sqlite3.Error as error:
        raise OSError(f"{tables.name}: {error}") from error


def overwrite_taken(tables: Path) -> None:
    """Writes zeros over what was taken over but still lies in a ledger: keys may be erased now.

    Raises:
        OSError: when a file cannot be written; it may be tried again.
    """
    with closing(connect(tables)) as db:
        number, size = _place(db)
    for file in files_of(tables):
        if number_of(file) == number and size:
            with suppress(FileNotFoundError), file.open("r+b") as ledger:
                ledger.write(bytes(min(size, file.stat().st_size)))
                ledger.flush()
                os.fsync(ledger.fileno())


def _take_file(db: sqlite3.Connection, file: Path, *, ended: bool) -> None:
    number = number_of(file)
    while True:
        place = _place(db)
        if place[0] > number:
            return
        start = place[1] if place[0] == number else 0
        try:
            batches, end = _some(file, start, ended=ended)
        except LedgerDamaged:
            if _place(db) == place:
                raise
            continue  # taken over and overwritten by another process meanwhile
        if not batches:
            return
        _write(db, batches, before=place, after=(number, end))


def _some(file: Path, start: int, *, ended: bool) -> tuple[list[EntryBatch], int]:
    batches: list[EntryBatch] = []
    count, end = 0, start
    for batch, behind in read(file, start, ended=ended):
        batches.append(batch)
        count, end = count + len(batch.sealed), behind
        if count >= _ENTRIES_A_TRANSACTION:
            break
    return batches, end


def _write(
    db: sqlite3.Connection, batches: Iterable[EntryBatch], *, before: Place, after: Place
) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if _place(db) == before:
            for batch in batches:
                db.executemany(_insert("audit_entry", ENTRY_COLUMNS), batch.entries())
                db.executemany(_insert("audit_detail", DETAIL_COLUMNS), batch.details())
                db.executemany(_INSERT_KEY, batch.keys())
                db.executemany(_insert("vault_value", VALUE_COLUMNS), batch.vault_values())
                db.executemany(_insert("value_key", KEY_COLUMNS), batch.value_keys())
                db.executemany(_insert("mention", MENTION_COLUMNS), batch.mentioned())
            db.execute("INSERT OR REPLACE INTO ledger_place VALUES (1, ?, ?)", after)
        db.execute("COMMIT")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _place(db: sqlite3.Connection) -> Place:
    row = db.execute("SELECT file, bytes FROM ledger_place WHERE one = 1").fetchone()
    return (row[0], row[1]) if row else (0, 0)
