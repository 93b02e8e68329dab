"""The routes of vLLM's server that Sluis meets, not vLLM itself: names, health, and refusals.

Several replicas behind one address take turns, as pods behind a Service do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.support.openai_api import OpenAIApi

CONTEXT = 1024
_PREFIX = "--served-model-name="


@dataclass
class VllmApi(OpenAIApi):
    """Each of ``replicas`` serves the names of the arguments that it was started with."""

    replicas: list[list[str]] = field(default_factory=list)

    def start(self, *arguments: Sequence[str]) -> None:
        """Start replicas anew, one for each list of arguments of ``vllm serve``."""
        self.replicas = [names_of(one) for one in arguments]
        self._turns = cycle(range(len(self.replicas)))

    def _replica(self) -> list[str]:
        return self.replicas[next(self._turns)]

    async def _models(self, _: Request) -> Response:
        base, *adapters = self._replica()
        data: list[dict[str, Any]] = [
            {"id": base, "object": "model", "owned_by": "vllm", "root": "/models/x", "parent": None}
        ]
        data += [
            {"id": one, "object": "model", "owned_by": "vllm", "root": "/models/y", "parent": base}
            for one in adapters
        ]
        return JSONResponse({"object": "list", "data": data})

    async def _chat(self, request: Request) -> Response:
        wanted = (await request.json())["model"]
        if wanted not in self._replica():
            message = f"The model `{wanted}` does not exist."
            error = {"message": message, "type": "NotFoundError", "param": "model", "code": 404}
            return JSONResponse({"error": error}, status_code=404)
        if size := _tokens_over(await request.json()):
            message = (
                f"This model's maximum context length is {CONTEXT} tokens. However, your request "
                f"has {size} input tokens. Please reduce the length of the input messages."
            )
            error = {"message": message, "type": "BadRequestError", "param": None, "code": 400}
            return JSONResponse({"error": error}, status_code=400)
        return await super()._chat(request)


def names_of(arguments: Sequence[str]) -> list[str]:
    """The names that vLLM serves by its arguments: of the model first, then of its adapters."""
    names = [one.removeprefix(_PREFIX) for one in arguments if one.startswith(_PREFIX)]
    if "--lora-modules" in arguments:
        for one in arguments[list(arguments).index("--lora-modules") + 1 :]:
            if one.startswith("--"):
                break
            names.append(one.partition("=")[0])
    return names


def _tokens_over(body: dict[str, Any]) -> int:
    """The words of a request where they are more than the context holds, else 0."""
    words = sum(len(str(one["content"]).split()) for one in body["messages"])
    return words if words > CONTEXT else 0
