"""How a request is written for a provider, and its answer read, in the OpenAI dialect."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

import msgspec
import orjson

from gateway.core.errors import UpstreamFailed
from gateway.dialects.base import Body
from gateway.dialects.openai_chat.answer_form import well_formed


class WireRequest(msgspec.Struct, frozen=True):
    """The exact bytes of one departure, their path below the base URL, and extra headers."""

    path: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of the body, in hex, as it stands in the intent."""
        return hashlib.sha256(self.body).hexdigest()


class ResponseParser(Protocol):
    """Reads one answer of a provider into the OpenAI dialect."""

    async def whole(self, data: bytes) -> Body:
        """A complete answer.

        Raises:
            UpstreamFailed: when it is not a good answer.
        """
        ...

    def chunks(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """A streamed answer, from the data of its events.

        Raises:
            UpstreamFailed: when it reports an error or ends before it is finished.
        """
        ...


class Dialect(Protocol):
    """One provider dialect."""

    async def write(
        self, body: Body, model: str, *, api_key: str | None
    ) -> tuple[WireRequest, ResponseParser]:
        """The departure for a checked body, and the reader of its answer."""
        ...


class OpenAIDialect:
    """Providers that speak the dialect natively, our own worker and vLLM among them."""

    async def write(
        self, body: Body, model: str, *, api_key: str | None
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body anew, with the model's name there and usage always asked for."""
        sent = {**body, "model": model}
        if body.get("stream"):
            sent["stream_options"] = {"include_usage": True}
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        return WireRequest("/chat/completions", orjson.dumps(sent), headers), OpenAIReading()


class OpenAIReading:
    """Checks the shape of answers: no error in a 200, no missing choices, no silent end."""

    async def whole(self, data: bytes) -> Body:
        """A complete chat completion."""
        answer = well_formed(parsed(data))
        if not answer.get("choices"):
            raise UpstreamFailed("The provider's answer has no choices.")
        return answer

    async def chunks(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """The chunks of a streamed chat completion; ends normally only after ``[DONE]``."""
        async for data in events:
            if data.startswith(b"[DONE]"):
                return
            yield well_formed(parsed(data))
        raise UpstreamFailed(
            "The provider's stream ended before it was complete.", code="upstream_disconnected"
        )


def parsed(data: bytes) -> Body:
    """One JSON object of an answer.

    Raises:
        UpstreamFailed: when it is not JSON, or reports an error.
    """
    try:
        answer = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UpstreamFailed("The provider's answer is not JSON.") from error
    if not isinstance(answer, dict):
        raise UpstreamFailed("The provider's answer is no JSON object.")
    if answer.get("error") is not None or answer.get("detail") is not None:
        raise UpstreamFailed("The provider reported an error.")
    return answer
