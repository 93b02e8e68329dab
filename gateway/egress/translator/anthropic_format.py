"""Chat completions for Anthropic, written and read by the translator."""

from collections.abc import AsyncIterator

import orjson

from gateway.core.errors import UpstreamFailed
from gateway.core.snapshot import Provider
from gateway.dialects.anthropic_messages.outbound_check import check
from gateway.dialects.base import Body, ResponseParser
from gateway.dialects.openai_chat.answer_form import parse_object, well_formed
from gateway.egress.translator.client import ChildGone, ChildLine, Translator
from gateway.egress.wire import WireRequest

_VERSION = "2023-06-01"
_BETAS = (None, "structured-outputs-2025-11-13")


class AnthropicFormat:
    """The Anthropic Messages API."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    async def write(
        self, body: Body, model: str, provider: Provider
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body as a Messages request; what the translator wrote is checked here.

        Raises:
            InvalidRequest: when the request has no form in this dialect.
            UpstreamFailed: when it cannot be translated.
        """
        answer = await self._translator.ask({"op": "request", "body": body, "model": model})
        sent = answer["body"]
        check(sent, model, stream=bool(body.get("stream")))
        beta = answer["beta"]
        if beta not in _BETAS:
            raise UpstreamFailed("The translator asked for a feature that is not allowed.")
        named = {"anthropic-version": _VERSION, "anthropic-beta": beta}
        headers = {name: value for name, value in named.items() if value}
        reading = AnthropicParser(self._translator, answer["reading"])
        return WireRequest("/v1/messages", orjson.dumps(sent), headers), reading


class AnthropicParser:
    """Reads a Messages answer, with what the translator noted when it wrote the request."""

    def __init__(self, translator: Translator, notes: Body) -> None:
        self._translator = translator
        self._notes = notes

    async def read_answer(self, data: bytes) -> Body:
        """A complete message."""
        question = {"op": "answer", "answer": parse_object(data), "reading": self._notes}
        return well_formed((await self._translator.ask(question))["answer"])

    async def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """The chunks of a streamed message; ends normally only after ``message_stop``."""
        line: ChildLine | None = None
        try:
            async for data in events:
                event = parse_object(data)
                line = line or await self._translator.line()
                question = {"op": "event", "event": event, "reading": self._notes}
                for chunk in (await self._translator.ask_on(line, question))["chunks"]:
                    yield well_formed(chunk)
                if event.get("type") == "message_stop":
                    return
        except ChildGone as error:
            raise UpstreamFailed("The translator ended in the middle of an answer.") from error
        finally:
            if line is not None:
                line.close()
        raise UpstreamFailed(
            "The provider's stream ended before it was complete.", code="upstream_disconnected"
        )
