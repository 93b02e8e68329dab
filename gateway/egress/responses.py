"""How a Responses request is written for providers that have chat completions only."""

from gateway.core.snapshot import Provider
from gateway.dialects.base import Body, ResponseParser
from gateway.dialects.responses_as_chat import ChatAsResponse, chat_request
from gateway.egress.wire import WireFormat, WireRequest, with_its_limit


class ResponsesOverChat:
    """Writes Responses requests as chat completions, and reads the answers as responses."""

    def __init__(self, chat: WireFormat) -> None:
        """``chat`` writes chat completions for the provider."""
        self._chat = chat

    async def write(
        self, body: Body, model: str, provider: Provider
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body as a chat completion request."""
        asked, names = chat_request(body)
        asked = with_its_limit(asked, provider)
        written, parser = await self._chat.write(asked, model, provider)
        return written, ChatAsResponse(parser, names)
