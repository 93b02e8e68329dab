"""``/admin/v1/keys``: issue, list, revoke."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from gateway.governance.access_control.actor import Actor
from gateway.governance.access_control.permissions import allowed
from gateway.governance.catalogue.config_values import Name
from gateway.governance.http.schemas import Body, Document
from gateway.governance.keys.service import NewKey
from gateway.governance.plane import ControlPlane


class KeyBody(Body):
    """A key to be issued."""

    name: Name
    kind: str = Field(default="app", pattern="^(app|person|admin)$")
    team: str | None = None
    models: list[str] = Field(default=[])
    purposes: list[str] = Field(default=[])
    roles: list[str] = Field(default=[])
    clearance: str = "confidential"
    floor: str = "internal"
    strict: bool = False
    days: int = 90


def router(plane: ControlPlane) -> APIRouter:
    """The routes of this subject."""
    routes = APIRouter(prefix="/keys")
    read, write = Depends(allowed(plane, "keys:read")), Depends(allowed(plane, "keys:write"))

    @routes.get("", dependencies=[read])
    async def show() -> Document:
        hidden = {"digest"}
        return {
            "keys": [
                {
                    **{
                        field: getattr(stored.key, field)
                        for field in stored.key.__struct_fields__
                        if field not in hidden
                    },
                    "source": stored.source,
                    "created": stored.created,
                    "revoked": stored.revoked,
                }
                for stored in await plane.keys.all()
            ]
        }

    @routes.post("", status_code=201)
    async def create(body: KeyBody, actor: Annotated[Actor, write]) -> Document:
        key, secret = await plane.keys.create(NewKey(**body.model_dump()), actor)
        await plane.snapshots.publish()
        return {"id": key.id, "name": key.name, "secret": secret, "expires": key.expires}

    @routes.post("/{reference}/revoke")
    async def revoke(reference: str, actor: Annotated[Actor, write]) -> Document:
        revoked = await plane.keys.revoke(reference, actor)
        await plane.snapshots.publish()
        return {"revoked": revoked}

    return routes
