"""``/admin/v1/break-glass``: list, end and review exceptions."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.break_glass.schemas import (
    ExceptionListResponse,
    ExceptionResponse,
    ReviewBody,
)
from gateway.governance.break_glass.service import BreakGlass
from gateway.governance.http.permissions import Guard


def router(guard: Guard, break_glass: BreakGlass) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/break-glass")
    read = Depends(guard.allowed("break_glass:read"))
    end_, review_ = (
        Depends(guard.allowed("break_glass:end")),
        Depends(guard.allowed("break_glass:review")),
    )

    @routes.get("", dependencies=[read])
    async def list_exceptions() -> ExceptionListResponse:
        return ExceptionListResponse(exceptions=list(await break_glass.list()))

    @routes.post("/{identity}/end")
    async def end(identity: str, actor: Annotated[Actor, end_]) -> ExceptionResponse:
        return await break_glass.end(identity, actor)

    @routes.post("/{identity}/review")
    async def review(
        identity: str, body: ReviewBody, actor: Annotated[Actor, review_]
    ) -> ExceptionResponse:
        return await break_glass.review(identity, actor, comment=body.comment)

    return routes
