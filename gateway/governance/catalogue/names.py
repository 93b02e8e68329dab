"""Names in the catalogue: what exists, and errors that list it."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.changes.tables import catalogue

MODELS = ("alias", "deployment")


async def names_of(connection: AsyncConnection, *kinds: str) -> set[str]:
    """The names of all objects of these kinds."""
    rows = await connection.execute(select(catalogue.c.name).where(catalogue.c.kind.in_(kinds)))
    return set(rows.scalars())


def check_known(names: Iterable[str], known: Collection[str], what: str, *, param: str) -> None:
    """Check that all names exist.

    Raises:
        InvalidRequest: lists what exists.
    """
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise InvalidRequest(f"There is no {what} {name!r}; known: {listed}.", param=param)
