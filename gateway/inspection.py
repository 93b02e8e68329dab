"""What comes back: content rules and the restoring of placeholders, for every choice and field.

Each text of an answer (content, refusal, reasoning, the arguments of each tool call) has its own
guard and restorer, so pieces give the same result as the whole. Rules are matched on the text as
the provider sent it; what is restored afterwards was the caller's own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.core.usage import Usage
from gateway.decisions import ContentRules, OutputGuard
from gateway.privacy import AnswerMask, Vault, may_hold

TEXT_FIELDS = ("content", "refusal", "reasoning_content", "reasoning")


class Restorer(Protocol):
    """Puts values back into a text that comes in pieces.

    ``unknown`` counts placeholders that are not of this conversation.
    """

    unknown: int

    def feed(self, text: str) -> str:
        """What may be released now."""
        ...

    def finish(self) -> str:
        """What was still held back."""
        ...


@dataclass(slots=True)
class _Text:
    """One text of one choice."""

    guard: OutputGuard
    mask: AnswerMask | None
    restorer: Restorer | None
    received: list[str] = field(default_factory=list)

    def feed(self, piece: str) -> str:
        self.received.append(piece)
        cleared = self.guard.feed(piece)
        if self.mask:
            cleared = self.mask.feed(cleared)
        return self.restorer.feed(cleared) if self.restorer else cleared

    def finish(self) -> str:
        cleared = self.guard.finish()
        if self.mask:
            cleared = self.mask.feed(cleared) + self.mask.finish()
        if self.restorer is None:
            return cleared
        return self.restorer.feed(cleared) + self.restorer.finish()


@dataclass(slots=True)
class _Choice:
    texts: dict[str, _Text] = field(default_factory=dict)
    tools: dict[Any, int] = field(default_factory=dict)
    finished: bool = False
    started: bool = False


class Inspector:
    """Inspects one answer. ``fired`` and ``blocked`` tell what rules saw."""

    def __init__(
        self, rules: ContentRules, vault: Vault | None, mask: Callable[[], AnswerMask] | None = None
    ) -> None:
        """``vault`` is None when nothing was redacted, so that nothing is to be restored.

        ``mask`` makes what takes new personal data out of one text, where policy asks for that.
        """
        self._rules = rules
        self._mask = mask
        self._vault = vault
        self._choices: dict[int, _Choice] = {}
        self._head: dict[str, Any] | None = None
        self._kept = 0

    @property
    def fired(self) -> list[str]:
        """Ids of all output rules that matched, sorted."""
        return sorted({rule for text in self._texts() for rule in text.guard.fired})

    @property
    def blocked(self) -> str | None:
        """The rule that ended the answer, if one did."""
        return next((text.guard.blocked for text in self._texts() if text.guard.blocked), None)

    @property
    def unknown(self) -> int:
        """Placeholders that stand for nothing known here: invented, or of another conversation."""
        return sum(text.restorer.unknown for text in self._texts() if text.restorer)

    @property
    def masked(self) -> int:
        """New personal data taken out of the answer."""
        return sum(text.mask.masked for text in self._texts() if text.mask)

    def received(self) -> list[dict[str, str]]:
        """Everything that the provider said, by choice and field, placeholders still in place."""
        return [
            {name: "".join(text.received) for name, text in choice.texts.items()}
            for choice in self._choices.values()
        ]

    @property
    def size(self) -> int:
        """Characters received so far."""
        return self._kept

    def whole(self, answer: dict[str, Any]) -> dict[str, Any]:
        """A complete answer, restored; a choice that breaks a rule ends with ``content_filter``."""
        for position, choice in enumerate(answer["choices"]):
            message = choice.get("message") or {}
            state = self._choices.setdefault(choice.get("index", position), _Choice())
            for name, holder, key in _texts_of(message):
                text = self._text(state, name)
                value = holder[key]
                self._kept += len(value)
                holder[key] = self._complete(text, value)
            if self._vault is not None:
                choice.pop("logprobs", None)
            if any(text.guard.blocked for text in state.texts.values()):
                choice["finish_reason"] = "content_filter"
                message.pop("tool_calls", None)
        return answer

    def chunk(self, chunk: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """What of one chunk may go on; nothing when all of it is held back."""
        head = self._frozen(chunk)
        choices = [clean for choice in chunk.get("choices") or [] if (clean := self._step(choice))]
        if choices:
            yield {**head, "choices": choices}
        if self.blocked:
            yield from self._end_all(head)

    def finish(self) -> Iterator[dict[str, Any]]:
        """What is still held back when a provider ends without a finish reason for a choice."""
        head = self._head or {}
        for index, state in self._choices.items():
            if not state.finished:
                delta = self._flush(state)
                if delta:
                    yield {**head, "choices": [_choice(index, delta, None)]}

    def usage_chunk(self, usage: Usage) -> dict[str, Any]:
        """The last chunk of a stream whose caller asked for usage."""
        counts = {
            "prompt_tokens": usage.input_tokens,
            "completion_tokens": usage.output_tokens,
            "total_tokens": usage.total,
        }
        return {**(self._head or {}), "choices": [], "usage": counts}

    def _step(self, choice: dict[str, Any]) -> dict[str, Any] | None:
        index = choice.get("index", 0)
        state = self._choices.setdefault(index, _Choice())
        if state.finished:
            return None
        delta = self._delta(state, choice.get("delta") or {})
        reason = choice.get("finish_reason")
        if reason and not self._blocked_in(state):
            _merge(delta, self._flush(state))
        if self._blocked_in(state):
            reason = "content_filter"
        if not delta and not reason:
            return None
        state.finished = bool(reason)
        clean = _choice(index, delta, reason)
        if self._vault is None and choice.get("logprobs"):
            clean["logprobs"] = choice["logprobs"]
        return clean

    def _delta(self, state: _Choice, delta: dict[str, Any]) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        if not state.started:
            state.started = True
            clean["role"] = delta.get("role") or "assistant"
        for name in TEXT_FIELDS:
            value = delta.get(name)
            if value:
                seen = self._feed(state, name, value)
                if seen:
                    clean[name] = seen
            elif value == "" and "role" in clean:
                clean[name] = ""
        calls = [
            call
            for raw in delta.get("tool_calls") or []
            if (call := self._tool_call(state, raw)) is not None
        ]
        if calls:
            clean["tool_calls"] = calls
        return clean

    def _tool_call(self, state: _Choice, call: dict[str, Any]) -> dict[str, Any] | None:
        """Indexes count from 0 in order of appearance; id, type and name come once."""
        given = call.get("index", call.get("id"))
        first = given not in state.tools
        index = state.tools.setdefault(given, len(state.tools))
        function = call.get("function") or {}
        fragment = function.get("arguments") or ""
        arguments = self._feed(state, f"tool:{index}", fragment) if fragment else ""
        if first:
            named = {"name": function.get("name") or "", "arguments": arguments}
            return {
                "index": index,
                "id": call.get("id"),
                "type": call.get("type") or "function",
                "function": named,
            }
        return {"index": index, "function": {"arguments": arguments}} if arguments else None

    def _feed(self, state: _Choice, name: str, value: str) -> str:
        self._kept += len(value)
        return self._text(state, name).feed(value)

    def _flush(self, state: _Choice) -> dict[str, Any]:
        delta: dict[str, Any] = {}
        for name, text in state.texts.items():
            rest = text.finish()
            if not rest:
                continue
            if name.startswith("tool:"):
                call = {"index": int(name[5:]), "function": {"arguments": rest}}
                delta.setdefault("tool_calls", []).append(call)
            else:
                delta[name] = rest
        return delta

    def _end_all(self, head: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for index, state in self._choices.items():
            if not state.finished:
                state.finished = True
                yield {**head, "choices": [_choice(index, {}, "content_filter")]}

    def _frozen(self, chunk: dict[str, Any]) -> dict[str, Any]:
        """id, model and time stay as in the first chunk."""
        if self._head is None:
            self._head = {
                "id": chunk.get("id", ""),
                "object": "chat.completion.chunk",
                "created": chunk.get("created", 0),
                "model": chunk.get("model", ""),
            }
        return self._head

    def _complete(self, text: _Text, value: str) -> str:
        if text.mask is None and self._rules.clean_output(value):
            text.received.append(value)
            if text.restorer is None or not may_hold(value):
                return value
            return text.restorer.feed(value) + text.restorer.finish()
        released = text.feed(value)
        return released + text.finish()

    def _text(self, state: _Choice, name: str) -> _Text:
        text = state.texts.get(name)
        if text is None:
            restorer = self._vault.restorer(json=name.startswith("tool:")) if self._vault else None
            # The arguments of a tool are JSON, in which a mark could stand where a number must.
            mask = self._mask() if self._mask and not name.startswith("tool:") else None
            text = state.texts[name] = _Text(self._rules.guard(), mask, restorer)
        return text

    def _texts(self) -> Iterator[_Text]:
        return (text for choice in self._choices.values() for text in choice.texts.values())

    @staticmethod
    def _blocked_in(state: _Choice) -> bool:
        return any(text.guard.blocked for text in state.texts.values())


def _choice(index: int, delta: dict[str, Any], reason: str | None) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": reason}


def _merge(delta: dict[str, Any], rest: dict[str, Any]) -> None:
    for name, value in rest.items():
        delta[name] = delta[name] + value if name in delta else value


def _texts_of(message: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every text of a whole message: its name, and where it stands."""
    for name in TEXT_FIELDS:
        if isinstance(message.get(name), str):
            yield name, message, name
    for index, call in enumerate(message.get("tool_calls") or []):
        function = call.get("function") or {}
        if isinstance(function.get("arguments"), str):
            yield f"tool:{index}", function, "arguments"
