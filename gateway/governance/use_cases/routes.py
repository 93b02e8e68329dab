"""``/admin/v1/use-cases``: list, store and delete use cases."""

from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from gateway.governance.actor import Actor
from gateway.governance.changes.edits import WAITING
from gateway.governance.http.pages import Paged, page_of
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import WaitingChange
from gateway.governance.use_cases.schemas import (
    ChangedUseCaseResponse,
    DeletedUseCaseResponse,
    UseCaseBody,
    UseCaseListResponse,
    UseCaseResponse,
)
from gateway.governance.use_cases.service import UseCases

_BY_NAME = attrgetter("name")
_Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]


def router(
    guard: Guard, use_cases: UseCases, publish: Callable[[], Awaitable[object]]
) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/use-cases")
    read = Depends(guard.allowed("use_cases:read"))
    write = Depends(guard.allowed("use_cases:write"))

    @routes.get("", dependencies=[read])
    async def list_use_cases(page: Paged) -> UseCaseListResponse:
        found, following = page_of(await use_cases.list(), page, name=_BY_NAME, place=_BY_NAME)
        return UseCaseListResponse(use_cases=list(found), next=following)

    @routes.get("/{name}", dependencies=[read])
    async def get(name: str) -> UseCaseResponse:
        return await use_cases.get(name)

    @routes.put("/{name}")
    async def put(
        name: _Name, body: UseCaseBody, actor: Annotated[Actor, write], response: Response
    ) -> ChangedUseCaseResponse | WaitingChange:
        changed, done = await use_cases.put(name, body, actor)
        await publish()
        if done.proposal is not None:
            response.status_code = WAITING
            return WaitingChange.model_validate(done)
        return ChangedUseCaseResponse(name=name, changed=list(changed))

    @routes.delete("/{name}")
    async def delete(name: str, actor: Annotated[Actor, write]) -> DeletedUseCaseResponse:
        await use_cases.delete(name, actor)
        await publish()
        return DeletedUseCaseResponse(deleted=name)

    return routes
