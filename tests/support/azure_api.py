"""A stand-in for Azure OpenAI and Entra ID, which cannot be had in tests.

It speaks the documented wire format: the v1 API and the paths of a dated version, the key in
``api-key`` or a token of Entra ID, filter results in answers and at the beginning of streams.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.openai_api import OpenAIApi

KEY = "0123456789abcdef0123456789abcdef"
TENANT, CLIENT, SECRET = "8f0c-tenant", "1b2d-client", "entra-secret"
_SAFE = {"hate": {"filtered": False, "severity": "safe"}}
_FILTERED = {
    "error": {
        "message": "The response was filtered due to the prompt triggering the content policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
    }
}
_NO_ACCESS = {"error": {"code": "401", "message": "Access denied due to invalid key or token."}}


@dataclass
class AzureApi(OpenAIApi):
    """``forms`` are the requests for tokens; ``paths`` those of requests for answers."""

    forms: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    assertion: str = ""
    lasts: int = 3600
    key: str = KEY
    refuses: int = 0  # a status, while no token is issued

    def __post_init__(self) -> None:
        v1, dated = "/openai/v1", "/openai/deployments/{deployment}"
        self.serve(
            Starlette(
                routes=[
                    *(
                        Route(base + path, self._answer, methods=["POST"])
                        for base in (v1, dated)
                        for path in ("/chat/completions", "/embeddings", "/responses")
                    ),
                    Route(f"/{TENANT}/oauth2/v2.0/token", self._token, methods=["POST"]),
                ]
            )
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        self.forms.append(form)
        proven = form.get("client_secret") == SECRET or (
            self.assertion and form.get("client_assertion") == self.assertion
        )
        if self.refuses or form.get("client_id") != CLIENT or not proven:
            error = {"error": "invalid_client", "error_description": "AADSTS7000215: secret"}
            return JSONResponse(error, status_code=self.refuses or 401)
        token = f"token-{len(self.forms)}"
        issued = {"token_type": "Bearer", "expires_in": self.lasts, "access_token": token}
        return JSONResponse(issued)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.paths.append(path)
        if not self._admits(request):
            return JSONResponse(_NO_ACCESS, status_code=401)
        if path.endswith("/embeddings"):
            return await self._embed(request)
        if path.endswith("/responses"):
            return await self._responses(request)
        if b"example: filter" in await request.body():
            return JSONResponse(_FILTERED, status_code=400)
        return _decorated(await self._chat(request))

    def _admits(self, request: Request) -> bool:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        issued = {f"token-{number}" for number in range(1, len(self.forms) + 1)}
        return request.headers.get("api-key") == self.key or bearer in issued


def _decorated(response: Response) -> Response:
    """An answer with the results of Azure's content filter."""
    if isinstance(response, StreamingResponse):
        response.body_iterator = _stream(response.body_iterator)
        return response
    answer: dict[str, Any] = orjson.loads(bytes(response.body))
    if "choices" not in answer:
        return response
    answer["prompt_filter_results"] = [{"prompt_index": 0, "content_filter_results": _SAFE}]
    for choice in answer["choices"]:
        choice["content_filter_results"] = _SAFE
    return JSONResponse(answer)


async def _stream(frames: Any) -> AsyncIterator[bytes]:
    """Filter results come in a chunk without choices, and in one without a delta."""
    results = [{"prompt_index": 0, "content_filter_results": _SAFE}]
    first = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
    yield b"data: " + orjson.dumps({**first, "prompt_filter_results": results}) + b"\n\n"
    async for frame in frames:
        if frame == b"data: [DONE]\n\n":
            late = {"index": 0, "finish_reason": None, "content_filter_results": _SAFE}
            yield b"data: " + orjson.dumps({**first, "choices": [late]}) + b"\n\n"
        yield frame
