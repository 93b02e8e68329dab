"""The walk over a message, whole and as events: every text of every content block, in place.

Each block is a group of its own, so what is held back of it comes before its stop. Thinking is
signed: it passes unchanged or not at all. A message that breaks a content rule ends with the stop
reason ``refusal``.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from gateway.core.errors import Refusal, UpstreamFailed
from gateway.core.usage import Usage
from gateway.dialects.anthropic_messages.answer_form import framed
from gateway.dialects.anthropic_messages.blocks import (
    DELTAS,
    StreamedBlock,
    governed_block,
    opened,
    restored_citation,
)
from gateway.dialects.anthropic_messages.errors import error_of
from gateway.dialects.base import AnswerTexts, Body, TextGroup
from gateway.dialects.openai_chat.extras import Extras, numbers_of

_BEGUN = {"stop_reason": None, "stop_sequence": None}
_REFUSAL = {"stop_reason": "refusal", "stop_sequence": None}
_STOP: Body = {"type": "message_stop"}
_MESSAGE = -1  # the group of what belongs to no block
_OF_END = frozenset(_BEGUN)
_OF_MESSAGE = frozenset({"id", "type", "role", "model", "content", "usage", *_OF_END})
_OF_EVENT = frozenset({"type", "delta", "usage"})


class MessagesAnswer:
    """Walks over one message."""

    def __init__(self, texts: AnswerTexts) -> None:
        self._texts = texts
        self._extras: Extras | None = None
        self._open: dict[int, StreamedBlock] = {}
        self._next = 0
        self._last: Body | None = None  # the event that says why the message ended
        self._marks: Body = {}

    def mark(self, fields: Body) -> None:
        """Fields of the message, and of the event that begins it."""
        self._marks = fields

    def whole(self, answer: Body) -> Body:
        """A complete message, governed; it ends with the block in which a rule ended it."""
        content: list[Body] = []
        for index, block in enumerate(answer["content"]):
            group = self._texts.group(index)
            clean = self._block(group, governed_block(group, block))
            if not group.blocked or (block["type"] == "text" and clean["text"]):
                content.append(clean)
            if group.blocked:
                return {**self._known(answer), "content": content, **_REFUSAL}
        message = {**self._known(answer), "content": content, **self._stop_sequence(answer)}
        return {**message, **_REFUSAL} if self._texts.blocked else message

    def chunk(self, chunk: Body) -> Iterator[Body]:
        """What of one event may go on; nothing when all of it is held back.

        Raises:
            UpstreamFailed: when an event belongs to no block that is open.
        """
        match chunk["type"]:
            case "message_start":
                message = self._known(chunk["message"])
                yield {"type": "message_start", "message": {**message, "content": [], **_BEGUN}}
            case "content_block_start":
                yield from self._start(chunk)
            case "content_block_delta":
                yield from self._delta(chunk)
            case "content_block_stop":
                yield from self._stop(chunk["index"])
            case "message_delta":
                yield from self._finish(chunk)
            case _:
                yield chunk

    def end(self, usage: Usage | None) -> Iterator[Body]:
        """Why the message ended, with its usage."""
        for index in self._open:  # a content rule ended it
            yield {"type": "content_block_stop", "index": index}
        last = self._last or {"type": "message_delta", "delta": _REFUSAL}
        yield {**last, "usage": numbers_of(last.get("usage")) or _reported(usage or Usage())}

    def last_frame(self, refusal: Refusal | None) -> bytes:
        """``message_stop``; after a failure an error event, and nothing more."""
        return framed(_STOP if refusal is None else error_of(refusal))

    def _known(self, message: Body) -> Body:
        """A message with all that is not its content governed; readers rely on its usage."""
        usage = numbers_of(message.get("usage")) or _reported(Usage())
        return {**self._governed(message, _OF_MESSAGE), "usage": usage, **self._marks}

    def _governed(self, given: Body, known: frozenset[str]) -> Body:
        """An object of no block; its unknown fields are governed."""
        if known.issuperset(given):
            return given
        clean = dict(given)
        self._extras = self._extras or Extras(self._texts.group(_MESSAGE))
        self._extras.whole(clean, known)
        return clean

    def _block(self, group: TextGroup, block: Body) -> Body:
        match block["type"]:
            case "text":
                text = group.open("text").complete(block["text"])
                return {**block, "text": text, **self._citations(group, block)}
            case "thinking":
                text = group.open("thinking", signed=True).complete(block["thinking"])
                if text == block["thinking"]:
                    self._texts.seal(block)
                return {**block, "thinking": text}
            case "tool_use":
                channel = group.open("input", json=True, tool=block["name"])
                source = channel.complete(orjson.dumps(block["input"]).decode())
                given = {} if group.blocked else orjson.loads(source)
                return {**block, "name": self._texts.restore_name(block["name"]), "input": given}
            case _:
                self._texts.seal(block)
                return block

    def _citations(self, group: TextGroup, block: Body) -> Body:
        found = block.get("citations")
        if not found:
            return {}
        return {"citations": [restored_citation(group, at, one) for at, one in enumerate(found)]}

    def _start(self, event: Body) -> Iterator[Body]:
        index, given = event["index"], event["content_block"]
        if index != self._next:
            raise _out_of_order()
        yield from self._stop_all()
        if self._texts.blocked:
            return
        self._next += 1
        group = self._texts.group(index)
        given = governed_block(group, given)
        block = self._open[index] = opened(given, group)
        if given["type"] == "redacted_thinking":
            self._texts.seal(given)
        clean, first = block.begun()
        if given["type"] == "tool_use":
            clean["name"] = self._texts.restore_name(given["name"])
        yield {"type": "content_block_start", "index": index, "content_block": clean}
        if first and (released := block.feed(first)):
            yield _delta_event(index, block.delta(released))

    def _delta(self, event: Body) -> Iterator[Body]:
        index, delta = event["index"], event["delta"]
        block = self._open.get(index)
        kind = delta["type"]
        if block is None or kind not in DELTAS.get(block.kind, ()):
            raise _out_of_order()
        if kind == "signature_delta":
            block.signature += delta["signature"]
        elif kind == "citations_delta":
            yield _delta_event(index, {"type": kind, "citation": block.cited(delta["citation"])})
        elif released := block.feed(delta[block.text_field]):
            yield _delta_event(index, {"type": kind, block.text_field: released})

    def _stop(self, index: int) -> Iterator[Body]:
        block = self._open.get(index)
        if block is None:
            raise _out_of_order()
        for rest in block.flush():
            yield _delta_event(index, block.delta(rest))
        if block.group.blocked:
            return
        del self._open[index]
        if block.signature:
            signature = {"type": "signature_delta", "signature": block.signature}
            yield _delta_event(index, signature)
        if (sealed := block.sealed()) is not None:
            self._texts.seal(sealed)
        yield {"type": "content_block_stop", "index": index}

    def _stop_all(self) -> Iterator[Body]:
        """Stops what is open: a provider may leave out a stop, and clients rely on it."""
        for index in list(self._open):
            yield from self._stop(index)

    def _finish(self, event: Body) -> Iterator[Body]:
        yield from self._stop_all()
        if not self._texts.blocked:
            ended = self._governed(event["delta"], _OF_END)
            ended = {**ended, **self._stop_sequence(ended)}
            self._last = {**self._governed(event, _OF_EVENT), "delta": ended}

    def _stop_sequence(self, ended: Body) -> Body:
        """The stop sequence that ended the message, as the caller wrote it."""
        found: Any = ended.get("stop_sequence")
        if not isinstance(found, str):
            return {}
        channel = self._texts.group(_MESSAGE).open("stop_sequence")
        return {"stop_sequence": channel.complete(found)}


def _reported(usage: Usage) -> Body:
    return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}


def _delta_event(index: int, delta: Body) -> Body:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def _out_of_order() -> UpstreamFailed:
    return UpstreamFailed("The provider's events are out of order.")
