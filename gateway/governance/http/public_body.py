"""Bodies of public routes: read without a credential, so within a size and a time."""

import asyncio

from fastapi import Request
from starlette.requests import ClientDisconnect

from gateway.core.errors import InvalidRequest

_TIMEOUT_S = 30.0


async def read_public_body(request: Request, *, limit: int, too_large: str, not_read: str) -> bytes:
    """The body. Reading stops once it is larger than ``limit`` bytes.

    Raises:
        InvalidRequest: when it is too large, too slow or incomplete, with one of the messages.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            async for part in request.stream():
                body += part
                if len(body) > limit:
                    raise InvalidRequest(too_large, code="request_too_large")
    except (TimeoutError, ClientDisconnect) as error:
        raise InvalidRequest(not_read) from error
    return bytes(body)
