"""What the body of a Converse request may hold: checked before its intent is recorded."""

from collections.abc import Iterator

from gateway.core.errors import UpstreamFailed
from gateway.dialects.base import Body

_FIELDS = {"messages", "system", "inferenceConfig", "toolConfig"}
_BLOCKS = {"text", "image", "document", "toolUse", "toolResult"}


def check(sent: Body) -> None:
    """Nothing in it may make the provider fetch, keep or run anything.

    Raises:
        UpstreamFailed: when the translator wrote what the request did not ask for.
    """
    if sent.keys() - _FIELDS:
        raise UpstreamFailed("The translator wrote a field that may not leave.")
    tools = sent.get("toolConfig", {}).get("tools", ())
    if any(tool.keys() != {"toolSpec"} for tool in tools):
        raise UpstreamFailed("The translator wrote a tool that the provider would run.")
    for message in sent["messages"]:
        for block in _blocks(message["content"]):
            file = block.get("image") or block.get("document")
            if len(block) != 1 or block.keys() - _BLOCKS:
                raise UpstreamFailed("The translator wrote a block that may not leave.")
            if file and file["source"].keys() != {"bytes"}:
                raise UpstreamFailed("The translator wrote a file that the provider would fetch.")


def _blocks(content: list[Body]) -> Iterator[Body]:
    for block in content:
        yield block
        if "toolResult" in block:
            yield from _blocks(block["toolResult"]["content"])
