"""Erasures on file, outside every database: what a restored backup brings back is erased again by it.

One JSON object a line, only ever appended: keyed names of who was erased and up to which moment, with
the place of the erasure's entry in the trail. Names are one-way; nobody is found by this file alone.
"""

import fcntl
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gateway.core.errors import InvalidRequest, Unavailable


class Tombstone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One erasure: ``names`` with the moment (epoch milliseconds) up to which what they name is gone.

    ``seq`` and ``hash`` are those of its entry in the log "control"; a replay that is complete has one
    without names.
    """

    time: int
    seq: int
    hash: str
    names: list[str] = []


@dataclass(frozen=True, slots=True)
class ErasureGap:
    """The trail ends before the last erasure on file: the database is older than that."""

    path: Path
    wanted: int
    there: int


class Tombstones:
    """The file of one installation; several control planes may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, stone: Tombstone) -> None:
        """Durable when this returns.

        Raises:
            Unavailable: when the file cannot be written; then nothing may be erased.
        """
        line = msgspec.json.encode(stone) + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                os.write(handle, _end_of_torn_line(handle) + line)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise Unavailable(
                f"The file of erasures {self.path} cannot be written ({error.strerror}), so nothing "
                "is erased: a restored backup would bring it back.",
                retry_after=60,
            ) from error

    def last(self) -> Tombstone | None:
        """The newest erasure on file; None without a file.

        Raises:
            InvalidRequest: when a line cannot be read.
        """
        stones = deque(read(self.path), maxlen=1) if self.path.exists() else None
        return stones[0] if stones else None


def read(path: Path) -> Iterator[Tombstone]:
    """All lines, oldest first. A last line without an end was never reported as erased: it is left out.

    Raises:
        InvalidRequest: names the line that is no tombstone.
        OSError: when the file cannot be read.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or not line.endswith(b"\n"):
                continue
            try:
                yield msgspec.json.decode(line, type=Tombstone)
            except msgspec.MsgspecError as error:
                if line.endswith(b"\0\n"):
                    continue
                raise InvalidRequest(f"{path}: line {number} is no erasure on file.") from error


def _end_of_torn_line(handle: int) -> bytes:
    """What ends a line that a crash left unfinished, so that the next one stands for itself."""
    size = os.fstat(handle).st_size
    return b"" if size == 0 or os.pread(handle, 1, size - 1) == b"\n" else b"\0\n"
