"""``/admin/v1/models``: register, approve, tag and quarantine versions."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.catalogue.config_values import Name
from gateway.governance.http.schemas import Body, Document, ReasonBody
from gateway.governance.plane import ControlPlane


class ModelBody(Body):
    """A version to be registered, by directories on the control plane's machine."""

    name: Name
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    base: str = Field(max_length=4000)
    adapter: str | None = Field(default=None, max_length=4000)
    clearance: str = "restricted"


class TagBody(Body):
    """Which tag to move."""

    tag: str = Field(default="production", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter(prefix="/models")
    read = Depends(allowed(plane, "models:read"))
    register_ = Depends(allowed(plane, "models:register"))
    approve_ = Depends(allowed(plane, "models:approve"))
    tag_ = Depends(allowed(plane, "models:tag"))
    quarantine_ = Depends(allowed(plane, "models:quarantine"))

    @routes.get("", dependencies=[read])
    async def show() -> Document:
        return {"models": [version.document() for version in await plane.models.all()]}

    @routes.post("", status_code=201)
    async def register(body: ModelBody, actor: Annotated[Actor, register_]) -> Document:
        digest = await plane.models.register(
            body.name,
            body.version,
            actor,
            base=Path(body.base),
            adapter=Path(body.adapter) if body.adapter else None,
            clearance=body.clearance,
        )
        return {"digest": digest, "state": "draft"}

    @routes.post("/{name}/{version}/approve")
    async def approve(name: str, version: str, actor: Annotated[Actor, approve_]) -> Document:
        await plane.models.approve(name, version, actor)
        await plane.snapshots.publish()
        return {"state": "approved"}

    @routes.post("/{name}/{version}/quarantine")
    async def quarantine(
        name: str, version: str, body: ReasonBody, actor: Annotated[Actor, quarantine_]
    ) -> Document:
        await plane.models.quarantine(name, version, actor, reason=body.reason)
        await plane.snapshots.publish()
        return {"state": "quarantined"}

    @routes.post("/{name}/{version}/promote")
    async def promote(
        name: str, version: str, body: TagBody, actor: Annotated[Actor, tag_]
    ) -> Document:
        await plane.models.promote(name, version, actor, tag=body.tag)
        await plane.snapshots.publish()
        return {"tag": body.tag, "version": version}

    @routes.post("/{name}/rollback")
    async def rollback(name: str, body: TagBody, actor: Annotated[Actor, tag_]) -> Document:
        version = await plane.models.rollback(name, actor, tag=body.tag)
        await plane.snapshots.publish()
        return {"tag": body.tag, "version": version}

    return routes
