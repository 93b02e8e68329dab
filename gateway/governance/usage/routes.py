"""``/admin/v1/usage``: figures of requests, their check against the trail, and their rebuild."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.pseudonyms.service import PersonPrivacy
from gateway.governance.usage.schemas import (
    UsageCheckResponse,
    UsageRebuildResponse,
    UsageResponse,
)
from gateway.governance.usage.service import UsageQuestion, UsageService
from gateway.governance.usage.usage_csv import as_csv

_NAMED = ("from", "to", "by", "group", "timezone", "compare", "quantiles", "format")
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}}, "description": "The figures, also as CSV."}
}


def router(guard: Guard, usage: UsageService, privacy: PersonPrivacy) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/usage")
    read = Depends(guard.allowed("usage:read"))
    rebuild_ = Depends(guard.allowed("usage:rebuild"))

    @routes.get("", dependencies=[read], response_model=UsageResponse, responses=_FILE)
    async def show(
        request: Request,
        since: Annotated[str | None, Query(alias="from", max_length=40)] = None,
        until: Annotated[str | None, Query(alias="to", max_length=40)] = None,
        by: Annotated[str, Query(max_length=10)] = "day",
        group: Annotated[str, Query(max_length=20)] = "",
        timezone: Annotated[str | None, Query(max_length=64)] = None,
        *,
        compare: bool = False,
        quantiles: bool = True,
        format_: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    ) -> UsageResponse | Response:
        """Figures by hour, day or month and by group; other parameters are filters."""
        filters = {k: v for k, v in request.query_params.items() if k not in _NAMED and v}
        question = UsageQuestion(since, until, by, group, timezone, compare, quantiles, filters)
        found = await usage.answer(question)
        if format_ == "json":
            return found
        mask = await privacy.mask()
        content = as_csv(found, mask.text if mask else str)
        name = f"sluis-usage-{found.since}-{found.until}.csv"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    @routes.get("/check", dependencies=[read])
    async def check() -> UsageCheckResponse:
        """Count all entries again, and compare."""
        return UsageCheckResponse.model_validate(await usage.rollup.check())

    @routes.post("/rebuild")
    async def rebuild(actor: Annotated[Actor, rebuild_]) -> UsageRebuildResponse:
        """Make the figures anew from the trail."""
        return UsageRebuildResponse(kept_before=await usage.rollup.rebuild(actor))

    return routes
