"""The little that raw ASGI needs: reading a bounded body, sending JSON, noticing a hang-up."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

import orjson

from gateway.core.errors import InvalidRequest

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]
JSON = b"application/json"


def headers_of(scope: Scope) -> dict[str, str]:
    """Request headers by lower-case name."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def bearer_of(headers: Mapping[str, str]) -> str | None:
    """The bearer credential, or None."""
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    return credential.strip() or None if scheme.lower() == "bearer" else None


async def read_body(receive: Receive, headers: Mapping[str, str], *, limit: int) -> bytes:
    """The whole body.

    Raises:
        InvalidRequest: as soon as it is larger than ``limit`` bytes.
    """
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise asyncio.CancelledError
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def send_start(
    send: Send,
    status: int,
    content_type: bytes,
    headers: Mapping[str, str],
    *,
    length: int | None = None,
) -> None:
    """Status line and headers."""
    raw: list[Header] = [(b"content-type", content_type), *_encoded(headers.items())]
    if length is not None:
        raw.append((b"content-length", str(length).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def send_json(send: Send, status: int, value: Any, headers: Mapping[str, str]) -> None:
    """A complete JSON answer."""
    body = orjson.dumps(value)
    await send_start(send, status, JSON, headers, length=len(body))
    await send({"type": "http.response.body", "body": body})


async def hang_up(receive: Receive) -> None:
    """Returns when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        continue


def _encoded(headers: Iterable[tuple[str, str]]) -> list[Header]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]


def _too_large(limit: int) -> InvalidRequest:
    return InvalidRequest(
        f"The request body is larger than {limit} bytes.", code="request_too_large"
    )
