"""Pending entries, and the number of them that a group commit waits for."""

import asyncio
from math import ceil

import msgspec

from gateway.evidence.entry import Entry
from gateway.evidence.values import VaultWrite

_MIN_AVERAGE = 1.5


class PendingEntry(msgspec.Struct, eq=False):
    """An entry, what is stored with it, and the future that completes when it is durable."""

    entry: Entry
    body: bytes | None
    vault_write: VaultWrite | None
    done: asyncio.Future[None]


class BatchSizer:
    """The number of entries that a commit waits for: the moving average of recent batches.

    On a busy process that halves the commits (as ``commit_delay`` and ``commit_siblings`` do in
    PostgreSQL). Where few entries arrive at a time, a commit does not wait.
    """

    def __init__(self) -> None:
        self._average = 1.0
        self.target = 1

    def observe(self, size: int) -> None:
        """Records the size of a batch."""
        self._average += (size - self._average) / 8
        # Rounded up, so that the target can follow a growing batch size.
        self.target = ceil(self._average - 0.1) if self._average >= _MIN_AVERAGE else 1
