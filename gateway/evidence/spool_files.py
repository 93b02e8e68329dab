"""The files of a spool: ledger files (docs/adr/0007) under the name of one process.

``<name>.lock`` is locked while the process of that name lives; ``<name>.N.ledger`` hold its
entries. All functions block: call them from a thread.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from gateway.core.system.fsync import sync_folder
from gateway.evidence.ledger import Ledger, ledger_files, ledger_number, read
from gateway.evidence.rows import EntryBatch

_ENTRIES_PER_READ = 500


class SpoolReader:
    """Reads the files of one spool in order, from where it last stopped."""

    def __init__(self, files: Path, *, ended: bool) -> None:
        """``ended`` says that the last file has no writer any more."""
        self._files = files
        self._ended = ended
        self._position = self._next_position = (0, 0)  # a file's number, and an offset

    def next_batches(self) -> list[EntryBatch]:
        """Returns the next batches; the same ones again until ``advance``. Empty at the end.

        Raises:
            LedgerDamaged: when a file was changed in the middle.
            OSError: when a file cannot be read.
        """
        number, offset = self._next_position = self._position
        files = [file for file in ledger_files(self._files) if ledger_number(file) >= number]
        for file in files:
            start = offset if ledger_number(file) == number else 0
            batches: list[EntryBatch] = []
            count = 0
            for batch, next_offset in read(file, start, ended=self._ended or file is not files[-1]):
                batches.append(batch)
                count += len(batch.sealed)
                self._next_position = (ledger_number(file), next_offset)
                if count >= _ENTRIES_PER_READ:
                    break
            if batches:
                return batches
        return []

    def advance(self) -> None:
        """Moves past the batches that were returned last."""
        self._position = self._next_position


class SpoolFiles:
    """The spool of one process on its disk. Methods raise OSError when the disk fails."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._files = folder / f"{name}.db"  # the base of the files' names; no such file exists
        self._lock: int | None = None
        self._ledger: Ledger | None = None
        self._last_number = 0
        self.reader = SpoolReader(self._files, ended=False)

    @classmethod
    def of_dead_processes(cls, folder: Path) -> list["SpoolFiles"]:
        """Returns the spools in a folder whose processes are dead, locked by this process."""
        found = []
        for path in sorted(folder.glob("*.lock")):
            lock = os.open(path, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # its process lives
                os.close(lock)
                continue
            spool = cls(folder, path.stem)
            spool._lock = lock
            spool.reader = SpoolReader(spool._files, ended=True)
            found.append(spool)
        return found

    @property
    def name(self) -> str:
        """The spool's name for other processes."""
        return self._name

    def claim(self) -> None:
        """Creates the folder and the lock file, which is locked before it becomes visible."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._folder / f"{self._name}.new"
        lock = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.rename(self._lock_file)
        sync_folder(self._folder)
        sync_folder(self._folder.parent)
        self._lock = lock

    def append(self, data: bytes) -> None:
        """Appends a frame; it is durable when this returns."""
        if self._ledger is None:
            numbers = [ledger_number(file) for file in ledger_files(self._files)]
            self._ledger = Ledger(self._files, first=max([self._last_number, *numbers]) + 1)
        self._ledger.append(data)

    def delete_files(self) -> None:
        """Deletes the files that were read to their end; one that remains is not read again."""
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None
        for file in ledger_files(self._files):
            self._last_number = max(self._last_number, ledger_number(file))
            with suppress(OSError):
                file.unlink()
        sync_folder(self._folder)

    def release(self) -> None:
        """Closes files and lock; deletes the lock file of a spool without entries."""
        if self._ledger is not None:
            self._ledger.close()
        if self._lock is None:
            return
        if not ledger_files(self._files):
            self._lock_file.unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = None

    @property
    def _lock_file(self) -> Path:
        return self._folder / f"{self._name}.lock"
