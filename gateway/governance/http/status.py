"""Who is asking, how things are, and whether the control plane is ready."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.http.schemas import Document
from gateway.governance.plane import ControlPlane

_WEEK_MS = 7 * 86_400_000


def operations(plane: ControlPlane) -> APIRouter:
    """What a cluster asks: alive, and ready."""
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz() -> Document:
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz() -> Document:
        async with plane.database.read() as connection:
            await plane.catalogue.load(connection)
        return {"status": "ready"}

    return routes


def router(plane: ControlPlane) -> APIRouter:
    """Who is asking, and the numbers of the last days."""
    routes = APIRouter()
    anyone = Depends(allowed(plane, ""))
    overview = Depends(allowed(plane, "overview:read"))

    @routes.get("/me")
    async def me(actor: Annotated[Actor, anyone]) -> Document:
        return {
            "id": actor.id,
            "name": actor.name,
            "roles": sorted(actor.roles),
            "permissions": sorted(plane.permissions.of(actor)),
        }

    @routes.get("/overview", dependencies=[overview])
    async def show(since: int | None = None) -> Document:
        moment = since if since is not None else int(time.time() * 1000) - _WEEK_MS
        return {"since": moment, **await plane.trail.overview(moment)}

    return routes
