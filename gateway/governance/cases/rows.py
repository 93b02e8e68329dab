"""Rows of incidents and complaints."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.cases.errors import missing


async def get_row(connection: AsyncConnection, table: Table, identity: str) -> RowMapping:
    """The row of one incident or complaint.

    Raises:
        InvalidRequest: when there is no such row.
    """
    found = await connection.execute(select(table).where(table.c.id == identity))
    row = found.mappings().first()
    if row is None:
        raise missing(table.name)
    return row


def state_of(row: Mapping[Any, Any], ended: str, now_ms: int) -> str:
    """The state of a case: ``open``, ``overdue`` (open past its deadline) or ``ended``.

    ``ended`` is the column with the time of the end, and the name of that state.
    """
    if row[ended] is not None:
        return ended
    deadline = row["deadline"]
    return "overdue" if deadline is not None and deadline < now_ms else "open"
