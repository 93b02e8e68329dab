"""Back up an embedded installation while its processes run.

The order makes the copy whole. The signed tree is in ``governance.db``, so that is copied first:
entries that the tree names are in what is copied later. Ledgers come before the databases that
import them: an entry that moves meanwhile is in both, and is imported once.
"""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from gateway.core.errors import ConfigError
from gateway.core.system.fsync import sync_folder
from gateway.processes.settings import Settings

_GOVERNANCE = "governance.db"
_ENTRIES = "audit-*.db"
_LEDGERS = "audit-*.ledger"
_HEAD = "signed-head"  # of now: beside an older database it shows what that lacks


def back_up(settings: Settings, target: Path, secrets: Path | None) -> dict[str, Any]:
    """Copy the databases and ledgers to a new directory, and the secrets to another one.

    Returns:
        The directories, and the number of files and bytes in the first one.

    Raises:
        ConfigError: when this installation has no such files, or a directory is not empty.
        OSError: when a file cannot be read or written.
    """
    if not settings.embedded:
        raise ConfigError("The database is PostgreSQL: back it up with pg_dump.")
    if not (settings.data_dir / _GOVERNANCE).exists():
        raise ConfigError(f"There is no {_GOVERNANCE} in {settings.data_dir}.")
    _make_empty(target)
    try:
        _copy_database(settings.data_dir / _GOVERNANCE, target)
        for ledger in sorted(settings.data_dir.glob(_LEDGERS)):
            with suppress(FileNotFoundError):  # it was imported meanwhile
                _copy_file(ledger, target)
        for entries in sorted(settings.data_dir.glob(_ENTRIES)):
            _copy_database(entries, target)
    except sqlite3.Error as error:
        raise OSError(f"a database cannot be copied: {error}") from error
    sync_folder(target)
    sizes = [file.stat().st_size for file in target.iterdir()]
    written = {"written": str(target), "files": len(sizes), "bytes": sum(sizes)}
    if secrets is None:
        return written
    _copy_secrets(settings.secrets_dir, secrets)
    return {**written, "secrets": str(secrets)}


def _make_empty(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(directory.iterdir()):
        raise ConfigError(f"{directory} is not empty: give each backup a new directory.")


def _copy_database(file: Path, target: Path) -> None:
    """Copy one moment of a database that others write meanwhile."""
    copied = target / file.name
    with (
        closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copied)) as copy,
    ):
        source.backup(copy)
    copied.chmod(0o600)
    _sync(copied)


def _copy_secrets(directory: Path, target: Path) -> None:
    _make_empty(target)
    for file in sorted(directory.iterdir()):
        if file.is_file() and not file.name.startswith(_HEAD):
            _copy_file(file, target)
    sync_folder(target)


def _copy_file(file: Path, target: Path) -> None:
    _sync(Path(shutil.copy2(file, target)))


def _sync(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
