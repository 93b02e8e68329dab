"""``POST /logout/backchannel/{issuer}``: the identity provider sends logout tokens here."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from fastapi import APIRouter, BackgroundTasks, Request, Response

from gateway.core.errors import InvalidRequest
from gateway.governance.http.public_body import read_public_body
from gateway.governance.http.schemas import StateResponse
from gateway.governance.logout.service import Logouts

_MAX_BYTES = 32 * 1024
_NOT_READ = "Send one logout_token as application/x-www-form-urlencoded."
_FORM = {"type": "object", "properties": {"logout_token": {"type": "string"}}}
_REQUEST_BODY = {
    "required": True,
    "content": {"application/x-www-form-urlencoded": {"schema": _FORM}},
}


def intake(logouts: Logouts, publish: Callable[[], Awaitable[object]]) -> APIRouter:
    """The public route: a signed token is the credential."""
    routes = APIRouter(prefix="/logout")

    @routes.post("/backchannel/{issuer}", openapi_extra={"requestBody": _REQUEST_BODY})
    async def back_channel_logout(
        issuer: str, request: Request, response: Response, after: BackgroundTasks
    ) -> StateResponse:
        response.headers["cache-control"] = "no-store"
        async with logouts.attempt(request.client.host if request.client else None):
            body = await read_public_body(
                request, limit=_MAX_BYTES, too_large=_NOT_READ, not_read=_NOT_READ
            )
            await logouts.accept(issuer, _token_in(body))
        after.add_task(publish)  # providers wait for an answer for a few seconds only
        return StateResponse(state="signed_out")

    return routes


def _token_in(body: bytes) -> str:
    try:
        given = parse_qs(body.decode("ascii"), max_num_fields=20).get("logout_token", [])
    except ValueError:
        given = []
    if len(given) != 1:
        raise InvalidRequest(_NOT_READ, param="logout_token")
    return given[0]
