"""``/worker/v1/snapshot``: what model workers read, with their own token instead of a database."""

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from gateway.core.errors import InvalidRequest, Unauthenticated
from gateway.governance.snapshots.worker_snapshot import WorkerSnapshots

_ENVELOPE = "application/vnd.sluis.snapshot+json"
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {_ENVELOPE: {}}, "description": "A signed envelope."},
    304: {"description": "The worker has the newest one."},
}
_REFUSED = "Send 'Authorization: Bearer <worker token>', the file worker-token of the secrets."


def router(snapshots: WorkerSnapshots, token: str) -> APIRouter:
    """The route; without a token of workers in this process's secrets no worker is admitted."""
    routes = APIRouter(prefix="/worker/v1")

    @routes.get("/snapshot", response_class=Response, responses=_RESPONSES)
    async def newest(
        authorization: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        """The signed envelope; 304 when the worker has it, 404 before the first one."""
        given = authorization.removeprefix("Bearer ")
        if not token or not hmac.compare_digest(given.encode(), token.encode()):
            raise Unauthenticated(_REFUSED)
        found = await snapshots.newest()
        if found is None:
            raise InvalidRequest("No snapshot is published yet.", code="not_found")
        envelope, digest = found
        etag = {"etag": f'"{digest}"'}
        if if_none_match == etag["etag"]:
            return Response(status_code=304, headers=etag)
        return Response(envelope, media_type=_ENVELOPE, headers=etag)

    return routes
