"""Where the tags of models have pointed."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.governance.models.schemas import TagMove
from gateway.governance.models.tables import model_tag_move

_STANDING_IN = 8  # versions of a tag that the snapshot names


async def history(connection: AsyncConnection, name: str, tag: str | None = None) -> list[TagMove]:
    """Where the tags of a model have pointed, oldest first."""
    where = model_tag_move.c.name == name
    if tag is not None:
        where &= model_tag_move.c.tag == tag
    query = select(model_tag_move).where(where).order_by(model_tag_move.c.id)
    return [
        TagMove(tag=row.tag, version=row.version, cause=row.cause, at=row.at, by=row.by_actor)
        for row in await connection.execute(query)
    ]


async def earlier_versions(connection: AsyncConnection) -> Mapping[tuple[str, str], list[str]]:
    """The versions that each tag named before, by model and tag, the last first.

    The present version of a tag is among them when it was named before: leave it out.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for row in await connection.execute(select(model_tag_move).order_by(model_tag_move.c.id)):
        found.setdefault((row.name, row.tag), []).append(row.version)
    return {tag: _last_first(versions) for tag, versions in found.items()}


def _last_first(versions: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(reversed(list(versions))))[: _STANDING_IN + 1]
