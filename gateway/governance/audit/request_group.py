"""The entries of one request as a group: they are kept and expire together."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, CursorResult, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.entry import values_of

Place = tuple[str, int]  # log and number of an entry
Ask = Callable[[str, dict[str, Any]], Awaitable[list[dict[str, Any]]]]  # rows of all stores
_AT_ONCE = 400
_ENTRIES = "SELECT log, seq, request, time, disclosure FROM audit_detail WHERE request IN :requests"
_ALONE = (
    "SELECT log, seq, request, time, disclosure FROM audit_detail WHERE log = :log AND seq IN :seqs"
)


@dataclass(slots=True)
class RequestGroup:
    """The entries of one request, or one entry without. Times are epoch milliseconds."""

    request: str
    purpose: str = ""
    oldest: int = 2**62
    newest: int = 0
    places: list[Place] = field(default_factory=list)

    def add(self, row: Any) -> None:
        """Add an entry."""
        self.places.append((row["log"], row["seq"]))
        self.oldest = min(self.oldest, row["time"])
        self.newest = max(self.newest, row["time"])
        if not self.purpose:  # closing entries hold only new fields
            self.purpose = str(values_of(bytes(row["disclosure"])).get("purpose") or "")


async def of_requests(connection: AsyncConnection, requests: Iterable[str]) -> list[RequestGroup]:
    """The entries of some requests whose disclosures are still stored."""
    found: dict[str, RequestGroup] = {}
    for part in parts(sorted(set(requests)), _AT_ONCE):
        for row in await rows(connection, _ENTRIES, requests=part):
            found.setdefault(row["request"], RequestGroup(row["request"])).add(row)
    return list(found.values())


async def of_places(connection: AsyncConnection, places: Iterable[Place]) -> list[RequestGroup]:
    """Single entries without a request, each as its own group."""
    found = []
    for log, seqs in by_log(places).items():
        for part in parts(seqs, _AT_ONCE):
            for row in await rows(connection, _ALONE, log=log, seqs=part):
                one = RequestGroup("")
                one.add(row)
                found.append(one)
    return found


async def rows(connection: AsyncConnection, query: str, **values: Any) -> list[Any]:
    """The rows of a query; a list among the values belongs to ``IN``."""
    return list((await run(connection, query, values)).mappings())


async def run(connection: AsyncConnection, query: str, values: dict[str, Any]) -> CursorResult[Any]:
    """Run a statement; a list among the values belongs to ``IN``, and has any length.

    Its last item is repeated up to a power of two. Databases and their drivers keep each statement
    that they have prepared: with a statement for every length the process would grow.
    """
    lists = {name: _filled(one) for name, one in values.items() if isinstance(one, list)}
    binds: list[BindParameter[Any]] = [bindparam(name, expanding=True) for name in lists]
    return await connection.execute(text(query).bindparams(*binds), {**values, **lists})


def _filled(items: list[Any]) -> list[Any]:
    length = 1 << (len(items) - 1).bit_length() if items else 0
    return items + items[-1:] * (length - len(items))


def by_log(places: Iterable[Place]) -> dict[str, list[int]]:
    """The numbers of entries by log, in order."""
    found: dict[str, list[int]] = {}
    for log, seq in sorted(set(places)):
        found.setdefault(log, []).append(seq)
    return found


def parts(items: Sequence[Any], size: int) -> Iterable[list[Any]]:
    """The items in batches of a size."""
    return (list(items[at : at + size]) for at in range(0, len(items), size))
