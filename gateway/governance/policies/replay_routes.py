"""``/admin/v1/policies/replay``: a draft over recorded decisions."""

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.governance.actor import Actor
from gateway.governance.http.permissions import Guard
from gateway.governance.policies.draft_files import DraftFiles
from gateway.governance.policies.replay_reader import ReplayReader
from gateway.governance.policies.schemas import (
    PolicyReplayBody,
    PolicyReplayTextsBody,
    ReplayResponse,
)


def router(guard: Guard, drafts: DraftFiles, replays: ReplayReader) -> APIRouter:
    """The routes: by what entries say, and by stored bodies too."""
    routes = APIRouter(prefix="/policies/replay")
    may_try = Depends(guard.allowed("policies:try"))
    reveal = Depends(guard.allowed("audit:reveal"))

    @routes.post("", dependencies=[may_try])
    async def replay(body: PolicyReplayBody) -> ReplayResponse:
        return await replays.run(await drafts.of(body), body.since, body.until)

    @routes.post("/texts")
    async def replay_texts(
        body: PolicyReplayTextsBody, actor: Annotated[Actor, reveal]
    ) -> ReplayResponse:
        files = await drafts.of(body)
        return await replays.run_with_texts(
            files, body.since, body.until, actor, reason=body.reason
        )

    return routes
