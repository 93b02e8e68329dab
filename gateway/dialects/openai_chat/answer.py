"""The walk over a chat completion, whole and in chunks: every text of every choice, in place.

Texts are content, refusal, reasoning, and the arguments of each tool call.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.core.errors import Refusal
from gateway.core.http_errors import body_of
from gateway.core.usage import Usage
from gateway.dialects.base import AnswerTexts, Body, TextGroup
from gateway.dialects.openai_chat.answer_form import framed
from gateway.dialects.openai_chat.tools import (
    SINGLE,
    ToolCall,
    calls_of,
    delta_of,
    is_call,
    is_json,
)

_DONE = b"data: [DONE]\n\n"
TEXT_FIELDS = ("content", "refusal", "reasoning_content", "reasoning")


@dataclass(slots=True)
class _Choice:
    texts: TextGroup
    calls: dict[Any, ToolCall] = field(default_factory=dict)
    finished: bool = False
    started: bool = False

    def feed(self, label: str, value: str) -> str:
        return self.texts.open(label, json=is_json(label)).feed(value)


class ChatAnswer:
    """Walks over one answer; a choice that breaks a content rule ends with ``content_filter``."""

    def __init__(self, texts: AnswerTexts) -> None:
        self._texts = texts
        self._choices: dict[int, _Choice] = {}
        self._head: Body | None = None

    def whole(self, answer: Body) -> Body:
        """A complete answer, governed in place."""
        for position, choice in enumerate(answer["choices"]):
            message = choice.get("message") or {}
            texts = self._choice(choice.get("index", position)).texts
            for label, holder, key in _texts_of(message):
                tool = self._named(holder) if is_call(label) else None
                value = holder.get(key)
                if isinstance(value, str):
                    channel = texts.open(label, json=is_json(label), tool=tool)
                    holder[key] = channel.complete(value)
            if self._texts.restores:
                choice.pop("logprobs", None)
            if texts.blocked:
                choice["finish_reason"] = "content_filter"
                message.pop("tool_calls", None)
                message.pop("function_call", None)
        return answer

    def chunk(self, chunk: Body) -> Iterator[Body]:
        """What of one chunk may go on; nothing when all of it is held back."""
        head = self._frozen(chunk)
        choices = [clean for choice in chunk.get("choices") or [] if (clean := self._step(choice))]
        if choices:
            yield {**head, "choices": choices}
        if self._texts.blocked:
            yield from self._end_all(head)

    def end(self, usage: Usage | None) -> Iterator[Body]:
        """What is held back when a provider gave a choice no finish reason; then the usage."""
        head = self._head or {}
        for index, state in self._choices.items():
            if not state.finished and (delta := _flush(state)):
                yield {**head, "choices": [_clean(index, delta, None)]}
        if usage is not None:
            counts = {
                "prompt_tokens": usage.input_tokens,
                "completion_tokens": usage.output_tokens,
                "total_tokens": usage.total,
            }
            yield {**head, "choices": [], "usage": counts}

    def last_frame(self, refusal: Refusal | None) -> bytes:
        """``[DONE]``; after a failure behind an error event, so that no client misses it."""
        return _DONE if refusal is None else framed(body_of(refusal)) + _DONE

    def _choice(self, index: int) -> _Choice:
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = _Choice(self._texts.group(index))
        return choice

    def _step(self, choice: Body) -> Body | None:
        index = choice.get("index", 0)
        state = self._choice(index)
        if state.finished:
            return None
        delta = self._delta(state, choice.get("delta") or {})
        reason = choice.get("finish_reason")
        if reason and not state.texts.blocked:
            _merge(delta, _flush(state))
        if state.texts.blocked:
            reason = "content_filter"
        if not delta and not reason:
            return None
        state.finished = bool(reason)
        clean = _clean(index, delta, reason)
        if not self._texts.restores and choice.get("logprobs"):
            clean["logprobs"] = choice["logprobs"]
        return clean

    def _delta(self, state: _Choice, delta: Body) -> Body:
        clean: Body = {}
        if not state.started:
            state.started = True
            clean["role"] = delta.get("role") or "assistant"
        for name in TEXT_FIELDS:
            value = delta.get(name)
            if value:
                released = state.feed(name, value)
                if released:
                    clean[name] = released
            elif value == "" and "role" in clean:
                clean[name] = ""
        calls = [
            call
            for given in delta.get("tool_calls") or []
            if (call := self._tool_call(state, given)) is not None
        ]
        if calls:
            clean["tool_calls"] = calls
        single = delta.get("function_call")
        if isinstance(single, dict) and (call := self._single_call(state, single)):
            clean["function_call"] = call
        return clean

    def _tool_call(self, state: _Choice, given: Body) -> Body | None:
        key = given.get("index", given.get("id"))
        call = state.calls.get(key)
        if call is None:
            call = state.calls[key] = ToolCall.of(given, len(state.calls))
            name, text = call.read(given)
            channel = state.texts.open(call.label, json=is_json(call.label), tool=name)
            return call.begun(
                given, self._texts.restore_name(name), channel.feed(text) if text else ""
            )
        text = call.read(given)[1]
        released = state.feed(call.label, text) if text else ""
        part: Body = delta_of(call.label, released)["tool_calls"][0]
        return part if released else None

    def _single_call(self, state: _Choice, given: Body) -> Body:
        name, text = given.get("name") or "", given.get("arguments") or ""
        channel = state.texts.open(SINGLE, json=True, tool=name)
        clean = {"name": self._texts.restore_name(name)} if name else {}
        released = channel.feed(text) if text else ""
        return {**clean, "arguments": released} if released or name else {}

    def _named(self, call: Body) -> str:
        """Puts back the name of a whole call; returns the name that the provider wrote."""
        name: str = call.get("name") or ""
        if name:
            call["name"] = self._texts.restore_name(name)
        return name

    def _end_all(self, head: Body) -> Iterator[Body]:
        for index, state in self._choices.items():
            if not state.finished:
                state.finished = True
                yield {**head, "choices": [_clean(index, {}, "content_filter")]}

    def _frozen(self, chunk: Body) -> Body:
        """id, model and time stay as in the first chunk."""
        if self._head is None:
            self._head = {
                "id": chunk.get("id", ""),
                "object": "chat.completion.chunk",
                "created": chunk.get("created", 0),
                "model": chunk.get("model", ""),
            }
        return self._head


def _flush(state: _Choice) -> Body:
    delta: Body = {}
    for label, rest in state.texts.flush():
        _merge(delta, delta_of(label, rest) if is_call(label) else {label: rest})
    return delta


def _clean(index: int, delta: Body, reason: str | None) -> Body:
    return {"index": index, "delta": delta, "finish_reason": reason}


def _merge(delta: Body, rest: Body) -> None:
    for name, value in rest.items():
        if name == "function_call" and name in delta:
            before = delta[name].get("arguments", "")
            delta[name]["arguments"] = before + value["arguments"]
        else:
            delta[name] = delta[name] + value if name in delta else value


def _texts_of(message: Body) -> Iterator[tuple[str, Body, str]]:
    """Every text of a whole message: its label, and where it is."""
    for name in TEXT_FIELDS:
        if isinstance(message.get(name), str):
            yield name, message, name
    yield from calls_of(message)
