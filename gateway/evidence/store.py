"""The protocol of entry stores, which make sealed entries durable, and their errors."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from gateway.core.usage import Spending
from gateway.evidence.entry import Value, values_of
from gateway.evidence.rows import EntryBatch


class StoreFailed(Exception):
    """The store did not take a batch; no entry of it may be considered durable."""


class BatchRefused(StoreFailed):
    """The store works, but rejects the content of this batch."""


@dataclass(frozen=True, slots=True)
class UnclosedRequest:
    """A request with a departure whose process died before its closing entry."""

    request: str
    fields: dict[str, Value]


def orphans_of(departures: Iterable[tuple[str, bytes]]) -> list[UnclosedRequest]:
    """One for each request: its last departure to a deployment, else to a guardrail.

    ``departures`` are requests with stored disclosures, in order.
    """
    found: dict[str, dict[str, Value]] = {}
    for request, disclosure in departures:
        fields = values_of(disclosure)
        if "guardrail" not in fields or request not in found:
            found[request] = fields
    return [UnclosedRequest(request, fields) for request, fields in found.items()]


@dataclass(frozen=True, slots=True)
class AbandonedLog:
    """A log whose process is known to be dead, and its unclosed requests."""

    log: str
    orphans: list[UnclosedRequest]


class EntryStore(Protocol):
    """A store of sealed entries. One writer per store."""

    async def append(self, batch: EntryBatch) -> None:
        """Writes a batch durably, all or nothing.

        Raises:
            StoreFailed: when the batch may not be durable.
        """
        ...

    async def check(self) -> None:
        """Asks whether entries could be written now, cheaply and without writing any.

        Raises:
            StoreFailed: when they could not.
        """
        ...

    async def record_kek(self, sealed: bytes) -> bytes:
        """Stores the check value of the key-encryption key; returns the stored one if any."""
        ...

    async def lease(self, log: str) -> None:
        """Marks a log as alive while this process lives."""
        ...

    async def abandoned_logs(
        self, log: str, *, spools: Collection[str], now_ms: int
    ) -> list[AbandonedLog]:
        """Returns unsettled logs of dead processes; only this process may settle them.

        A log whose process may have gone on in a spool on its own disk is left out for some time,
        unless ``spools`` names that spool, which has then been replayed.
        """
        ...

    async def spent_since(self, time_ms: int) -> list[Spending]:
        """Returns the money spent since a time, by all that it counts for, from closing entries."""
        ...

    async def close(self) -> None:
        """Releases the store."""
        ...


class ReplayStore(EntryStore, Protocol):
    """A store that can be unavailable for some time, and accepts spooled batches later."""

    async def replay(self, batches: list[EntryBatch], *, brief: bool = False) -> None:
        """Writes batches in order, all or nothing; stored ones count as written.

        Their logs are leased first, so that no process takes them for dead. ``brief`` times out as
        early as ``append``, because other callers wait.

        Raises:
            StoreFailed: when some may not be durable; a retry may succeed.
        """
        ...
