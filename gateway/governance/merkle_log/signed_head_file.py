"""The newest signed head in a file outside the database.

Without it, whoever writes the database can delete the tree with the entries under it, and the log
would begin again. The file holds one signed note (C2SP tlog-checkpoint).
"""

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gateway.core.system.fsync import sync_folder
from gateway.evidence.checkpoint import parse_checkpoint, parse_notes


class SignedHeadFile:
    """One file, which control planes of an installation share."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> str | None:
        """The note, or None when there is none yet.

        Raises:
            OSError: when the file cannot be read.
        """
        with suppress(FileNotFoundError):
            return self.path.read_text(encoding="utf-8", errors="replace")
        return None

    def keep(self, note: str) -> None:
        """Store a note, unless the file has one of a tree that is as large.

        Raises:
            OSError: when the file cannot be written.
        """
        size = size_of(note) or 0
        self._store(note, lambda kept: (size_of(kept) or 0) >= size)

    def replace(self, note: str | None, *, expected: str) -> None:
        """Store the note of a smaller tree, or none, in the place of the expected one.

        Raises:
            OSError: when the file cannot be written.
        """
        self._store(note or "", lambda kept: kept != expected)

    def _store(self, note: str, is_newer: Callable[[str], bool]) -> None:
        lock = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self.read()
            if kept and is_newer(kept):
                return
            if not note:
                self.path.unlink(missing_ok=True)
            else:
                self._write(note)
            sync_folder(self.path.parent)
        finally:
            os.close(lock)

    def _write(self, note: str) -> None:
        part = self.path.with_name(f"{self.path.name}.part")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path)


def size_of(note: str | None) -> int | None:
    """The number of entries under a note; None when there is no note that can be read."""
    with suppress(ValueError):
        for one in parse_notes(note or ""):
            return parse_checkpoint(one).size
    return None
