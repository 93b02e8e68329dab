"""Imports the entries of ledgers into the tables that are searched and exported.

Any process may do it at any time, several at once. A transaction writes batches and the position
after them; when another process has moved the position, the import continues from there.
"""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from gateway.evidence.ledger import LedgerDamaged, ledger_files, ledger_number, read
from gateway.evidence.rows import DETAIL_COLUMNS, ENTRY_COLUMNS, EntryBatch, schema
from gateway.evidence.stored_answers import ANSWER_COLUMNS
from gateway.evidence.values import KEY_COLUMNS, MENTION_COLUMNS, VALUE_COLUMNS

_BUSY_TIMEOUT_S = 5.0
_ENTRIES_PER_TRANSACTION = 2000
_POSITION_TABLE = (
    "CREATE TABLE IF NOT EXISTS ledger_place (one INTEGER PRIMARY KEY, file BIGINT, bytes BIGINT)"
)
_INSERT_KEY = "INSERT OR IGNORE INTO subject_key (log, subject, wrapped) VALUES (?, ?, ?)"
Position = tuple[int, int]


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def connect(tables: Path) -> sqlite3.Connection:
    """Returns a connection whose commits survive a power cut; creates missing tables."""
    db = sqlite3.connect(
        tables, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    for statement in (*schema("BLOB"), _POSITION_TABLE):
        db.execute(statement)
    return db


def prepare(tables: Path) -> None:
    """Creates the tables that the file's last writer, an older version, may not have had."""
    connect(tables).close()


def import_ledgers(tables: Path) -> None:
    """Imports the ledgers of a database file of the trail; deletes those that are complete.

    Raises:
        LedgerDamaged: when a ledger was changed in the middle; nothing after that is imported.
        OSError: when a file or the database cannot be read or written; a retry may succeed.
    """
    ledgers = ledger_files(tables)
    if not ledgers:
        return
    try:
        with closing(connect(tables)) as db:
            for file in ledgers:
                ended = file is not ledgers[-1]
                _import_file(db, file, ended=ended)
                if ended:
                    file.unlink(missing_ok=True)
    except sqlite3.Error as error:
        raise OSError(f"{tables.name}: {error}") from error


def overwrite_imported(tables: Path) -> None:
    """Writes zeros over the imported part of a ledger, so that erased keys do not remain in it.

    Raises:
        OSError: when a file cannot be written; a retry may succeed.
    """
    with closing(connect(tables)) as db:
        number, size = _position(db)
    for file in ledger_files(tables):
        if ledger_number(file) == number and size:
            with suppress(FileNotFoundError), file.open("r+b") as ledger:
                ledger.write(bytes(min(size, file.stat().st_size)))
                ledger.flush()
                os.fsync(ledger.fileno())


def _import_file(db: sqlite3.Connection, file: Path, *, ended: bool) -> None:
    number = ledger_number(file)
    while True:
        position = _position(db)
        if position[0] > number:
            return
        start = position[1] if position[0] == number else 0
        try:
            batches, end = _read_batches(file, start, ended=ended)
        except LedgerDamaged:
            if _position(db) == position:
                raise
            continue  # another process has imported and overwritten it meanwhile
        if not batches:
            return
        _write(db, batches, before=position, after=(number, end))


def _read_batches(file: Path, start: int, *, ended: bool) -> tuple[list[EntryBatch], int]:
    batches: list[EntryBatch] = []
    count, end = 0, start
    for batch, next_offset in read(file, start, ended=ended):
        batches.append(batch)
        count, end = count + len(batch.sealed), next_offset
        if count >= _ENTRIES_PER_TRANSACTION:
            break
    return batches, end


def _write(
    db: sqlite3.Connection, batches: Iterable[EntryBatch], *, before: Position, after: Position
) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if _position(db) == before:
            for batch in batches:
                db.executemany(_insert("audit_entry", ENTRY_COLUMNS), batch.entries())
                db.executemany(_insert("audit_detail", DETAIL_COLUMNS), batch.details())
                db.executemany(_INSERT_KEY, batch.keys())
                db.executemany(_insert("vault_value", VALUE_COLUMNS), batch.vault_values())
                db.executemany(_insert("value_key", KEY_COLUMNS), batch.value_keys())
                db.executemany(_insert("mention", MENTION_COLUMNS), batch.mention_rows())
                db.executemany(_insert("stored_answer", ANSWER_COLUMNS), batch.answer_rows())
            db.execute("INSERT OR REPLACE INTO ledger_place VALUES (1, ?, ?)", after)
        db.execute("COMMIT")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _position(db: sqlite3.Connection) -> Position:
    row = db.execute("SELECT file, bytes FROM ledger_place WHERE one = 1").fetchone()
    return (row[0], row[1]) if row else (0, 0)
