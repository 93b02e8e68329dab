"""What the requests of an incident used, as their entries say: candidates for containment."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.entry import values_of
from gateway.governance.audit.request_group import parts
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.incidents.schemas import UsedResponse
from gateway.governance.changes.tables import catalogue
from gateway.governance.journal import LOG
from gateway.governance.keys.store import list_active
from gateway.governance.models.tables import model_version

_BATCH = 200
_USED = f"SELECT disclosure FROM audit_detail WHERE request IN :requests AND log <> '{LOG}'"
_FIELDS = ("purpose", "deployment", "model", "principal", "model_version")


async def used_objects(
    connection: AsyncConnection, trail: AuditService, requests: Sequence[str]
) -> UsedResponse:
    """The objects that exist and that these requests used, by kind, in the order of names."""
    seen: dict[str, set[str]] = {name: set() for name in _FIELDS}
    for batch in parts(requests, _BATCH):
        for row in await trail.rows(_USED, {"requests": batch}):
            if row["disclosure"] is None:
                continue
            fields = values_of(bytes(row["disclosure"]))
            for name in _FIELDS:
                if isinstance(value := fields.get(name), str) and value:
                    seen[name].add(value)
    known = await _known(connection)
    keys = {key.id: key.name for key in await list_active(connection)}
    versions = {
        f"{row.name}@{row.version}"
        for row in await connection.execute(select(model_version.c.name, model_version.c.version))
    }
    return UsedResponse(
        use_cases=sorted(seen["purpose"] & known.get("use_case", set())),
        aliases=sorted(seen["model"] & known.get("alias", set())),
        deployments=sorted((seen["deployment"] | seen["model"]) & known.get("deployment", set())),
        keys={key: name for key, name in sorted(keys.items()) if key in seen["principal"]},
        versions=sorted(seen["model_version"] & versions),
    )


async def _known(connection: AsyncConnection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in await connection.execute(select(catalogue.c.kind, catalogue.c.name)):
        found.setdefault(row.kind, set()).add(row.name)
    return found
