"""``/admin/v1/catalogue`` and ``/admin/v1/apply``: read and replace the catalogue."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Response

from gateway.core.errors import ConfigError, InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.catalogue import information_register
from gateway.governance.catalogue.config_file import parse
from gateway.governance.catalogue.schemas import (
    AppliedResponse,
    ApplyBody,
    CatalogueResponse,
    InformationRegisterResponse,
    WaitingResponse,
)
from gateway.governance.catalogue.service import Applied, Catalogue
from gateway.governance.changes.edits import WAITING
from gateway.governance.http.permissions import Guard
from gateway.storage.database import Database

_CSV: dict[int | str, dict[str, Any]] = {
    200: {"model": InformationRegisterResponse, "content": {"text/csv": {}}}
}


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
    report = Depends(guard.allowed("reports:read"))

    @routes.get("/catalogue", dependencies=[read])
    async def get() -> CatalogueResponse:
        async with database.read() as connection:
            found = await catalogue.load(connection)
        return CatalogueResponse(**{
            kind: [orjson.loads(item) for item in items] for kind, items in found.items()
        })

    @routes.get("/providers/register", dependencies=[report], responses=_CSV, response_model=None)
    async def register(
        form: Annotated[Literal["csv", "json"], Query(alias="format")] = "json",
    ) -> Response | InformationRegisterResponse:
        async with database.read() as connection:
            found = information_register.rows((await catalogue.load(connection))["provider"])
        if form == "json":
            columns = list(information_register.COLUMNS)
            return InformationRegisterResponse(columns=columns, rows=found)
        return Response(information_register.as_csv(found), media_type="text/csv; charset=utf-8")

    @routes.post("/apply")
    async def apply(
        body: ApplyBody, actor: Annotated[Actor, write], response: Response
    ) -> AppliedResponse | WaitingResponse:
        try:
            records = await catalogue.records()
            config = parse(body.text, source=body.source, records=records)
            applied = await catalogue.apply(
                config,
                actor,
                resolve=resolve,
                door=body.door,
                comment=body.comment,
                all_or_nothing=body.all_or_nothing,
                exception_minutes=body.exception_minutes,
                may_lock_out=body.may_lock_out,
                recovery=body.recovery,
            )
        except ConfigError as error:
            raise InvalidRequest(str(error)) from error
        warnings = [*applied.warnings, *(f"issuer {one}" for one in await refresh_issuers())]
        digest = await publish()
        response.status_code = WAITING if applied.done.proposal else 200
        return _answer(applied, digest, warnings)

    return routes


def _answer(
    applied: Applied, digest: str, warnings: list[str]
) -> AppliedResponse | WaitingResponse:
    done = applied.done
    if done.proposal is None:
        return AppliedResponse(
            applied=applied.sections, changed=done.applied, snapshot=digest, warnings=warnings
        )
    return WaitingResponse(
        proposal=done.proposal,
        waiting=done.waiting,
        applied=done.applied,
        sections=applied.sections,
        snapshot=digest,
        warnings=warnings,
    )
