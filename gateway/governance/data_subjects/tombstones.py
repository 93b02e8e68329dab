"""The file of erasures, outside every database: after a restored backup it repeats them.

The file is append-only, with one JSON object a line: the keyed identifiers of an erased person, the
time up to which their data is erased, and the position of the erasure's entry in the trail. Keyed
identifiers are one-way: no person can be found by this file alone.
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
    """One erasure: keyed identifiers, erased up to ``time`` (epoch milliseconds).

    ``seq`` and ``hash`` are those of its entry in the log "control". A complete replay has a
    tombstone without names.
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
    """The file of one installation. Several control planes may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, tombstone: Tombstone) -> None:
        """Append an erasure; it is durable when this returns.

        Raises:
            Unavailable: when the file cannot be written; then nothing may be erased.
        """
        line = msgspec.json.encode(tombstone) + b"\n"
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
                f"The file of erasures {self.path} cannot be written ({error.strerror}), so "
                f"nothing "
                "is erased: a restored backup would bring it back.",
                retry_after=60,
            ) from error

    def last(self) -> Tombstone | None:
        """The newest erasure on file; None without a file.

        Raises:
            InvalidRequest: when a line cannot be read.
        """
        last = deque(read(self.path), maxlen=1) if self.path.exists() else None
        return last[0] if last else None


def read(path: Path) -> Iterator[Tombstone]:
    """All lines, oldest first, without an unfinished last line: it was never reported as erased.

    Raises:
        InvalidRequest: names the line that is not a tombstone.
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
    """The bytes that end a line that a crash left unfinished."""
    size = os.fstat(handle).st_size
    return b"" if size == 0 or os.pread(handle, 1, size - 1) == b"\n" else b"\0\n"
