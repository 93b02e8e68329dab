"""``/admin/v1/home``: what waits, the state of the installation, and today's figures."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.home.schemas import HomeResponse
from gateway.governance.home.service import Home
from gateway.governance.http.permissions import Guard


def router(guard: Guard, home: Home) -> APIRouter:
    """The route of this slice."""
    routes = APIRouter()
    anyone = Depends(guard.allowed(""))

    @routes.get("/home")
    async def show(actor: Annotated[Actor, anyone]) -> HomeResponse:
        """The parts that the caller's roles give."""
        return await home.show(actor)

    return routes
