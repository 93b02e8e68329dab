"""``/admin/v1/policies/replay``: a draft over recorded decisions."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.policies.replay_reader import ReplayReader
from gateway.governance.policies.schemas import (
    PolicyReplayBody,
    PolicyReplayTextsBody,
    ReplayResponse,
)
from gateway.governance.policies.service import KIND, Policies
from gateway.governance.proposals.service import Proposals


def router(
    guard: Guard, policies: Policies, proposals: Proposals, replays: ReplayReader
) -> APIRouter:
    """The routes: by what entries say, and by stored bodies too."""
    routes = APIRouter(prefix="/policies/replay")
    may_try = Depends(guard.allowed("policies:try"))
    reveal = Depends(guard.allowed("audit:reveal"))

    async def files_of(body: PolicyReplayBody) -> dict[str, str]:
        if body.proposal is None:
            _, files = await policies.whole(body.files, whole=body.whole, base=body.base)
            return files
        stored = await proposals.get(body.proposal)
        if stored.summary.kind != KIND:
            raise InvalidRequest("This proposal is not about policies.", param="proposal")
        return policies.files_of(stored.document)

    @routes.post("", dependencies=[may_try])
    async def replay(body: PolicyReplayBody) -> ReplayResponse:
        return await replays.run(await files_of(body), body.since, body.until)

    @routes.post("/texts")
    async def replay_texts(
        body: PolicyReplayTextsBody, actor: Annotated[Actor, reveal]
    ) -> ReplayResponse:
        files = await files_of(body)
        return await replays.run_with_texts(
            files, body.since, body.until, actor, reason=body.reason
        )

    return routes
