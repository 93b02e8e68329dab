"""Chat answers through the output filter: whole, and cut into pieces of any size."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from gateway.decisions import ContentRules
from gateway.dialects.openai_chat import OpenAIChat
from gateway.privacy import AnswerMask, Vault
from gateway.request.output_filter import OutputFilter

Said = Sequence[Mapping[str, str]]  # of each choice: its texts by name
Pieces = list[dict[str, list[str]]]
Cut = Callable[[str], list[str]]


class FilteredAnswer:
    """One chat answer: the walk of the dialect over the texts that the output filter governs."""

    def __init__(
        self,
        rules: ContentRules,
        vault: Vault | None,
        mask: Callable[[], AnswerMask] | None = None,
        *,
        external: Callable[[str], bool] | None = None,
    ) -> None:
        self.filter = OutputFilter(rules, vault, mask, external=external)
        walker = OpenAIChat().walker(self.filter)
        self.whole, self.chunk = walker.whole, walker.chunk
        self._end = walker.end

    def finish(self) -> Iterator[dict[str, Any]]:
        """What was still held back."""
        return self._end(None)


def whole(answer: FilteredAnswer, said: Said) -> Said:
    """An answer in one piece."""
    choices = []
    for index, texts in enumerate(said):
        message = {name: text for name, text in texts.items() if not name.startswith("tool:")}
        calls = [_call(name, text) for name, text in texts.items() if name.startswith("tool:")]
        choices.append({"index": index, "message": {**message, "tool_calls": calls}})
    return [
        _texts_of(choice["message"]) for choice in answer.whole({"choices": choices})["choices"]
    ]


def _call(name: str, text: str) -> dict[str, Any]:
    return {"index": int(name[5:]), "id": name, "function": {"name": "f", "arguments": text}}


def _texts_of(message: Mapping[str, Any]) -> dict[str, str]:
    texts = {
        name: text for name, text in message.items() if isinstance(text, str) and name != "role"
    }
    for index, call in enumerate(message.get("tool_calls") or []):
        texts[f"tool:{call.get('index', index)}"] = call["function"].get("arguments") or ""
    return texts


def streamed(answer: FilteredAnswer, pieces: Pieces) -> Said:
    """An answer whose texts come in pieces, all of them at the same time."""
    return collected(answer, _chunks(pieces))


def collected(answer: FilteredAnswer, chunks: Iterable[dict[str, Any]]) -> Said:
    """What the caller has at the end."""
    got: dict[int, dict[str, str]] = {}
    for chunk in chunks:
        _note(got, answer.chunk(chunk))
    _note(got, answer.finish())
    return [got[index] for index in sorted(got)]


def _note(got: dict[int, dict[str, str]], released: Iterator[dict[str, Any]]) -> None:
    for chunk in released:
        for choice in chunk["choices"]:
            texts = got.setdefault(choice["index"], {})
            for name, piece in _texts_of(choice["delta"]).items():
                texts[name] = texts.get(name, "") + piece


def _chunks(pieces: Pieces) -> Iterator[dict[str, Any]]:
    rounds = max(len(parts) for texts in pieces for parts in texts.values())
    for turn in range(rounds):
        for index, texts in enumerate(pieces):
            delta: dict[str, Any] = {}
            for name, parts in texts.items():
                if turn >= len(parts) and (turn or not name.startswith("tool:")):
                    continue
                if name.startswith("tool:"):
                    delta.setdefault("tool_calls", []).append(
                        _call(name, "".join(parts[turn : turn + 1]))
                    )
                else:
                    delta[name] = parts[turn]
            yield {"choices": [{"index": index, "delta": delta}]}
    for index in range(len(pieces)):
        yield {"choices": [{"index": index, "delta": {}, "finish_reason": "stop"}]}


def two_parts(said: Said) -> Iterator[Cut]:
    """Every cut in two: in the n-th step each text is cut after its n-th character.

    A text that is shorter has had all its cuts: no pieces, it is left out.
    """
    for at in range(1, max(len(text) for texts in said for text in texts.values())):

        def cut(text: str, at: int = at) -> list[str]:
            return [text[:at], text[at:]] if at < len(text) else []

        yield cut


def many_parts(rng: Random, times: int) -> Iterator[Cut]:
    """Some cuts in many pieces of random sizes."""
    for longest in rng.choices((1, 2, 3, 7, 20), k=times):
        sizes = Random(rng.random())

        def cut(text: str, sizes: Random = sizes, longest: int = longest) -> list[str]:
            pieces, at = [], 0
            while at < len(text):
                size = sizes.randint(1, longest)
                pieces.append(text[at : at + size])
                at += size
            return pieces or [""]

        yield cut


def message_events(texts: Mapping[str, str], cut: Cut) -> Iterator[dict[str, Any]]:
    """The same answer as events of the Anthropic dialect: a text, then one tool."""
    usage = {"input_tokens": 1, "output_tokens": 1}
    start = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": [],
    }
    yield {"type": "message_start", "message": {**start, "stop_reason": None, "usage": usage}}
    tool = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    blocks = [
        ({"type": "text", "text": ""}, "text_delta", "text", "content"),
        (tool, "input_json_delta", "partial_json", "tool:0"),
    ]
    for index, (empty, kind, key, name) in enumerate(blocks):
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        for piece in cut(texts[name]):
            delta = {"type": kind, key: piece}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    end = {"stop_reason": "tool_use", "stop_sequence": None}
    yield {"type": "message_delta", "delta": end, "usage": usage}
    yield {"type": "message_stop"}
