"""Content blocks of a streamed message: where their text is, and what is held back of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.dialects.base import Body, TextChannel, TextGroup
from gateway.dialects.openai_chat.extras import Extras

# The types of deltas that a block may get, by its type.
DELTAS: Mapping[str, tuple[str, ...]] = {
    "text": ("text_delta", "citations_delta"),
    "thinking": ("thinking_delta", "signature_delta"),
    "tool_use": ("input_json_delta",),
}
_FIELDS = {"text": "text", "thinking": "thinking", "tool_use": "partial_json"}
_KNOWN: Mapping[str, frozenset[str]] = {
    "text": frozenset({"type", "text", "citations"}),
    "thinking": frozenset({"type", "thinking", "signature"}),
    "redacted_thinking": frozenset({"type", "data"}),
    "tool_use": frozenset({"type", "id", "name", "input"}),
}
_SIGNED = frozenset({"thinking", "redacted_thinking"})
_HANDLES = frozenset({"type", "encrypted_index", "file_id"})  # of a citation: they hold no text


@dataclass(slots=True)
class StreamedBlock:
    """One block that is open; ``text_field`` is the name of its text in a delta."""

    kind: str
    given: Body
    group: TextGroup
    channel: TextChannel | None
    text_field: str = ""
    signature: str = ""
    citations: int = 0
    received: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)

    def begun(self) -> tuple[Body, str]:
        """The block as its start shows it, without text, and the text that it began with."""
        match self.kind:
            case "text":
                return {**self.given, "text": ""}, self.given["text"]
            case "thinking":
                self.signature = self.given.get("signature") or ""
                return {**self.given, "thinking": "", "signature": ""}, self.given["thinking"]
            case "tool_use":
                given = self.given["input"]
                return {**self.given, "input": {}}, orjson.dumps(given).decode() if given else ""
            case _:
                return self.given, ""

    def feed(self, piece: str) -> str:
        """What may be released after this piece."""
        if self.channel is None or not piece:
            return ""
        released = self.channel.feed(piece)
        if self.kind == "thinking":
            self.received.append(piece)
            self.released.append(released)
        return released

    def flush(self) -> Iterator[str]:
        """What was held back."""
        for _, rest in self.group.flush():
            self.released.append(rest)
            yield rest

    def delta(self, text: str) -> Body:
        """A delta with this text."""
        return {"type": DELTAS[self.kind][0], self.text_field: text}

    def cited(self, citation: Body) -> Body:
        """A citation of the text."""
        self.citations += 1
        return restored_citation(self.group, self.citations - 1, citation)

    def sealed(self) -> Body | None:
        """The whole block, when it is signed and nothing of it was withheld."""
        if self.kind != "thinking":
            return None
        text = "".join(self.received)
        if "".join(self.released) != text:
            return None
        return {"type": "thinking", "thinking": text, "signature": self.signature}


def opened(given: Body, group: TextGroup) -> StreamedBlock:
    """The block that an event starts."""
    kind = given["type"]
    channel: TextChannel | None = None
    match kind:
        case "text":
            channel = group.open("text")
        case "thinking":
            channel = group.open("thinking", signed=True)
        case "tool_use":
            channel = group.open("input", json=True, tool=given["name"])
    return StreamedBlock(kind, given, group, channel, _FIELDS.get(kind, ""))


def governed_block(group: TextGroup, block: Body) -> Body:
    """A block with its unknown fields governed; a signed block passes without them."""
    known = _KNOWN[block["type"]]
    if known.issuperset(block):
        return block
    if block["type"] in _SIGNED:
        return {name: value for name, value in block.items() if name in known}
    clean = dict(block)
    Extras(group).whole(clean, known)
    return clean


def restored_citation(group: TextGroup, at: int, citation: Body) -> Body:
    """A citation with its texts governed; what a provider encrypted stays as it is."""
    clean: dict[str, Any] = {}
    for name, value in citation.items():
        if name in _HANDLES or not isinstance(value, str | list | dict):
            clean[name] = value
        elif isinstance(value, str) and name.isidentifier():
            clean[name] = group.open(f"citation:{at}:{name}").complete(value)
    return clean
