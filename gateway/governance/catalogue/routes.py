"""``/admin/v1/catalogue`` and ``/admin/v1/apply``: read and replace the catalogue."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Response

from gateway.core.errors import ConfigError, InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import parse
from gateway.governance.catalogue.schemas import (
    AppliedResponse,
    ApplyBody,
    CatalogueResponse,
    WaitingResponse,
)
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.changes.edits import WAITING
from gateway.governance.http.permissions import Guard
from gateway.storage.database import Database


def router(
    guard: Guard,
    catalogue: Catalogue,
    database: Database,
    *,
    resolve: Callable[[str], str | None],
    refresh_issuers: Callable[[], Awaitable[list[str]]],
    publish: Callable[[], Awaitable[str]],
) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter()
    read = Depends(guard.allowed("catalogue:read"))
    write = Depends(guard.allowed("catalogue:write"))

    @routes.get("/catalogue", dependencies=[read])
    async def get() -> CatalogueResponse:
        async with database.read() as connection:
            found = await catalogue.load(connection)
        return CatalogueResponse(**{
            kind: [orjson.loads(item) for item in items] for kind, items in found.items()
        })

    @routes.post("/apply")
    async def apply(
        body: ApplyBody, actor: Annotated[Actor, write], response: Response
    ) -> AppliedResponse | WaitingResponse:
        try:
            config = parse(body.text, source=body.source)
            applied = await catalogue.apply(
                config,
                actor,
                resolve=resolve,
                door=body.door,
                comment=body.comment,
                all_or_nothing=body.all_or_nothing,
            )
        except ConfigError as error:
            raise InvalidRequest(str(error)) from error
        warnings = [*applied.warnings, *(f"issuer {one}" for one in await refresh_issuers())]
        digest = await publish()
        done = applied.done
        if done.proposal is None:
            return AppliedResponse(
                applied=applied.sections,
                changed=done.applied,
                snapshot=digest,
                warnings=warnings,
            )
        response.status_code = WAITING
        return WaitingResponse(
            proposal=done.proposal,
            waiting=done.waiting,
            applied=done.applied,
            sections=applied.sections,
            snapshot=digest,
            warnings=warnings,
        )

    return routes
