"""Rows of incidents and complaints, and how they are shown."""

from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.cases.errors import missing


async def row_of(connection: AsyncConnection, table: Table, identity: str) -> Any:
    """One incident or complaint.

    Raises:
        InvalidRequest: when there is none.
    """
    row = (await connection.execute(select(table).where(table.c.id == identity))).first()
    if row is None:
        raise missing(table.name)
    return row


def shown(row: Any, *, ended: str, now_ms: int) -> dict[str, Any]:
    """The columns of a row and its ``state``: open, overdue (open past its deadline) or ended.

    ``ended`` is the column that says when, and the word for that state; ``now_ms`` is epoch milliseconds.
    """
    columns = dict(row._mapping)  # noqa: SLF001 - a public name of SQLAlchemy
    state = "overdue" if row.deadline < now_ms else "open"
    return {**columns, "state": ended if columns[ended] is not None else state}
