"""What the body of a Messages request may hold: checked before its intent is recorded."""

from collections.abc import Iterator

from gateway.core.errors import InvalidRequest, UpstreamFailed
from gateway.dialects.base import Body

_FIELDS = {
    "model",
    "messages",
    "system",
    "max_tokens",
    "stream",
    "stop_sequences",
    "temperature",
    "top_p",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "output_format",
}
_BLOCKS = ("text", "image", "document", "tool_use", "tool_result")
_INLINE = ("base64", "text")


def check(sent: Body, model: str, *, stream: bool) -> None:
    """Nothing in it may make the provider fetch, keep or run anything.

    Raises:
        UpstreamFailed: when the translator wrote a field that the request did not ask for.
        InvalidRequest: when the caller asked for something to be fetched.
    """
    if sent.keys() - _FIELDS or sent["model"] != model or sent.get("stream", False) is not stream:
        raise UpstreamFailed("The translator wrote a field that may not leave.")
    if any(tool.get("type", "custom") != "custom" for tool in sent.get("tools") or ()):
        raise UpstreamFailed("The translator wrote a tool that the provider would run.")
    for message in sent["messages"]:
        for block in _blocks(message["content"]):
            source = block.get("source") or {"type": "text"}
            if block["type"] not in _BLOCKS or source["type"] not in _INLINE:
                raise InvalidRequest(
                    "For this provider, images and files must stand in the request itself.",
                    param="messages",
                )


def _blocks(content: str | list[Body] | None) -> Iterator[Body]:
    for block in content if isinstance(content, list) else ():
        yield block
        if block["type"] == "tool_result":
            yield from _blocks(block.get("content"))
