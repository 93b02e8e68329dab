"""HTTP requests to witnesses. Large answers are refused."""

from collections.abc import Mapping

import httpx

from gateway.governance.witnesses.witness import WitnessFailed

_MAX_BYTES = 64 * 1024


async def request(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Send a request; gives the whole answer.

    Raises:
        WitnessFailed: when the witness cannot be reached, or its answer is too large.
    """
    try:
        async with client.stream(method, url, content=body, headers=headers) as answer:
            text = bytearray()
            async for block in answer.aiter_bytes():
                text += block
                if len(text) > _MAX_BYTES:
                    raise WitnessFailed("its answer is too large")
    except httpx.HTTPError as error:
        raise WitnessFailed(type(error).__name__) from error
    kept = {"content-type": answer.headers.get("content-type", "")}
    return httpx.Response(answer.status_code, content=bytes(text), headers=kept)
