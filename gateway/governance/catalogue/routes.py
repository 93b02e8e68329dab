"""``/admin/v1/catalogue`` and ``/apply``: what a sluis.yaml says."""

from collections.abc import Callable
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends
from pydantic import Field

from gateway.core.errors import ConfigError, InvalidRequest
from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.catalogue.config_file import parse
from gateway.governance.http.schemas import Body, Document
from gateway.governance.plane import ControlPlane


class ApplyBody(Body):
    """The text of a sluis.yaml, and the name of its file for messages."""

    text: str
    source: str = Field(default="sluis.yaml", max_length=255)


def router(plane: ControlPlane, resolve: Callable[[str], str | None]) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter()
    read = Depends(allowed(plane, "catalogue:read"))
    write = Depends(allowed(plane, "catalogue:write"))

    @routes.get("/catalogue", dependencies=[read])
    async def show() -> Document:
        async with plane.database.read() as connection:
            found = await plane.catalogue.load(connection)
        return {kind: [orjson.loads(item) for item in items] for kind, items in found.items()}

    @routes.post("/apply")
    async def apply(body: ApplyBody, actor: Annotated[Actor, write]) -> Document:
        try:
            config = parse(body.text, source=body.source)
            applied = await plane.catalogue.apply(config, actor, resolve=resolve)
        except ConfigError as error:
            raise InvalidRequest(str(error)) from error
        await plane.snapshots.refresh_issuers()
        digest = await plane.snapshots.publish()
        return {"applied": applied.counts, "snapshot": digest, "warnings": applied.warnings}

    return routes
