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
from gateway.dialects.openai_chat.tools import (
    SINGLE,
    ToolCall,
    calls_of,
    delta_of,
    is_call,
    is_json,
)
from gateway.privacy import AnswerMask, Vault, may_hold

TEXT_FIELDS = ("content", "refusal", "reasoning_content", "reasoning")
LONGEST_HELD = 128  # guard and restorer hold fewer than 64 each; the mask has what they leave


class TextRestorer(Protocol):
    """Puts values back into a text that comes in pieces.

    ``unknown`` counts placeholders that are not of this conversation; ``held`` the characters that
    are not yet released, always fewer than 64.
    """

    unknown: int

    @property
    def held(self) -> int: ...

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
    restorer: TextRestorer | None
    received: list[str] = field(default_factory=list)

    def feed(self, piece: str) -> str:
        self.received.append(piece)
        if self.mask is None:
            return self._restored(self.guard.feed(piece))
        return "".join(self._masked(self.mask, piece))

    def finish(self) -> str:
        cleared = self.guard.finish()
        if self.mask:
            self.mask.add(cleared)
            cleared = self.mask.finish()
        if self.restorer is None:
            return cleared
        return self.restorer.feed(cleared) + self.restorer.finish()

    @property
    def held(self) -> int:
        """How many characters all of them together hold back."""
        masked = self.mask.held if self.mask else 0
        return self.guard.held + masked + (self.restorer.held if self.restorer else 0)

    def _masked(self, mask: AnswerMask, piece: str) -> Iterator[str]:
        """Fills up to the limit each time: so windows depend on the text alone, not on its pieces."""
        at = 0
        while at < len(piece):
            room = LONGEST_HELD - self.held
            mask.add(self.guard.feed(piece[at : at + room]))
            at += room
            while self.held >= LONGEST_HELD:
                yield self._restored(mask.release())

    def _restored(self, cleared: str) -> str:
        return self.restorer.feed(cleared) if self.restorer else cleared


@dataclass(slots=True)
class _Choice:
    texts: dict[str, _Text] = field(default_factory=dict)
    calls: dict[Any, ToolCall] = field(default_factory=dict)
    finished: bool = False
    started: bool = False


