"""Where sealed entries become durable: what a store does, and how it fails."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from gateway.evidence.entry import Value
from gateway.evidence.rows import EntryBatch


class StoreFailed(Exception):
    """The store did not take a batch; nothing of it may be relied on."""


class BatchRefused(StoreFailed):
    """The store works and does not take this batch; others it would take."""


@dataclass(frozen=True, slots=True)
class UnclosedRequest:
    """A departure whose process died before it was closed."""

    request: str
    fields: dict[str, Value]


@dataclass(frozen=True, slots=True)
class AbandonedLog:
    """A log whose process is known to be dead, and what it left open."""

    log: str
    orphans: list[UnclosedRequest]


class EntryStore(Protocol):
    """Where sealed entries become durable. One writer a store."""

    async def append(self, batch: EntryBatch) -> None:
        """Writes a batch durably, all or nothing.

        Raises:
            StoreFailed: when it is not certain that the batch is durable.
        """
        ...

    async def lease(self, log: str) -> None:
        """Marks a log as alive for as long as this process lives."""
        ...

    async def dead(self, log: str, *, spools: Collection[str], now_ms: int) -> list[AbandonedLog]:
        """Logs of dead processes that nobody settled; they are ours to settle while this one lives.

        A log whose process may have gone on in a spool on its own disk is left alone for some time,
        except where ``spools`` names that spool: then what it held is here.
        """
        ...

    async def spent_since(self, time_ms: int) -> dict[str, float]:
        """Money spent since a moment, by team, from closed entries."""
        ...

    async def close(self) -> None:
        """Releases the store."""
        ...


class ReplayStore(EntryStore, Protocol):
    """A store that can be away for some time, and takes later what was kept elsewhere meanwhile."""

    async def replay(self, batches: list[EntryBatch], *, brief: bool = False) -> None:
        """Writes batches in order, all or nothing; those that it holds already count as written.

        Their logs are leased first, so that nobody takes them for dead. ``brief`` gives up as early as
        ``append`` does, for somebody waits.

        Raises:
            StoreFailed: when it is not certain that all are durable; it may be tried again.
        """
        ...
