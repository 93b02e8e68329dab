"""``/admin/v1/teams``: list, set and delete teams."""

from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from gateway.core.objects.values import Name
from gateway.core.snapshot import Team
from gateway.governance.actor import Actor
from gateway.governance.catalogue.stated import FromDeclaration
from gateway.governance.changes.edits import WAITING
from gateway.governance.http.pages import Paged, page_of
from gateway.governance.http.permissions import Guard
from gateway.governance.http.schemas import WaitingChange
from gateway.governance.teams.schemas import (
    ChangedTeamResponse,
    DeletedTeamResponse,
    TeamListResponse,
    TeamResponse,
)
from gateway.governance.teams.service import Teams

_NAME = attrgetter("name")
TeamBody = Annotated[Team, FromDeclaration("name"), Body()]


def router(guard: Guard, teams: Teams, publish: Callable[[], Awaitable[object]]) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/teams")
    read, write = (
        Depends(guard.allowed("catalogue:read")),
        Depends(guard.allowed("catalogue:write")),
    )

    @routes.get("", dependencies=[read])
    async def list_teams(page: Paged) -> TeamListResponse:
        found, following = page_of(await teams.list(), page, name=_NAME, place=_NAME)
        return TeamListResponse(teams=found, next=following)

    @routes.get("/{name}", dependencies=[read])
    async def get(name: str) -> TeamResponse:
        return await teams.get(name)

    @routes.put("/{name}")
    async def put(
        name: Name, body: TeamBody, actor: Annotated[Actor, write], response: Response
    ) -> ChangedTeamResponse | WaitingChange:
        changed, done = await teams.put(name, body, actor)
        await publish()
        if done.proposal is not None:
            response.status_code = WAITING
            return WaitingChange.model_validate(done)
        return ChangedTeamResponse(name=name, changed=list(changed))

    @routes.delete("/{name}")
    async def delete(name: str, actor: Annotated[Actor, write]) -> DeletedTeamResponse:
        await teams.delete(name, actor)
        await publish()
        return DeletedTeamResponse(deleted=name)

    return routes
