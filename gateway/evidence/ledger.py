"""The ledger: numbered files to which one process appends its entries, before they are rows.

A row in a database costs ten times what an appended record does, so the data plane appends and
whoever reads the trail moves whole batches into tables (``takeover``). A frame is a mark, the length
and CRC-32 of what follows, and a batch in MessagePack: it is there whole or it does not count. A
process never appends behind what another process left: it begins a file with the next number.
"""

import io
import os
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from gateway.core.system.fsync import sync_folder
from gateway.evidence.rows import EntryBatch

_MARK = b"SLG1"
_HEAD = struct.Struct("<4sII")
# Each write is durable when it returns: one call instead of a write and a sync.
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_DSYNC
_MAX_FILE_BYTES = 32 * 1024 * 1024
_MAX_FILE_AGE_S = 600.0  # what was erased from the tables must not live on here for long
_decoder = msgspec.msgpack.Decoder(EntryBatch)


class LedgerDamaged(Exception):
    """A file was changed in the middle: what it held cannot be relied on."""


def files_of(tables: Path) -> list[Path]:
    """The ledger files that belong to a database file of the trail, oldest first."""
    return sorted(tables.parent.glob(f"{tables.stem}.*.ledger"))


def number_of(file: Path) -> int:
    """The number of a ledger file; they only grow."""
    return int(file.name.split(".")[-2])


def frame(batch: EntryBatch) -> bytes:
    """A batch as it lies in a file."""
    body = msgspec.msgpack.encode(batch)
    return _HEAD.pack(_MARK, len(body), zlib.crc32(body)) + body


class Ledger:
    """The appending side. One a process; not thread-safe."""

    def __init__(self, tables: Path, *, first: int) -> None:
        """``tables`` is the database file that will take the entries; ``first`` the first number."""
        self._tables = tables
        self._next = first
        self._file = -1
        self._size = 0
        self._opened = 0.0
        self._open()

    def append(self, data: bytes) -> None:
        """Returns when a frame is on disk.

        Raises:
            OSError: when it may not be; later frames then go to a new file.
        """
        try:
            if self._file < 0 or self._is_full():
                self._open()
            written = os.write(self._file, data)
            if written != len(data):
                raise OSError("the disk took half a frame")
        except OSError:
            self.close()
            raise
        self._size += written

    def close(self) -> None:
        """Closes the file."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def _is_full(self) -> bool:
        old = time.monotonic() - self._opened > _MAX_FILE_AGE_S
        return self._size > 0 and (old or self._size > _MAX_FILE_BYTES)

    def _open(self) -> None:
        self.close()
        path = self._tables.with_name(f"{self._tables.stem}.{self._next:010d}.ledger")
        self._file = os.open(path, _FLAGS, 0o600)
        self._next += 1
        self._size, self._opened = 0, time.monotonic()
        sync_folder(path.parent)


def read(file: Path, offset: int, *, ended: bool) -> Iterator[tuple[EntryBatch, int]]:
    """Whole batches from ``offset`` on, each with the offset behind it.

    Stops before a frame that is not whole: its writer is still at it, or died over it. ``ended``
    says that nobody writes to this file any more.

    Raises:
        LedgerDamaged: when whole frames lie behind a broken one.
    """
    with file.open("rb") as source:
        source.seek(offset)
        while body := _whole(source.read(_HEAD.size), source.read):
            offset += _HEAD.size + len(body)
            yield _decoder.decode(body), offset
        if ended:
            source.seek(offset)
            _refuse_frames_behind(file, source.read(_MAX_FILE_BYTES * 2))


def _whole(head: bytes, read_bytes: Callable[[int], bytes]) -> bytes | None:
    """The body that belongs to a head, when both are there and hold together."""
    if len(head) < _HEAD.size:
        return None
    mark, size, checksum = _HEAD.unpack(head)
    if mark != _MARK:
        return None
    body = read_bytes(size)
    return body if len(body) == size and zlib.crc32(body) == checksum else None


def _refuse_frames_behind(file: Path, rest: bytes) -> None:
    """A torn end is what a power cut leaves; a whole frame behind a broken one is not."""
    place = rest.find(_MARK, 1)
    while place >= 0:
        behind = io.BytesIO(rest)
        behind.seek(place)
        if _whole(behind.read(_HEAD.size), behind.read):
            raise LedgerDamaged(f"{file.name}: {place} bytes before a good batch are broken")
        place = rest.find(_MARK, place + 1)
