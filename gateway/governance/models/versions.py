"""Reading model versions: rows, and what the snapshot and the API hold of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.core.level import Level
from gateway.core.snapshot import (
    ENGINE,
    EXTERNAL,
    LANGUAGE,
    EngineModel,
    ExternalModel,
    ModelVersion,
)
from gateway.governance.changes.basis import Author
from gateway.governance.models.schemas import GivenApproval, RegisteredVersion
from gateway.governance.models.tables import model_approval, model_tag, model_version
from gateway.governance.models.tag_history import earlier_versions


class _Approving(msgspec.Struct, frozen=True):
    """Who approved, of what is stored of an approval."""

    author: Author


async def find_version(connection: AsyncConnection, name: str, version: str) -> Any:
    """The row of a version, None without one."""
    where = (model_version.c.name == name) & (model_version.c.version == version)
    return (await connection.execute(select(model_version).where(where))).first()


async def require_version(connection: AsyncConnection, name: str, version: str) -> Any:
    """The row of a version.

    Raises:
        InvalidRequest: when there is none.
    """
    row = await find_version(connection, name, version)
    if row is None:
        raise InvalidRequest(f"There is no version {name}@{version}.", code="not_found")
    return row


async def list_versions(connection: AsyncConnection) -> list[RegisteredVersion]:
    """All versions, newest last."""
    tags, approvals = await _tags(connection), await _approvals(connection)
    rows = await connection.execute(select(model_version).order_by(model_version.c.registered))
    return [
        _registered(
            row,
            tags=tags.get((row["name"], row["version"]), []),
            approvals=approvals.get((row["name"], row["version"]), []),
        )
        for row in rows.mappings()
    ]


def _registered(row: Mapping[Any, Any], **of_others: Any) -> RegisteredVersion:
    """A version as the API shows it."""
    statement = msgspec.json.decode(row["statement"]) if row["statement"] else {}
    author = row["registered_author"]
    name = msgspec.json.decode(author, type=Author).name if author else ""
    known = {**row, "statement": statement, "registered_name": name, **of_others}
    return RegisteredVersion.model_validate(known)


async def list_for_snapshot(connection: AsyncConnection) -> list[ModelVersion]:
    """All versions by name, as the snapshot holds them; only approved ones serve."""
    tags, earlier = await _tags(connection), await earlier_versions(connection)
    rows = await connection.execute(select(model_version).order_by(model_version.c.name))
    return [
        ModelVersion(
            name=row.name,
            version=row.version,
            kind=row.kind,
            digest=row.digest,
            state=row.state,
            base_dir=row.base_dir,
            base_digest=row.base_digest,
            clearance=row.clearance,
            adapter_dir=row.adapter_dir,
            adapter_digest=row.adapter_digest,
            tags=tags.get((row.name, row.version), []),
            engine=_stated(row, ENGINE, EngineModel),
            external=_stated(row, EXTERNAL, ExternalModel),
            until=row.until or "",
            approved_until=row.approved_until,
            earlier=_earlier(row, tags.get((row.name, row.version), []), earlier),
        )
        for row in rows
    ]


def _earlier(
    row: Any, tags: Sequence[str], earlier: Mapping[tuple[str, str], list[str]]
) -> dict[str, list[str]]:
    """The versions that the tags of a version named before it, by tag."""
    found = {
        tag: [one for one in earlier.get((row.name, tag), []) if one != row.version]
        for tag in tags
        if row.kind == LANGUAGE
    }
    return {tag: versions for tag, versions in found.items() if versions}


def _stated(row: Any, kind: str, type_: Any) -> Any:
    if row.kind != kind or not row.statement:
        return None
    return msgspec.json.decode(row.statement, type=type_)


async def _tags(connection: AsyncConnection) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in await connection.execute(select(model_tag).order_by(model_tag.c.tag)):
        found.setdefault((row.name, row.version), []).append(row.tag)
    return found


async def _approvals(connection: AsyncConnection) -> dict[tuple[str, str], list[GivenApproval]]:
    found: dict[tuple[str, str], list[GivenApproval]] = {}
    for row in await connection.execute(select(model_approval).order_by(model_approval.c.at)):
        author = msgspec.json.decode(row.author, type=_Approving).author
        given = GivenApproval(
            approved_by=row.approved_by,
            name=author.name,
            person=author.person,
            at=row.at,
            expires=row.expires,
        )
        found.setdefault((row.name, row.version), []).append(given)
    return found


def clearance_of(given: str) -> str:
    """The label of a clearance.

    Raises:
        InvalidRequest: when there is no such level.
    """
    try:
        return Level.parse(given).label
    except ValueError as error:
        raise InvalidRequest(str(error), param="clearance") from error
