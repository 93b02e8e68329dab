"""What sees every entry of an export go by, and adds parts of its own to the package."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from typing import Any, Protocol

from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.export import LogRange
from gateway.evidence.export_row import ExportRow

Ask = Callable[[str, dict[str, Any]], Awaitable[list[dict[str, Any]]]]  # rows of all stores


class ExportObserver(Protocol):
    """Asked for its parts once, after the last entry."""

    async def add(self, row: ExportRow) -> None:
        """One entry, in the order of the log."""
        ...

    async def parts(self) -> Mapping[str, bytes]:
        """The parts by name."""
        ...


# Formats, period in epoch milliseconds, the part of the log, where to ask for other rows, and how much
# may be told.
Accompany = Callable[
    [Collection[str], tuple[int, int], LogRange, Ask, DisclosureProfile], ExportObserver
]


async def seen_by(
    beside: ExportObserver, rows: AsyncIterator[ExportRow], profile: DisclosureProfile
) -> AsyncIterator[ExportRow]:
    """The rows as they are, each that is selected shown to ``beside`` first, as far as the profile opens it."""
    async for row in rows:
        if row.selected:
            await beside.add(row.limited_to(profile))
        yield row