class Inspector:
    """Inspects one answer. ``fired`` and ``blocked`` tell what rules saw."""

    def __init__(
        self,
        rules: ContentRules,
        vault: Vault | None,
        mask: Callable[[], AnswerMask] | None = None,
        *,
        external: Callable[[str], bool] | None = None,
    ) -> None:
        """``vault`` is None when nothing was redacted, so that nothing is to be restored.

        ``mask`` makes what takes new personal data out of one text, where policy asks for that.
        ``external`` says of a tool's name whether nothing is restored in what is written for it.
        """
        self._rules = rules
        self._mask = mask
        self._vault = vault
        self._external = external or (lambda _: False)
        self._choices: dict[int, _Choice] = {}
        self._texts: list[_Text] = []
        self._head: dict[str, Any] | None = None
        self._kept = 0

    @property
    def fired(self) -> list[str]:
        """Ids of all output rules that matched, sorted."""
        return sorted({rule for text in self._texts for rule in text.guard.fired})

    @property
    def blocked(self) -> str | None:
        """The rule that ended the answer, if one did."""
        return next((text.guard.blocked for text in self._texts if text.guard.blocked), None)

    @property
    def unknown(self) -> int:
        """Placeholders that stand for nothing known here: invented, or of another conversation."""
        return sum(text.restorer.unknown for text in self._texts if text.restorer)

    @property
    def masked(self) -> int:
        """New personal data taken out of the answer."""
        return sum(text.mask.masked for text in self._texts if text.mask)

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
                restores = not (is_call(name) and self._named(holder))
                value = holder.get(key)
                if isinstance(value, str):
                    self._kept += len(value)
                    holder[key] = self._complete(state, name, value, restores=restores)
            if self._vault is not None:
                choice.pop("logprobs", None)
            if self._blocked_in(state):
                choice["finish_reason"] = "content_filter"
                message.pop("tool_calls", None)
                message.pop("function_call", None)
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
        single = delta.get("function_call")
        if isinstance(single, dict) and (call := self._single_call(state, single)):
            clean["function_call"] = call
        return clean

    def _tool_call(self, state: _Choice, given: dict[str, Any]) -> dict[str, Any] | None:
        key = given.get("index", given.get("id"))
        call = state.calls.get(key)
        if call is None:
            call = state.calls[key] = ToolCall.of(given, len(state.calls))
            name, text = call.read(given)
            stays = self._external(name)
            self._text(state, call.label, restores=not stays)
            seen = self._feed(state, call.label, text) if text else ""
            return call.begun(given, self._restored_name(name), seen)
        text = call.read(given)[1]
        seen = self._feed(state, call.label, text) if text else ""
        part: dict[str, Any] = delta_of(call.label, seen)["tool_calls"][0]
        return part if seen else None

    def _single_call(self, state: _Choice, given: dict[str, Any]) -> dict[str, Any]:
        name, text = given.get("name") or "", given.get("arguments") or ""
        if SINGLE not in state.texts:
            self._text(state, SINGLE, restores=not self._external(name))
        clean = {"name": self._restored_name(name)} if name else {}
        seen = self._feed(state, SINGLE, text) if text else ""
        return {**clean, "arguments": seen} if seen or name else {}

    def _named(self, call: dict[str, Any]) -> bool:
        """Puts back the name of a whole call; whether its text stays as it is."""
        name = call.get("name") or ""
        if name:
            call["name"] = self._restored_name(name)
        return self._external(name)

    def _restored_name(self, name: str) -> str:
        return self._vault.restore_name(name) if self._vault else name

    def _feed(self, state: _Choice, name: str, value: str) -> str:
        self._kept += len(value)
        return self._text(state, name).feed(value)

    def _flush(self, state: _Choice) -> dict[str, Any]:
        delta: dict[str, Any] = {}
        for name, text in state.texts.items():
            rest = text.finish()
            if not rest:
                continue
            _merge(delta, delta_of(name, rest) if is_call(name) else {name: rest})
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

    def _complete(self, state: _Choice, name: str, value: str, *, restores: bool) -> str:
        text = self._text(state, name, restores=restores and self._may_restore(value))
        if text.mask is None and self._rules.clean_output(value):
            text.received.append(value)
            if text.restorer is None:
                return value
            return text.restorer.feed(value) + text.restorer.finish()
        released = text.feed(value)
        return released + text.finish()

    def _may_restore(self, value: str) -> bool:
        return may_hold(value) or (self._vault is not None and self._vault.substitutes)

    def _text(self, state: _Choice, name: str, *, restores: bool = True) -> _Text:
        text = state.texts.get(name)
        if text is None:
            json = is_json(name)
            restorer = self._vault.restorer(json=json) if self._vault and restores else None
            # The arguments of a tool are JSON, in which a mark could stand where a number must.
            mask = self._mask() if self._mask and not json else None
            text = state.texts[name] = _Text(self._rules.guard(), mask, restorer)
            self._texts.append(text)
        return text

    @staticmethod
    def _blocked_in(state: _Choice) -> bool:
        # A loop, because each chunk asks and a generator costs as much as its body.
        for text in state.texts.values():  # noqa: SIM110
            if text.guard.blocked:
                return True
        return False


def _choice(index: int, delta: dict[str, Any], reason: str | None) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": reason}


def _merge(delta: dict[str, Any], rest: dict[str, Any]) -> None:
    for name, value in rest.items():
        if name == "function_call" and name in delta:
            before = delta[name].get("arguments", "")
            delta[name]["arguments"] = before + value["arguments"]
        else:
            delta[name] = delta[name] + value if name in delta else value


def _texts_of(message: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every text of a whole message: its name, and where it stands."""
    for name in TEXT_FIELDS:
        if isinstance(message.get(name), str):
            yield name, message, name
    yield from calls_of(message)
