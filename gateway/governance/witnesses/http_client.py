"""Asking a witness over HTTP: answers are small, and anything else is none."""

from collections.abc import Mapping

import httpx

from gateway.governance.witnesses.witness import WitnessFailed

_MOST = 64 * 1024


async def asked(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """The answer, read whole.

    Raises:
        WitnessFailed: when it cannot be reached, or its answer is larger than any honest one.
    """
    try:
        async with client.stream(method, url, content=body, headers=headers) as answer:
            text = bytearray()
            async for block in answer.aiter_bytes():
                text += block
                if len(text) > _MOST:
                    raise WitnessFailed("its answer is too large")
    except httpx.HTTPError as error:
        raise WitnessFailed(type(error).__name__) from error
    kept = {"content-type": answer.headers.get("content-type", "")}
    return httpx.Response(answer.status_code, content=bytes(text), headers=kept)
