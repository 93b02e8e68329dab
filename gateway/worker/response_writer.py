"""Answers in the OpenAI chat shapes: one JSON object, or frames of server-sent events."""

import json
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.core.errors import Refusal
from gateway.worker.generation import Generation, TextDelta
from gateway.worker.sampler import TokenChoice

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class ResponseWriter:
    """What stays the same in all frames of one answer."""

    model: str
    tokenizer: Any
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    async def whole(self, answer: Generation) -> dict[str, Any]:
        """The complete answer as one object. Raises what ended the answer early."""
        texts = ["" for _ in answer.choices]
        reasons: list[str | None] = [None for _ in answer.choices]
        logprobs: list[list[TokenChoice]] = [[] for _ in answer.choices]
        async for piece in answer.pieces():
            texts[piece.index] += piece.text
            reasons[piece.index] = piece.finish_reason or reasons[piece.index]
            logprobs[piece.index].extend(piece.logprobs)
        return {
            **self._head("chat.completion"),
            "choices": [
                {
                    "index": index,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": reasons[index],
                    "logprobs": self._logprobs(logprobs[index]),
                }
                for index, text in enumerate(texts)
            ],
            "usage": usage_of(answer),
        }

    async def frames(
        self, answer: Generation, *, include_usage: bool
    ) -> AsyncGenerator[bytes, None]:
        """Frames as text comes. Raises what ended the answer early.

        The first is made with the first piece, so that an early failure can be an HTTP status.
        """
        spoken: set[int] = set()
        async for piece in answer.pieces():
            if piece.index not in spoken:
                spoken.add(piece.index)
                yield self._frame(piece.index, {"role": "assistant", "content": ""}, None)
            if piece.text or piece.logprobs:
                yield self._frame(piece.index, {"content": piece.text}, None, piece)
            if piece.finish_reason is not None:
                yield self._frame(piece.index, {}, piece.finish_reason)
        if include_usage:
            head = self._head("chat.completion.chunk")
            yield event({**head, "choices": [], "usage": usage_of(answer)})
        yield DONE

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def _frame(
        self, index: int, delta: dict[str, Any], reason: str | None, piece: TextDelta | None = None
    ) -> bytes:
        choice: dict[str, Any] = {"index": index, "delta": delta, "finish_reason": reason}
        if piece is not None and piece.logprobs:
            choice["logprobs"] = self._logprobs(piece.logprobs)
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


def usage_of(answer: Generation) -> dict[str, int]:
    """Tokens of the prompt and of all choices."""
    prompt, completion = answer.prompt_tokens, answer.completion_tokens
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def error_body(refusal: Refusal, *, kind: str) -> dict[str, Any]:
    """The one error object that OpenAI clients read."""
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
