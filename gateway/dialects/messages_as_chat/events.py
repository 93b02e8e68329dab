"""The chunks of a streamed chat completion as the events of a streamed message."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.core.errors import UpstreamFailed
from gateway.dialects.base import Body
from gateway.dialects.messages_as_chat.answer import call_id, head, stop_reason, usage_of

_TEXTS = ("content", "refusal")
_DELTAS = {"text": ("text_delta", "text"), "tool_use": ("input_json_delta", "partial_json")}


@dataclass(slots=True)
class _Block:
    """A content block; ``waiting`` is its text that has not gone out yet."""

    start: Body
    waiting: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return str(self.start["type"])


class ChatEvents:
    """One answer. Blocks go out one after another: of calls that come interleaved, later ones wait.

    A message has one block open at a time, and what follows its stop would be lost.
    """

    def __init__(self) -> None:
        self._started = False
        self._blocks: list[_Block] = []  # the first is open, the others wait
        self._calls: dict[Any, _Block] = {}
        self._index = -1
        self._reason: str | None = None
        self._refused = False
        self._usage: Body | None = None
        self._opened = False

    def feed(self, chunk: Body) -> Iterator[Body]:
        """The events that one chunk makes."""
        if not self._started:
            self._started = True
            yield _start(chunk)
        self._usage = usage_of(chunk.get("usage")) or self._usage
        for choice in chunk.get("choices") or []:
            if choice.get("index", 0):
                continue
            delta = choice.get("delta") or {}
            for name in _TEXTS:
                if text := delta.get(name):
                    self._refused = self._refused or name == "refusal"
                    yield from self._text(text)
            for call in delta.get("tool_calls") or []:
                yield from self._call(call)
            self._reason = choice.get("finish_reason") or self._reason

    def end(self) -> Iterator[Body]:
        """What waits, and why the message ended.

        Raises:
            UpstreamFailed: when the provider did not say why.
        """
        reason = stop_reason(self._reason, calls=bool(self._calls), refused=self._refused)
        if reason is None:
            raise UpstreamFailed(
                "The provider's stream ended before it was complete.", code="upstream_disconnected"
            )
        while self._blocks:
            yield from self._release()
            yield from self._close()
        ended: Body = {
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": None},
        }
        if self._usage is not None:
            ended["usage"] = self._usage
        yield ended

    def _text(self, text: str) -> Iterator[Body]:
        if not self._blocks or self._blocks[-1].kind != "text":
            self._blocks.append(_Block({"type": "text", "text": ""}))
        self._blocks[-1].waiting.append(text)
        yield from self._release()

    def _call(self, call: Body) -> Iterator[Body]:
        key = call.get("index", call.get("id"))
        function = call.get("function") or {}
        block = self._calls.get(key)
        if block is None:
            start = {"id": call_id(call, len(self._calls)), "name": function.get("name") or ""}
            block = self._calls[key] = _Block({"type": "tool_use", **start, "input": {}})
            if self._blocks and self._blocks[0].kind == "text":
                yield from self._close()
            self._blocks.append(block)
        if arguments := function.get("arguments"):
            block.waiting.append(arguments)
        yield from self._release()

    def _release(self) -> Iterator[Body]:
        """What waits in the block that is open; opens it first."""
        block = self._blocks[0]
        if not self._opened:
            self._opened = True
            self._index += 1
            yield {
                "type": "content_block_start",
                "index": self._index,
                "content_block": block.start,
            }
        if block.waiting:
            kind, name = _DELTAS[block.kind]
            delta = {"type": kind, name: "".join(block.waiting)}
            block.waiting = []
            yield {"type": "content_block_delta", "index": self._index, "delta": delta}

    def _close(self) -> Iterator[Body]:
        self._opened = False
        del self._blocks[0]
        yield {"type": "content_block_stop", "index": self._index}


def _start(chunk: Body) -> Body:
    counts = {"input_tokens": 0, "output_tokens": 0}
    opening: Body = {"content": [], "stop_reason": None, "stop_sequence": None, "usage": counts}
    return {"type": "message_start", "message": {**head(chunk), **opening}}
