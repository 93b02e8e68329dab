"""``/admin/v1/mandates``: list, give, change and end mandates."""

from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from gateway.core.objects.values import Name
from gateway.governance.actor import Actor
from gateway.governance.changes.edits import WAITING
from gateway.governance.http.pages import Paged, page_of
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import WaitingChange
from gateway.governance.mandates.schemas import (
    ChangedMandateResponse,
    EndedMandateResponse,
    MandateBody,
    MandateListResponse,
    MandateResponse,
)
from gateway.governance.mandates.service import Mandates

_NAME = attrgetter("name")


def router(guard: Guard, mandates: Mandates, publish: Callable[[], Awaitable[object]]) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/mandates")
    read, write = Depends(guard.allowed("mandates:read")), Depends(guard.allowed("mandates:write"))

    @routes.get("")
    async def list_mandates(page: Paged, actor: Annotated[Actor, read]) -> MandateListResponse:
        found, following = page_of(await mandates.list(actor), page, name=_NAME, place=_NAME)
        return MandateListResponse(mandates=found, next=following)

    @routes.get("/{name}")
    async def get(name: str, actor: Annotated[Actor, read]) -> MandateResponse:
        return await mandates.get(name, actor)

    @routes.put("/{name}")
    async def put(
        name: Name, body: MandateBody, actor: Annotated[Actor, write], response: Response
    ) -> ChangedMandateResponse | WaitingChange:
        changed, done = await mandates.put(name, body, actor)
        await publish()
        if done.proposal is not None:
            response.status_code = WAITING
            return WaitingChange.model_validate(done)
        return ChangedMandateResponse(name=name, changed=list(changed))

    @routes.delete("/{name}")
    async def end(name: str, actor: Annotated[Actor, write]) -> EndedMandateResponse:
        await mandates.end(name, actor)
        await publish()
        return EndedMandateResponse(ended=name)

    return routes
