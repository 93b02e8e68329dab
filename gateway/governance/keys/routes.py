"""``/admin/v1/keys``: list, issue and revoke keys."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from gateway.governance.actor import Actor
from gateway.governance.changes.edits import WAITING
from gateway.governance.http.permissions import Guard
from gateway.governance.keys.schemas import (
    IssuedKeyResponse,
    KeyBody,
    KeyListResponse,
    RevokedKeyResponse,
    WaitingKeyResponse,
)
from gateway.governance.keys.service import Keys, NewKey


def router(guard: Guard, keys: Keys, publish: Callable[[], Awaitable[object]]) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/keys")
    read, write = Depends(guard.allowed("keys:read")), Depends(guard.allowed("keys:write"))

    @routes.get("", dependencies=[read])
    async def list_keys() -> KeyListResponse:
        return KeyListResponse(keys=await keys.list())

    @routes.post("", status_code=201)
    async def create(
        body: KeyBody, actor: Annotated[Actor, write], response: Response
    ) -> IssuedKeyResponse | WaitingKeyResponse:
        key, secret, done = await keys.create(NewKey(**body.model_dump()), actor)
        await publish()
        issued = IssuedKeyResponse(id=key.id, name=key.name, secret=secret, expires=key.expires)
        if done.proposal is None:
            return issued
        response.status_code = WAITING
        return WaitingKeyResponse(
            **issued.model_dump(),
            proposal=done.proposal,
            waiting=done.waiting,
            applied=done.applied,
        )

    @routes.post("/{reference}/revoke")
    async def revoke(reference: str, actor: Annotated[Actor, write]) -> RevokedKeyResponse:
        revoked = await keys.revoke(reference, actor)
        await publish()
        return RevokedKeyResponse(revoked=revoked)

    return routes
