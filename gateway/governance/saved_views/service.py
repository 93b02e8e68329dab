"""Keeps searches of the trail under a name, for each person their own."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, delete, func, insert, select

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.saved_views.schemas import SavedViewBody, SavedViewResponse
from gateway.governance.saved_views.tables import saved_view
from gateway.storage.database import Database

_MOST = 50  # of a person
_MAX_OWNER = 320


class SavedViews:
    """The saved views of persons. They give no rights: a search checks those of the caller."""

    def __init__(self, database: Database, *, wall: Callable[[], float]) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._wall = wall

    async def list(self, actor: Actor) -> Sequence[SavedViewResponse]:
        """Those of a person, by name."""
        query = select(saved_view).where(_is_of(actor)).order_by(saved_view.c.name)
        async with self._database.read() as connection:
            return [_described(row) for row in await connection.execute(query)]

    async def save(self, view: SavedViewBody, actor: Actor) -> SavedViewResponse:
        """Keep a view; it replaces the one of that name.

        Raises:
            InvalidRequest: when the person has too many.
        """
        row: dict[str, Any] = {
            "id": secrets.token_hex(8),
            "owner": _owner(actor),
            "name": view.name,
            "filters": orjson.dumps(view.filters, option=orjson.OPT_SORT_KEYS).decode(),
            "saved": self._wall(),
        }
        same = saved_view.c.name == view.name
        async with self._database.write() as connection:
            await connection.execute(delete(saved_view).where(_is_of(actor), same))
            count = select(func.count()).select_from(saved_view).where(_is_of(actor))
            if (await connection.scalar(count) or 0) >= _MOST:
                raise InvalidRequest(f"A person has at most {_MOST} saved views: delete one.")
            await connection.execute(insert(saved_view).values(row))
        return SavedViewResponse(**{**row, "filters": dict(view.filters)})

    async def delete(self, identity: str, actor: Actor) -> None:
        """Delete a view of this person.

        Raises:
            InvalidRequest: when this person has no such view.
        """
        mine = delete(saved_view).where(_is_of(actor), saved_view.c.id == identity)
        async with self._database.write() as connection:
            if not (await connection.execute(mine)).rowcount:
                raise InvalidRequest("You have no such saved view.", code="not_found")


def _is_of(actor: Actor) -> ColumnElement[bool]:
    return saved_view.c.owner == _owner(actor)


def _owner(actor: Actor) -> str:
    return (actor.person or actor.id).casefold()[:_MAX_OWNER]


def _described(row: Any) -> SavedViewResponse:
    return SavedViewResponse(
        id=row.id, name=row.name, filters=orjson.loads(row.filters), saved=row.saved
    )
