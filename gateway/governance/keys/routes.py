"""``/admin/v1/keys``: list, issue, change, rotate and revoke keys; and a person's own."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from gateway.core.snapshot import Key
from gateway.governance.actor import Actor
from gateway.governance.changes.edits import WAITING, Submitted
from gateway.governance.http.pages import Paged
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import WaitingChange
from gateway.governance.keys.own_keys import OwnKeys
from gateway.governance.keys.schemas import (
    ChangedKeyResponse,
    IssuedKeyResponse,
    KeyBody,
    KeyChangeBody,
    KeyListResponse,
    OwnKeyBody,
    RevokedKeyResponse,
    RotateBody,
    WaitingKeyResponse,
)
from gateway.governance.keys.service import Keys
from gateway.governance.keys.store import KeyQuestion
from gateway.governance.pseudonyms.service import PersonPrivacy

Publish = Callable[[], Awaitable[object]]


def router(guard: Guard, keys: Keys, privacy: PersonPrivacy, publish: Publish) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/keys")
    read, write = Depends(guard.allowed("keys:read")), Depends(guard.allowed("keys:write"))

    @routes.get("", dependencies=[read])
    async def list_keys(
        page: Paged,
        expiring_days: Annotated[int | None, Query(ge=0, le=3650)] = None,
        team: Annotated[str | None, Query(max_length=128)] = None,
        owner: Annotated[str | None, Query(max_length=320)] = None,
        purpose: Annotated[str | None, Query(max_length=128)] = None,
    ) -> KeyListResponse:
        """All that match, oldest first; with ``limit`` a page, ``after`` is its cursor.

        An owner, or the beginning of a name, is refused while persons are hidden.
        """
        await privacy.check_search({"asserted_user": owner or page.name_prefix})
        return await keys.page(KeyQuestion(team, owner, purpose, expiring_days, page))

    @routes.post("", status_code=201)
    async def create(
        body: KeyBody, actor: Annotated[Actor, write], response: Response
    ) -> IssuedKeyResponse | WaitingKeyResponse:
        key, secret, done = await keys.create(body, actor)
        await publish()
        return submitted(key, secret, done, response)

    @routes.patch("/{reference}")
    async def change(
        reference: str, body: KeyChangeBody, actor: Annotated[Actor, write], response: Response
    ) -> ChangedKeyResponse | WaitingChange:
        key, done = await keys.change(reference, body.values(), actor)
        await publish()
        if done.proposal is None:
            return ChangedKeyResponse(changed=key.id)
        response.status_code = WAITING
        return WaitingChange.model_validate(done)

    @routes.post("/{reference}/rotate")
    async def rotate(
        reference: str, body: RotateBody, actor: Annotated[Actor, write], response: Response
    ) -> IssuedKeyResponse | WaitingKeyResponse:
        key, secret, done = await keys.rotate(reference, actor, overlap_hours=body.overlap_hours)
        await publish()
        return submitted(key, secret, done, response)

    @routes.post("/{reference}/revoke")
    async def revoke(reference: str, actor: Annotated[Actor, write]) -> RevokedKeyResponse:
        revoked = await keys.revoke(reference, actor)
        await publish()
        return RevokedKeyResponse(revoked=revoked)

    return routes


def own_router(guard: Guard, own: OwnKeys, publish: Publish) -> APIRouter:
    """The routes by which a person has keys of a team, within what that team permits."""
    routes = APIRouter(prefix="/own-keys")
    allowed = Depends(guard.allowed("keys:own"))

    @routes.get("")
    async def list_own(actor: Annotated[Actor, allowed]) -> KeyListResponse:
        return KeyListResponse(keys=await own.list(actor))

    @routes.post("", status_code=201)
    async def create(body: OwnKeyBody, actor: Annotated[Actor, allowed]) -> IssuedKeyResponse:
        key, secret = await own.create(body, actor)
        await publish()
        return _issued(key, secret)

    @routes.post("/{reference}/rotate")
    async def rotate(
        reference: str, body: RotateBody, actor: Annotated[Actor, allowed]
    ) -> IssuedKeyResponse:
        key, secret = await own.rotate(reference, actor, overlap_hours=body.overlap_hours)
        await publish()
        return _issued(key, secret)

    @routes.post("/{reference}/revoke")
    async def revoke(reference: str, actor: Annotated[Actor, allowed]) -> RevokedKeyResponse:
        revoked = await own.revoke(reference, actor)
        await publish()
        return RevokedKeyResponse(revoked=revoked)

    return routes


def _issued(key: Key, secret: str) -> IssuedKeyResponse:
    return IssuedKeyResponse(id=key.id, name=key.name, secret=secret, expires=key.expires)


def submitted(
    key: Key, secret: str, done: Submitted, response: Response
) -> IssuedKeyResponse | WaitingKeyResponse:
    """A new secret, which waits when the key or the rotation needs another person."""
    issued = _issued(key, secret)
    if done.proposal is None:
        return issued
    response.status_code = WAITING
    return WaitingKeyResponse(
        **issued.model_dump(),
        proposal=done.proposal,
        waiting=done.waiting,
        applied=done.applied,
    )
