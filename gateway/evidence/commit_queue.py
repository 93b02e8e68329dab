"""Entries that wait to be written, and how many of them a commit waits for."""

import asyncio
from math import ceil

import msgspec

from gateway.evidence.entry import Entry
from gateway.evidence.values import VaultWrite

_CROWD_FROM = 1.5


class PendingEntry(msgspec.Struct, eq=False):
    """An entry, what is stored with it, and who is told when it is durable."""

    entry: Entry
    body: bytes | None
    keeping: VaultWrite | None
    done: asyncio.Future[None]


class BatchSizer:
    """How many entries a commit should wait for: as many as lately came together.

    On a busy process that halves the commits (as ``commit_delay`` and ``commit_siblings`` do in
    PostgreSQL); where few come at a time nobody waits for company.
    """

    def __init__(self) -> None:
        self._usual = 1.0
        self.enough = 1

    def was(self, size: int) -> None:
        """Takes note of how many came together this time."""
        self._usual += (size - self._usual) / 8
        # Rounded up, so that a crowd that grows is noticed.
        self.enough = ceil(self._usual - 0.1) if self._usual >= _CROWD_FROM else 1
