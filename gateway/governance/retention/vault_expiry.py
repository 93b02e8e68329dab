"""Expire stored values and answers after their time to live, except under legal hold."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from gateway.governance.audit.request_group import (
    RequestGroup,
    by_log,
    of_requests,
    rows,
    run,
)
from gateway.governance.audit.service import AuditService
from gateway.governance.holds.hold_index import HoldIndex
from gateway.governance.holds.service import Holds
from gateway.governance.retention.stores import locked
from gateway.storage.database import Database

_PAGE = 500
# By table: the column that tells rows of one entry apart, and the tables that lose rows with it.
_TABLES = {
    "vault_value": ("id", ("vault_value", "value_key")),
    "stored_answer": ("name", ("stored_answer",)),
}
_DELETE_DUE = tuple(
    f"DELETE FROM {table} WHERE expires <= :now"
    for table in ("vault_value", "value_key", "stored_answer")
)
_LAPSED = "DELETE FROM answer_claim WHERE expires <= :now"  # a claim has no content to hold
_DUE = (
    "SELECT v.expires, v.log, v.seq, v.{column} AS id, e.request, e.time FROM {table} v "
    "JOIN audit_entry e ON e.log = v.log AND e.seq = v.seq "
    "WHERE (v.expires, v.log, v.seq, v.{column}) > (:expires, :log, :seq, :id) "
    "AND v.expires <= :now "
    f"ORDER BY v.expires, v.log, v.seq, v.{{column}} LIMIT {_PAGE}"
)
_OF_ENTRIES = "DELETE FROM {table} WHERE log = :log AND seq IN :seqs AND expires <= :now"
_BEGIN: dict[str, Any] = {"expires": 0, "log": "", "seq": -1, "id": ""}


class VaultExpiry:
    """Deletes values and answers past their time to live, and claims that have lapsed."""

    def __init__(
        self, database: Database, trail: AuditService, holds: Holds, *, wall: Callable[[], float]
    ) -> None:
        self._database = database
        self._trail = trail
        self._holds = holds
        self._wall = wall
        # Up to a position all was scanned under these holds: what is left there is held.
        self._scanned: dict[tuple[str, str], tuple[HoldIndex, dict[str, Any]]] = {}

    async def sweep(self) -> None:
        """Delete what is due in all stores."""
        now = int(self._wall() * 1000)
        for store in await self._trail.databases():
            async with locked(self._database, store) as (governance, connection):
                holds = await self._holds.index(governance)
                await connection.execute(text(_LAPSED), {"now": now})
                if not holds.holds:
                    for statement in _DELETE_DUE:
                        await connection.execute(text(statement), {"now": now})
            if holds.holds:
                for table in _TABLES:
                    await self._sweep_with_holds(store, table, now)

    async def _sweep_with_holds(self, store: Database, table: str, now: int) -> None:
        (column, deleted), done, more = _TABLES[table], (store.url, table), True
        while more:
            async with locked(self._database, store) as (governance, connection):
                holds = await self._holds.index(governance)
                known = self._scanned.get(done)
                at = known[1] if known and known[0] == holds else _BEGIN
                due = _DUE.format(table=table, column=column)
                page = await rows(connection, due, **at, now=now)
                more = len(page) == _PAGE
                if not page:
                    return
                found = _groups_of(page, await of_requests(connection, _requests(page)))
                matching = await holds.matching(connection, found)
                free = [
                    place
                    for one in found
                    if holds.hold_of(one, matching) is None
                    for place in one.places
                ]
                for log, seqs in by_log(free).items():
                    values = {"log": log, "seqs": seqs, "now": now}
                    for name in deleted:
                        statement = _OF_ENTRIES.format(table=name)
                        await run(connection, statement, values)
                self._scanned[done] = holds, {name: page[-1][name] for name in _BEGIN}


def _requests(page: list[Any]) -> set[str]:
    return {row["request"] for row in page}


def _groups_of(page: list[Any], stored: list[RequestGroup]) -> list[RequestGroup]:
    """The requests of a page, also those whose disclosures are deleted."""
    known = {one.request for one in stored}
    bare: dict[str, RequestGroup] = {}
    for row in page:
        if row["request"] not in known:
            one = bare.setdefault(row["request"], RequestGroup(row["request"]))
            one.places.append((row["log"], row["seq"]))
            one.oldest, one.newest = min(one.oldest, row["time"]), max(one.newest, row["time"])
    return [*stored, *bare.values()]
