"""``/admin/v1/catalogue`` and ``/admin/v1/apply``: read and replace the catalogue."""

from collections.abc import Callable
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends

from gateway.core.errors import ConfigError, InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import parse
from gateway.governance.catalogue.schemas import AppliedResponse, ApplyBody, CatalogueResponse
from gateway.governance.http.permissions import allowed
from gateway.governance.plane import ControlPlane


def router(plane: ControlPlane, resolve: Callable[[str], str | None]) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter()
    read = Depends(allowed(plane, "catalogue:read"))
    write = Depends(allowed(plane, "catalogue:write"))

    @routes.get("/catalogue", dependencies=[read])
    async def get() -> CatalogueResponse:
        async with plane.database.read() as connection:
            found = await plane.catalogue.load(connection)
        return CatalogueResponse(**{
            kind: [orjson.loads(item) for item in items] for kind, items in found.items()
        })

    @routes.post("/apply")
    async def apply(body: ApplyBody, actor: Annotated[Actor, write]) -> AppliedResponse:
        try:
            config = parse(body.text, source=body.source)
            applied = await plane.catalogue.apply(config, actor, resolve=resolve)
        except ConfigError as error:
            raise InvalidRequest(str(error)) from error
        await plane.snapshots.refresh_issuers()
        digest = await plane.snapshots.publish()
        return AppliedResponse(applied=applied.counts, snapshot=digest, warnings=applied.warnings)

    return routes
