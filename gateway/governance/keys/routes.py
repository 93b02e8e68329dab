"""``/admin/v1/keys``: list, issue and revoke keys."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import allowed
from gateway.governance.keys.schemas import (
    IssuedKeyResponse,
    KeyBody,
    KeyListResponse,
    RevokedKeyResponse,
)
from gateway.governance.keys.service import NewKey
from gateway.governance.plane import ControlPlane


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/keys")
    read, write = Depends(allowed(plane, "keys:read")), Depends(allowed(plane, "keys:write"))

    @routes.get("", dependencies=[read])
    async def list_keys() -> KeyListResponse:
        return KeyListResponse(keys=await plane.keys.list())

    @routes.post("", status_code=201)
    async def create(body: KeyBody, actor: Annotated[Actor, write]) -> IssuedKeyResponse:
        key, secret = await plane.keys.create(NewKey(**body.model_dump()), actor)
        await plane.snapshots.publish()
        return IssuedKeyResponse(id=key.id, name=key.name, secret=secret, expires=key.expires)

    @routes.post("/{reference}/revoke")
    async def revoke(reference: str, actor: Annotated[Actor, write]) -> RevokedKeyResponse:
        revoked = await plane.keys.revoke(reference, actor)
        await plane.snapshots.publish()
        return RevokedKeyResponse(revoked=revoked)

    return routes
