"""``/admin/v1/saved-views``: the searches that the caller keeps under a name."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import StateResponse
from gateway.governance.saved_views.schemas import (
    SavedViewBody,
    SavedViewListResponse,
    SavedViewResponse,
)
from gateway.governance.saved_views.service import SavedViews


def router(guard: Guard, views: SavedViews) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/saved-views")
    read = Depends(guard.allowed("audit:read"))

    @routes.get("")
    async def list_views(actor: Annotated[Actor, read]) -> SavedViewListResponse:
        return SavedViewListResponse(views=await views.list(actor))

    @routes.post("", status_code=201)
    async def save(body: SavedViewBody, actor: Annotated[Actor, read]) -> SavedViewResponse:
        """Keep the filters; a view of the same name is replaced."""
        return await views.save(body, actor)

    @routes.delete("/{identity}")
    async def delete(identity: str, actor: Annotated[Actor, read]) -> StateResponse:
        await views.delete(identity, actor)
        return StateResponse(state="deleted")

    return routes
