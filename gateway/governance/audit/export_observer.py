"""Observers of an export: they receive every entry, and add parts to the package."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from typing import Protocol

from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.export import LogRange
from gateway.evidence.export_row import ExportRow
from gateway.governance.audit.request_group import Ask


class ExportObserver(Protocol):
    """Receives the entries of an export. Its parts are read once, after the last entry."""

    async def add(self, row: ExportRow) -> None:
        """Receive an entry, in the order of the log."""
        ...

    async def parts(self) -> Mapping[str, bytes]:
        """The parts by name."""
        ...


# Formats, period in epoch milliseconds, the part of the log, a query over other rows, the profile.
Accompany = Callable[
    [Collection[str], tuple[int, int], LogRange, Ask, DisclosureProfile], ExportObserver
]


async def observed(
    observer: ExportObserver, rows: AsyncIterator[ExportRow], profile: DisclosureProfile
) -> AsyncIterator[ExportRow]:
    """The rows unchanged. The observer gets each selected one first, under the profile."""
    async for row in rows:
        if row.selected:
            await observer.add(row.limited_to(profile))
        yield row
