"""An append-only file of signed notes. A note counts once it is durable."""

import asyncio
import fcntl
import os
from contextlib import suppress
from pathlib import Path

from gateway.core.system.fsync import sync_folder
from gateway.evidence.checkpoint import CheckpointBody, SignedNote, parse_notes, verify_checkpoint
from gateway.evidence.key_chain import Chain
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.witnesses.witness import Head, LogForkDetected, WitnessReceipt

_TAIL = 64 * 1024  # a note has some 300 bytes
_LAST = 16


class FileWitness:
    """Appends notes to a file on a volume that the owner of the database cannot write."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def show(self, head: Head, reader: LogReader) -> WitnessReceipt:
        """Append the head, once checked to continue the last note of the file."""
        last = await asyncio.to_thread(_last, self._path, head.chain)
        if last is not None:
            await _compare(last, head, reader)
        await asyncio.to_thread(_append, self._path, head.checkpoint.note)
        return WitnessReceipt(head.checkpoint.note)


async def _compare(last: CheckpointBody, head: Head, reader: LogReader) -> None:
    size = head.checkpoint.size
    if last.size > size:
        # Another control plane may have shown a newer head since this one was read.
        newest = await reader.newest()
        size = newest.size if newest else 0
    if last.size > size:
        raise LogForkDetected(f"a witness file holds {last.size} entries, the log only {size}")
    if last.root != await reader.head(last.size):
        raise LogForkDetected(f"a witness file holds another tree of {last.size} entries")


def _last(path: Path, chain: Chain) -> CheckpointBody | None:
    """The largest tree of this log among the last notes: control planes write in turn."""
    found = []
    for note in list(parse_notes(_tail(path)))[-_LAST:]:
        with suppress(ValueError):  # skip anything else in the file
            found.append(verify_checkpoint(str(note), origin=chain.origin, keys=chain.keys))
    return max(found, key=lambda one: one.size, default=None)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


def _append(path: Path, note: str) -> None:
    new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        tail = _tail(path)
        if tail.endswith(note):
            return
        # An empty line ends a note that a crash left unfinished, so that the new one is separate.
        started = "" if not tail or _finished(tail) else "\n\n"
        _write(handle, (started + note).encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    if new:
        sync_folder(path.parent)


def _finished(tail: str) -> bool:
    notes: list[SignedNote] = list(parse_notes(tail))
    return bool(notes) and tail.endswith(str(notes[-1]))


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
