"""Answers in the OpenAI chat format: one JSON object, or frames of server-sent events."""

import json
import time
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.core.errors import Refusal
from gateway.worker.generation import Generation, TextDelta
from gateway.worker.sampling_params import TokenChoice
from gateway.worker.tool_calls import WrittenCall

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class ResponseWriter:
    """Writes one answer; its fields are the same in all frames."""

    model: str
    tokenizer: Any
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    async def complete(self, generation: Generation) -> dict[str, Any]:
        """The complete answer as one object.

        Raises:
            Refusal: the reason why the answer ended early.
        """
        texts = ["" for _ in generation.choices]
        reasons: list[str | None] = [None for _ in generation.choices]
        logprobs: list[list[TokenChoice]] = [[] for _ in generation.choices]
        calls: list[list[WrittenCall]] = [[] for _ in generation.choices]
        async for delta in generation.deltas():
            texts[delta.index] += delta.text
            reasons[delta.index] = delta.finish_reason or reasons[delta.index]
            logprobs[delta.index].extend(delta.logprobs)
            calls[delta.index].extend(delta.calls)
        return {
            **self._head("chat.completion"),
            "choices": [
                {
                    "index": index,
                    "message": _message(text, calls[index]),
                    "finish_reason": reasons[index],
                    "logprobs": self._logprobs(logprobs[index]),
                }
                for index, text in enumerate(texts)
            ],
            "usage": usage_of(generation),
        }

    async def frames(
        self, generation: Generation, *, include_usage: bool
    ) -> AsyncGenerator[bytes, None]:
        """Frames as text is generated.

        The first frame waits for the first delta, so that an early failure can be an HTTP status.

        Raises:
            Refusal: the reason why the answer ended early.
        """
        started: set[int] = set()
        called = Counter[int]()
        async for delta in generation.deltas():
            if delta.index not in started:
                started.add(delta.index)
                yield self._frame(delta.index, {"role": "assistant", "content": ""}, None)
            if delta.text or delta.logprobs:
                yield self._frame(delta.index, {"content": delta.text}, None, delta)
            for call in delta.calls:
                written = {"index": called[delta.index], **_written(call)}
                called[delta.index] += 1
                yield self._frame(delta.index, {"tool_calls": [written]}, None)
            if delta.finish_reason is not None:
                yield self._frame(delta.index, {}, delta.finish_reason)
        if include_usage:
            head = self._head("chat.completion.chunk")
            yield event({**head, "choices": [], "usage": usage_of(generation)})
        yield DONE

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _frame(
        self,
        index: int,
        delta: dict[str, Any],
        reason: str | None,
        text_delta: TextDelta | None = None,
    ) -> bytes:
        choice: dict[str, Any] = {"index": index, "delta": delta, "finish_reason": reason}
        if text_delta is not None and text_delta.logprobs:
            choice["logprobs"] = self._logprobs(text_delta.logprobs)
        return event({**self._head("chat.completion.chunk"), "choices": [choice]})

    def _logprobs(self, chosen: Sequence[TokenChoice]) -> dict[str, Any] | None:
        if not chosen:
            return None
        return {
            "content": [
                {
                    **self._token(item.token_id, item.logprob),
                    "top_logprobs": [self._token(*other) for other in item.top],
                }
                for item in chosen
            ]
        }

    def _token(self, token_id: int, logprob: float) -> dict[str, Any]:
        text = self.tokenizer.decode([token_id])
        return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def _message(text: str, calls: Sequence[WrittenCall]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["content"] = text or None
        message["tool_calls"] = [_written(call) for call in calls]
    return message


def _written(call: WrittenCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def usage_of(generation: Generation) -> dict[str, int]:
    """Tokens of the prompt and of all choices."""
    prompt, completion = generation.prompt_tokens, generation.completion_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def error_body(refusal: Refusal, *, kind: str) -> dict[str, Any]:
    """The error object that OpenAI clients expect."""
    return {
        "error": {
            "message": refusal.message,
            "type": kind,
            "param": refusal.param,
            "code": refusal.code,
        }
    }


def event(value: object) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"
