"""Liveness, readiness, the caller, and the figures of the last days."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import ActorResponse, StatusResponse
from gateway.governance.persons.schemas import SignedOutResponse
from gateway.governance.plane import ControlPlane
from gateway.governance.usage.overview import overview
from gateway.governance.usage.schemas import OverviewResponse

_WEEK_MS = 7 * 86_400_000


def probes(plane: ControlPlane) -> APIRouter:
    """The routes by which a cluster probes liveness and readiness."""
    routes = APIRouter()

    @routes.get("/healthz", response_model_exclude_none=True)
    async def healthz() -> StatusResponse:
        return StatusResponse(status="ok")

    @routes.get(
        "/readyz", response_model_exclude_none=True, responses={503: {"model": StatusResponse}}
    )
    async def readyz(response: Response) -> StatusResponse:
        problem = plane.reachability.problem
        if problem is None:
            return StatusResponse(status="ready")
        response.status_code = 503
        return StatusResponse(status="waiting", reason=problem, parts={"database": problem})

    return routes


def router(plane: ControlPlane, guard: Guard) -> APIRouter:
    """The routes of the caller and of the overview."""
    routes = APIRouter()
    anyone = Depends(guard.allowed(""))
    read = Depends(guard.allowed("overview:read"))

    @routes.get("/me")
    async def me(actor: Annotated[Actor, anyone]) -> ActorResponse:
        return ActorResponse(
            id=actor.id,
            name=actor.name,
            roles=sorted(actor.roles),
            permissions=sorted(plane.permissions.of(actor)),
        )

    @routes.post("/me/sign-out")
    async def sign_out(actor: Annotated[Actor, anyone]) -> SignedOutResponse:
        await plane.leaving.sign_outs.of_own(actor)
        await plane.snapshots.publish()
        return SignedOutResponse(id=actor.id)

    @routes.get("/overview", dependencies=[read])
    async def show(since: int | None = None) -> OverviewResponse:
        moment = since if since is not None else int(time.time() * 1000) - _WEEK_MS
        return await overview(plane.usage, moment)

    return routes
