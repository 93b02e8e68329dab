"""The owners of the use cases that a proposal starts: their approval is needed, and they are asked.

An owner is the one that the use case has once the proposal is approved.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.objects.use_cases import STARTS
from gateway.governance.changes.tables import catalogue
from gateway.governance.proposals.asked import PERSON
from gateway.governance.proposals.schemas import ChangedLine

_OBJECT = "use_case "  # begins the object of a line
_MAX_LABEL = 320


def started(lines: Iterable[ChangedLine]) -> list[str]:
    """The use cases that lines start, or give another risk class."""
    return [
        line.object.removeprefix(_OBJECT)
        for line in lines
        if line.power == STARTS and line.object.startswith(_OBJECT)
    ]


def owners_after(lines: Sequence[ChangedLine], known: Mapping[str, str]) -> dict[str, str]:
    """The owner of each use case that lines start; ``known`` are those of now, by use case."""
    stated = {
        line.object.removeprefix(_OBJECT): str(line.after or "")
        for line in lines
        if line.field == "owner" and line.object.startswith(_OBJECT)
    }
    return {name: stated.get(name, known.get(name, "")) for name in started(lines)}


async def asked_owners(
    connection: AsyncConnection, lines: Iterable[str], names: Iterable[str]
) -> list[dict[str, Any]]:
    """The owners as reviewers who are asked; ``names`` are those of the author, who has agreed."""
    parsed = [ChangedLine.model_validate_json(line) for line in lines]
    query = select(catalogue).where(
        catalogue.c.kind == "use_case", catalogue.c.name.in_(started(parsed))
    )
    known = {
        row.name: str(orjson.loads(row.document).get("owner", ""))
        for row in (await connection.execute(query)).all()
    }
    mine = {name.casefold() for name in names}
    owners = {one.casefold(): one for one in owners_after(parsed, known).values() if one}
    return [
        {
            "kind": PERSON,
            "name": name[:_MAX_LABEL],
            "label": label[:_MAX_LABEL],
            "persons": orjson.dumps([name]).decode(),
        }
        for name, label in owners.items()
        if name not in mine
    ]
