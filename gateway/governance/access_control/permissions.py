"""Who may use a route: every route names the permission that it needs."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from gateway.core.errors import Denied
from gateway.governance.access_control.actor import Actor
from gateway.governance.plane import ControlPlane


def allowed(plane: ControlPlane, permission: str) -> Callable[[Request], Awaitable[Actor]]:
    """A dependency: the actor, once the permission is his or hers."""

    async def actor(request: Request) -> Actor:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        found = await plane.sign_in.actor(
            credential.strip() if scheme.lower() == "bearer" else None,
            request.client.host if request.client else None,
        )
        if permission:
            try:
                plane.permissions.require(found, permission)
            except Denied:
                await plane.sign_in.denied(found, permission)
                raise
        return found

    return actor
