"""The walk over a chat completion, whole and in chunks: every text of every choice, in place.

Texts are content, refusal, reasoning, the arguments of each tool call, and those of fields that
are not known here (``extras``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.core.errors import Refusal
from gateway.core.http_errors import body_of
from gateway.core.usage import Usage
from gateway.dialects.base import AnswerTexts, Body, TextGroup
from gateway.dialects.openai_chat.answer_form import framed
from gateway.dialects.openai_chat.extras import Extras, numbers_of, rest_of
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
_KNOWN = frozenset({"role", "tool_calls", "function_call", *TEXT_FIELDS})
_OF_BLOCKED = frozenset({"role", *TEXT_FIELDS})
_OF_CHOICE = frozenset({"index", "message", "finish_reason", "logprobs"})
_OF_CALL = frozenset({"index", "id", "type", "function", "custom", "extra_content"})
_OF_FUNCTION = frozenset({"name", "arguments", "input"})
_OF_SERVICE = ("system_fingerprint", "service_tier")
# Of a complete answer; others, such as timings, are matters of the provider.
_TOP = (
    "id",
    "object",
    "created",
    "model",
    "choices",
    "usage",
    *_OF_SERVICE,
)
_DETAILS = ("prompt_tokens_details", "completion_tokens_details")


@dataclass(slots=True)
class _Choice:
    texts: TextGroup
    extras: Extras
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
        self._details: Body = {}
        self._marks: Body = {}

    def mark(self, fields: Body) -> None:
        """Fields beside the choices, in each chunk too."""
        self._marks = fields

    def whole(self, answer: Body) -> Body:
        """The known fields of a complete answer, its choices governed in place."""
        for position, choice in enumerate(answer["choices"]):
            state = self._choice(choice.get("index", position))
            self._message(choice.get("message") or {}, state)
            state.extras.whole(choice, _OF_CHOICE)
            if self._texts.restores or state.texts.blocked:
                choice.pop("logprobs", None)
            if state.texts.blocked:
                choice["finish_reason"] = "content_filter"
        clean = {name: answer[name] for name in _TOP if name in answer}
        if "usage" in clean:
            clean["usage"] = numbers_of(clean["usage"]) or None
        return {**clean, **self._marks}

    def _message(self, message: Body, state: _Choice) -> None:
        texts = state.texts
        for label, holder, key in _texts_of(message):
            tool = self._named(holder) if is_call(label) else None
            value = holder.get(key)
            if isinstance(value, str):
                channel = texts.open(label, json=is_json(label), tool=tool)
                holder[key] = channel.complete(value)
        for call in message.get("tool_calls") or []:
            call.update(self._extra_content(state, call))
            _keep(call, _OF_CALL)
        for _, holder, _ in calls_of(message):
            _keep(holder, _OF_FUNCTION)
        state.extras.whole(message, _KNOWN)
        if texts.blocked:
            _keep(message, _OF_BLOCKED)

    def chunk(self, chunk: Body) -> Iterator[Body]:
        """What of one chunk may go on; nothing when all of it is held back."""
        head = self._frozen(chunk)
        if chunk.get("usage"):
            self._details = numbers_of(chunk["usage"], _DETAILS)
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
            yield {**head, "choices": [], "usage": {**counts, **self._details}}

    def last_frame(self, refusal: Refusal | None) -> bytes:
        """``[DONE]``; after a failure behind an error event, so that no client misses it."""
        return _DONE if refusal is None else framed(body_of(refusal)) + _DONE

    def _choice(self, index: int) -> _Choice:
        choice = self._choices.get(index)
        if choice is None:
            texts = self._texts.group(index)
            choice = self._choices[index] = _Choice(texts, Extras(texts))
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
        if choice.get("logprobs") and not (self._texts.restores or state.texts.blocked):
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
            elif name in delta and "role" in clean:
                clean[name] = value  # "" or null: what begins empty
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
        if not (_KNOWN.issuperset(delta) or state.texts.blocked):
            clean.update(state.extras.delta(delta, _KNOWN))
        return clean

    def _tool_call(self, state: _Choice, given: Body) -> Body | None:
        key = given.get("index", given.get("id"))
        call = state.calls.get(key)
        if call is None:
            call = state.calls[key] = ToolCall.of(given, len(state.calls))
            name, text = call.read(given)
            channel = state.texts.open(call.label, json=is_json(call.label), tool=name)
            begun = call.begun(
                given, self._texts.restore_name(name), channel.feed(text) if text else ""
            )
            return begun | self._extra_content(state, given)
        text = call.read(given)[1]
        released = state.feed(call.label, text) if text else ""
        extra = self._extra_content(state, given)
        part: Body = delta_of(call.label, released)["tool_calls"][0]
        return part | extra if released or extra else None

    def _extra_content(self, state: _Choice, given: Body) -> Body:
        """What a provider adds to a call, such as a signature; it may come back where unchanged."""
        content = given.get("extra_content")
        if content is None:
            return {}
        clean = state.extras.value(content)
        if clean == content:
            self._texts.seal(content)
        return {"extra_content": clean}

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
                **{name: chunk[name] for name in _OF_SERVICE if name in chunk},
                **self._marks,
            }
        return self._head


def _flush(state: _Choice) -> Body:
    delta: Body = {}
    for label, rest in state.texts.flush():
        _merge(delta, delta_of(label, rest) if is_call(label) else rest_of(label, rest))
    return delta


def _keep(holder: Body, names: frozenset[str]) -> None:
    for name in holder.keys() - names:
        del holder[name]


def _clean(index: int, delta: Body, reason: str | None) -> Body:
    return {"index": index, "delta": delta, "finish_reason": reason}


def _merge(delta: Body, rest: Body) -> None:
    for name, value in rest.items():
        if name == "function_call" and name in delta:
            before = delta[name].get("arguments", "")
            delta[name]["arguments"] = before + value["arguments"]
        else:
            before = delta.get(name)
            delta[name] = value if before is None else before + value


def _texts_of(message: Body) -> Iterator[tuple[str, Body, str]]:
    """Every text of a whole message: its label, and where it is."""
    for name in TEXT_FIELDS:
        if isinstance(message.get(name), str):
            yield name, message, name
    yield from calls_of(message)
