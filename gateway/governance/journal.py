"""Entries of the control plane: each change and its entry are one transaction."""

import time
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.entry import GENESIS, Entry, Value, seal
from gateway.evidence.rows import DETAIL_COLUMNS, ENTRY_COLUMNS, EntryBatch
from gateway.governance.actor import Actor

LOG = "control"
Hide = Callable[[AsyncConnection, dict[str, Value]], Awaitable[dict[str, Value]]]
_TAIL = "SELECT seq, hash FROM audit_entry WHERE log = :log ORDER BY seq DESC LIMIT 1"


def _insert(table: str, columns: tuple[str, ...]) -> str:
    values = ", ".join(f":{column}" for column in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"


class Journal:
    """Appends to the chain that all control processes share. Writers are serialised."""

    def __init__(self, wall: Callable[[], float] = time.time, *, hide: Hide | None = None) -> None:
        """``hide`` replaces what names a person who uses models, where the setting asks for it."""
        self._wall = wall
        self._hide = hide

    async def record(
        self,
        connection: AsyncConnection,
        actor: Actor,
        event: str,
        *,
        request: str = "",
        **fields: Value,
    ) -> None:
        """Add an entry to the transaction of ``connection``, which also makes the change.

        ``event`` follows ``source:subject:action``, for example ``control:key:create``
        (docs/events.md); ``request`` is an id by which the entry is found.
        """
        if self._hide is not None:
            fields = await self._hide(connection, fields)
        tail = (await connection.execute(text(_TAIL), {"log": LOG})).first()
        seq, prev = (tail.seq + 1, tail.hash) if tail else (0, GENESIS)
        about = {
            "principal": actor.id,
            **_named(event, actor),
            "via": actor.via,
            "roles": sorted(actor.roles),
            **fields,
        }
        entry = Entry(event, request, int(self._wall() * 1000), about)
        batch = EntryBatch(LOG, [seal(entry, log=LOG, seq=seq, prev=prev)], [])
        for table, columns, rows in (
            ("audit_entry", ENTRY_COLUMNS, batch.entries()),
            ("audit_detail", DETAIL_COLUMNS, batch.details()),
        ):
            values = dict(zip(columns, rows[0], strict=True))
            await connection.execute(text(_insert(table, columns)), values)


def _named(event: str, actor: Actor) -> dict[str, Value]:
    """Names beside the id in entries of changes; entries of access go without."""
    if event.startswith("access:"):
        return {}
    return {"name": actor.name or None, "person": actor.person or None}
