"""The files of a spool: those of the ledger (docs/adr/0007), under the name of one process.

``<name>.lock`` is locked while the process lives that ``name`` belongs to; ``<name>.N.ledger`` hold its
entries. All of this blocks: call it from a thread.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from gateway.core.system.fsync import sync_folder
from gateway.evidence.ledger import Ledger, files_of, number_of, read
from gateway.evidence.rows import EntryBatch

_ENTRIES_A_READ = 500


class SpoolReader:
    """Reads the files of one spool in order, from where it stopped the last time."""

    def __init__(self, files: Path, *, ended: bool) -> None:
        """``ended`` says that nobody writes to the last file any more."""
        self._files = files
        self._ended = ended
        self._place = self._behind = (0, 0)  # a file's number, and an offset

    def some(self) -> list[EntryBatch]:
        """The next batches; the same ones again until they are ``taken``. Empty at the end.

        Raises:
            LedgerDamaged: when a file was changed in the middle.
            OSError: when a file cannot be read.
        """
        number, offset = self._behind = self._place
        there = [file for file in files_of(self._files) if number_of(file) >= number]
        for file in there:
            start = offset if number_of(file) == number else 0
            batches: list[EntryBatch] = []
            count = 0
            for batch, behind in read(file, start, ended=self._ended or file is not there[-1]):
                batches.append(batch)
                count += len(batch.sealed)
                self._behind = (number_of(file), behind)
                if count >= _ENTRIES_A_READ:
                    break
            if batches:
                return batches
        return []

    def taken(self) -> None:
        """Goes on behind the batches that were given last."""
        self._place = self._behind


class SpoolFiles:
    """The spool of one process on its disk. Methods raise OSError when the disk fails."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._files = folder / f"{name}.db"  # what the files are named after; there is no such file
        self._lock: int | None = None
        self._ledger: Ledger | None = None
        self._last_number = 0
        self.reader = SpoolReader(self._files, ended=False)

    @classmethod
    def of_dead_processes(cls, folder: Path) -> list["SpoolFiles"]:
        """The spools in a folder whose processes are gone; they are locked for us now."""
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
        """What other processes know the spool by."""
        return self._name

    def claim(self) -> None:
        """Makes the folder and the lock; the lock is taken before anybody can see it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._folder / f"{self._name}.new"
        lock = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.rename(self._lock_file)
        sync_folder(self._folder)
        sync_folder(self._folder.parent)
        self._lock = lock

    def append(self, data: bytes) -> None:
        """Returns when a frame is on disk."""
        if self._ledger is None:
            numbers = [number_of(file) for file in files_of(self._files)]
            self._ledger = Ledger(self._files, first=max([self._last_number, *numbers]) + 1)
        self._ledger.append(data)

    def empty(self) -> None:
        """Deletes what was read to its end; what cannot be deleted is not read again."""
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None
        for file in files_of(self._files):
            self._last_number = max(self._last_number, number_of(file))
            with suppress(OSError):
                file.unlink()
        sync_folder(self._folder)

    def leave(self) -> None:
        """Lets go of everything; nothing is left of a spool without entries."""
        if self._ledger is not None:
            self._ledger.close()
        if self._lock is None:
            return
        if not files_of(self._files):
            self._lock_file.unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = None

    @property
    def _lock_file(self) -> Path:
        return self._folder / f"{self._name}.lock"
