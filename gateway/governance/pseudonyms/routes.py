"""``/admin/v1/pseudonyms``: who is behind a pseudonym, with the approval of another person."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.proposals.states import PENDING
from gateway.governance.pseudonyms.resolution import PseudonymResolver
from gateway.governance.pseudonyms.schemas import ResolutionResponse, ResolveBody

_PENDING: dict[int | str, dict[str, Any]] = {
    202: {"model": ResolutionResponse, "description": "Another person must approve it."}
}


def router(guard: Guard, resolver: PseudonymResolver) -> APIRouter:
    """The routes of this slice."""
    routes = APIRouter(prefix="/pseudonyms")
    resolve_ = Depends(guard.allowed("pseudonyms:resolve"))

    @routes.post("/resolve", responses=_PENDING)
    async def resolve(
        body: ResolveBody, actor: Annotated[Actor, resolve_], response: Response
    ) -> ResolutionResponse:
        """Propose to resolve a pseudonym; the same call gives the person once it is approved."""
        found = await resolver.resolve(body.pseudonym, actor, reason=body.reason)
        response.status_code = 202 if found.state == PENDING else 200
        return ResolutionResponse.model_validate(found)

    return routes
