"""``/admin/v1/models``: list, register, approve, tag and quarantine versions."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import allowed
from gateway.governance.http.schemas import ReasonBody, StateResponse
from gateway.governance.models.schemas import (
    ModelBody,
    ModelListResponse,
    RegisteredResponse,
    TagBody,
    TaggedResponse,
)
from gateway.governance.models.service import APPROVED, DRAFT, QUARANTINED
from gateway.governance.plane import ControlPlane


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/models")
    read = Depends(allowed(plane, "models:read"))
    register_ = Depends(allowed(plane, "models:register"))
    approve_ = Depends(allowed(plane, "models:approve"))
    tag_ = Depends(allowed(plane, "models:tag"))
    quarantine_ = Depends(allowed(plane, "models:quarantine"))

    @routes.get("", dependencies=[read])
    async def list_versions() -> ModelListResponse:
        return ModelListResponse(models=await plane.models.list())

    @routes.post("", status_code=201)
    async def register(body: ModelBody, actor: Annotated[Actor, register_]) -> RegisteredResponse:
        digest = await plane.models.register(
            body.name,
            body.version,
            actor,
            base=Path(body.base),
            adapter=Path(body.adapter) if body.adapter else None,
            clearance=body.clearance,
        )
        return RegisteredResponse(digest=digest, state=DRAFT)

    @routes.post("/{name}/{version}/approve")
    async def approve(name: str, version: str, actor: Annotated[Actor, approve_]) -> StateResponse:
        await plane.models.approve(name, version, actor)
        await plane.snapshots.publish()
        return StateResponse(state=APPROVED)

    @routes.post("/{name}/{version}/quarantine")
    async def quarantine(
        name: str, version: str, body: ReasonBody, actor: Annotated[Actor, quarantine_]
    ) -> StateResponse:
        await plane.models.quarantine(name, version, actor, reason=body.reason)
        await plane.snapshots.publish()
        return StateResponse(state=QUARANTINED)

    @routes.post("/{name}/{version}/promote")
    async def promote(
        name: str, version: str, body: TagBody, actor: Annotated[Actor, tag_]
    ) -> TaggedResponse:
        await plane.models.promote(name, version, actor, tag=body.tag)
        await plane.snapshots.publish()
        return TaggedResponse(tag=body.tag, version=version)

    @routes.post("/{name}/rollback")
    async def rollback(name: str, body: TagBody, actor: Annotated[Actor, tag_]) -> TaggedResponse:
        version = await plane.models.rollback(name, actor, tag=body.tag)
        await plane.snapshots.publish()
        return TaggedResponse(tag=body.tag, version=version)

    return routes
