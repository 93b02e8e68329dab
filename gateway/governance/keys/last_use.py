"""When keys were last used, from the entries of the trail: no request writes for it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Rows = Callable[[str, dict[str, Any]], Awaitable[list[dict[str, Any]]]]
_AT_ONCE = 200  # SQLite joins at most 500 queries
_ONE = (
    "SELECT :k{0} AS principal, "
    "(SELECT MAX(time) FROM audit_detail WHERE principal = :k{0}) AS used"
)


async def last_used(rows: Rows, keys: Sequence[str]) -> dict[str, float]:
    """When each key was last used, in epoch seconds; none of those whose entries have expired.

    Each key is one look into the index of principals and times, whatever the number of entries.
    """
    found: dict[str, float] = {}
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        query = " UNION ALL ".join(_ONE.format(number) for number in range(len(part)))
        values = {f"k{number}": key for number, key in enumerate(part)}
        for row in await rows(query, values):
            if row["used"] is not None:
                used = row["used"] / 1000
                found[row["principal"]] = max(used, found.get(row["principal"], used))
    return found
