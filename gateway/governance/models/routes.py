"""``/admin/v1/models``: list, register, approve, tag and quarantine versions."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ReasonBody, StateResponse
from gateway.governance.models.schemas import (
    ModelBody,
    ModelListResponse,
    RegisteredResponse,
    TagBody,
    TaggedResponse,
)
from gateway.governance.models.service import APPROVED, DRAFT, QUARANTINED, ModelRegistry


def router(
    guard: Guard, models: ModelRegistry, publish: Callable[[], Awaitable[object]]
) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/models")
    read = Depends(guard.allowed("models:read"))
    register_ = Depends(guard.allowed("models:register"))
    approve_ = Depends(guard.allowed("models:approve"))
    tag_ = Depends(guard.allowed("models:tag"))
    quarantine_ = Depends(guard.allowed("models:quarantine"))

    @routes.get("", dependencies=[read])
    async def list_versions() -> ModelListResponse:
        return ModelListResponse(models=await models.list())

    @routes.post("", status_code=201)
    async def register(body: ModelBody, actor: Annotated[Actor, register_]) -> RegisteredResponse:
        digest = await models.register(
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
        await models.approve(name, version, actor)
        await publish()
        return StateResponse(state=APPROVED)

    @routes.post("/{name}/{version}/quarantine")
    async def quarantine(
        name: str, version: str, body: ReasonBody, actor: Annotated[Actor, quarantine_]
    ) -> StateResponse:
        await models.quarantine(name, version, actor, reason=body.reason)
        await publish()
        return StateResponse(state=QUARANTINED)

    @routes.post("/{name}/{version}/promote")
    async def promote(
        name: str, version: str, body: TagBody, actor: Annotated[Actor, tag_]
    ) -> TaggedResponse:
        await models.promote(name, version, actor, tag=body.tag)
        await publish()
        return TaggedResponse(tag=body.tag, version=version)

    @routes.post("/{name}/rollback")
    async def rollback(name: str, body: TagBody, actor: Annotated[Actor, tag_]) -> TaggedResponse:
        version = await models.rollback(name, actor, tag=body.tag)
        await publish()
        return TaggedResponse(tag=body.tag, version=version)

    return routes
