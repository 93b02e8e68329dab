"""The ledger: numbered files to which one process appends its entries, before they become rows.

A database row costs ten times as much as an appended record, so the data plane appends, and readers
of the trail move whole batches into tables (``ledger_import``). A frame is a mark, the length and
CRC-32 of the body, and the body: a batch in MessagePack. An incomplete frame does not count. A
process never appends to another process's file: it starts a file with the next number.
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
_MAX_FILE_AGE_S = 600.0  # values erased from the tables must not stay here for long
_decoder = msgspec.msgpack.Decoder(EntryBatch)


class LedgerDamaged(Exception):
    """A file was changed in the middle: its content is not reliable."""


def ledger_files(tables: Path) -> list[Path]:
    """Returns the ledger files of a database file of the trail, oldest first."""
    return sorted(tables.parent.glob(f"{tables.stem}.*.ledger"))


def ledger_number(file: Path) -> int:
    """Returns the number of a ledger file; numbers only grow."""
    return int(file.name.split(".")[-2])


def encode_frame(batch: EntryBatch) -> bytes:
    """Returns the frame of a batch."""
    body = msgspec.msgpack.encode(batch)
    return _HEAD.pack(_MARK, len(body), zlib.crc32(body)) + body


class Ledger:
    """The writer of a ledger. One per process; not thread-safe."""

    def __init__(self, tables: Path, *, first: int) -> None:
        """``tables`` is the database file that imports the entries; ``first`` the first number."""
        self._tables = tables
        self._next = first
        self._file = -1
        self._size = 0
        self._opened = 0.0
        self._open()

    def append(self, data: bytes) -> None:
        """Appends a frame; it is durable when this returns.

        Raises:
            OSError: when the frame may not be durable; later frames then go to a new file.
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
    """Yields complete batches from ``offset`` on, each with the offset after it.

    Stops at an incomplete frame: its writer is still writing it, or died. ``ended`` says that the
    file has no writer any more.

    Raises:
        LedgerDamaged: when a complete frame follows a broken one.
    """
    with file.open("rb") as source:
        source.seek(offset)
        while body := _read_body(source.read(_HEAD.size), source.read):
            offset += _HEAD.size + len(body)
            yield _decoder.decode(body), offset
        if ended:
            source.seek(offset)
            _reject_frames_after(file, source.read(_MAX_FILE_BYTES * 2))


def _read_body(head: bytes, read_bytes: Callable[[int], bytes]) -> bytes | None:
    """Returns the body of a frame, or None when head or body is incomplete or damaged."""
    if len(head) < _HEAD.size:
        return None
    mark, size, checksum = _HEAD.unpack(head)
    if mark != _MARK:
        return None
    body = read_bytes(size)
    return body if len(body) == size and zlib.crc32(body) == checksum else None


def _reject_frames_after(file: Path, rest: bytes) -> None:
    """Raises when a complete frame follows: a power cut leaves only a torn end."""
    offset_of_mark = rest.find(_MARK, 1)
    while offset_of_mark >= 0:
        candidate = io.BytesIO(rest)
        candidate.seek(offset_of_mark)
        if _read_body(candidate.read(_HEAD.size), candidate.read):
            raise LedgerDamaged(
                f"{file.name}: {offset_of_mark} bytes before a good batch are broken"
            )
        offset_of_mark = rest.find(_MARK, offset_of_mark + 1)
