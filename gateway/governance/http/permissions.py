"""The permission that a route needs."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from gateway.core.errors import Denied
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.access_control.service import SignIn
from gateway.governance.actor import Actor
from gateway.governance.http.body_reader import ACTOR


class Guard:
    """Checks the permissions of callers, whom ``BodyReader`` has authenticated."""

    def __init__(self, sign_in: SignIn, permissions: Permissions) -> None:
        self._sign_in = sign_in
        self._permissions = permissions

    def allowed(
        self, permission: str, also: Callable[[Actor], Awaitable[bool]] | None = None
    ) -> Callable[[Request], Awaitable[Actor]]:
        """A dependency that gives the actor of a request, once checked for the permission.

        ``also`` lets in who lacks it.
        """

        async def actor(request: Request) -> Actor:
            found: Actor = request.scope[ACTOR]
            if permission:
                try:
                    self._permissions.require(found, permission)
                except Denied:
                    if also is not None and await also(found):
                        return found
                    await self._sign_in.denied(found, permission)
                    raise
            return found

        return actor
