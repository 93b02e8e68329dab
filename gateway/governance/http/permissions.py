"""The permission that a route needs."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from gateway.core.errors import Denied
from gateway.governance.actor import Actor
from gateway.governance.plane import ControlPlane


def allowed(plane: ControlPlane, permission: str) -> Callable[[Request], Awaitable[Actor]]:
    """A dependency that gives the actor of a request, once checked for the permission."""

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
