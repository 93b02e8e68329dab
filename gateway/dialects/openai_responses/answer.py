"""The walk over a response, whole and in events: every text of every item, in place.

What an event says of a whole text is what was released of it before, never the provider's own word.
Events are numbered anew, and there is exactly one terminal event.
"""

from collections.abc import Iterator
from typing import Any

from gateway.core.errors import Refusal
from gateway.core.usage import Usage
from gateway.dialects.base import AnswerTexts, Body
from gateway.dialects.openai_responses.events import (
    DELTAS,
    ITEMS,
    PARTS,
    STARTED,
    TERMINAL,
    TEXTS,
    framed,
    head_of,
    reason_of,
    reported_usage,
)
from gateway.dialects.openai_responses.items import (
    Item,
    Items,
    Place,
    known_part,
    part_of,
    whole,
    whole_part,
)

_DONE_FIELD = {
    "response.refusal": "refusal",
    "response.function_call_arguments": "arguments",
    "response.custom_tool_call_input": "input",
}
_INDEX = {"content": "content_index", "summary": "summary_index"}
_FILTERED = {"reason": "content_filter"}


class ResponsesAnswer:
    """Walks over one answer; one that breaks a content rule is incomplete (``content_filter``)."""

    def __init__(self, texts: AnswerTexts, told: Body | None = None) -> None:
        """``told`` are fields of the response that are not the provider's."""
        self._texts = texts
        self._items = Items(texts)
        self._told = told or {}
        self._head = self._head_of({})
        self._last: Body | None = None
        self._number = 0

    @property
    def output(self) -> list[Body]:
        """The items of the answer, as the caller gets them."""
        return self._items.output()

    def mark(self, fields: Body) -> None:
        """Fields of each response object, in events too."""
        self._told = {**self._told, **fields}
        self._head = self._head_of({})

    def whole(self, answer: Body) -> Body:
        """A complete response."""
        output = []
        for place, given in enumerate(answer["output"]):
            if item := self._items.begin(place, given):
                output.append(self._items.end(item, given))
        return self._response(answer, output, None)

    def chunk(self, chunk: Body) -> Iterator[Body]:
        """What of one event may go on; the terminal one is held until the entry is durable."""
        kind = str(chunk.get("type"))
        if (base := DELTAS.get(kind)) is not None:  # nearly all events
            yield from self._piece(base, chunk)
            return
        if kind in STARTED:
            self._head = self._head_of(chunk.get("response") or {})
            response = {**self._head, "status": "in_progress", "output": [], "usage": None}
            yield self._event(kind, response=response)
        elif kind in TERMINAL:
            yield from self._rest(chunk["response"]["output"])
            self._last = chunk["response"]
        else:
            yield from self._of_item(kind, chunk)
        if self._texts.blocked:
            yield from self._cut()

    def end(self, usage: Usage | None) -> Iterator[Body]:
        """Nothing: the terminal event, with the usage, is the last frame."""
        last = self._last or {}
        self._last = self._response(last, self._items.output(), usage)
        yield from ()

    def last_frame(self, refusal: Refusal | None) -> bytes:
        """The one terminal event."""
        if refusal is None:
            response = self._last or self._response({}, self._items.output(), None)
            status = response["status"]
            kind = f"response.{status if status != 'in_progress' else 'completed'}"
        else:
            error = {"code": refusal.code, "message": refusal.message}
            kind, output = "response.failed", self._items.output()
            response = {**self._head, "status": "failed", "error": error, "output": output}
        return framed({"type": kind, "sequence_number": self._number, "response": response})

    def _piece(self, base: str, chunk: Body) -> Iterator[Body]:
        """The next piece of a text."""
        name, index = TEXTS[base]
        item = self._open(chunk, name)
        if item is None:
            return
        place = (name, _index(chunk, index) if index else 0)
        text = self._items.text(item, place)
        if released := text.feed(str(chunk.get("delta") or "")):
            yield self._delta(base, item, place, released)
        if text.group.blocked:
            yield from self._cut()

    def _of_item(self, kind: str, chunk: Body) -> Iterator[Body]:
        place = chunk.get("output_index")
        base, _, step = kind.rpartition(".")
        if kind in ITEMS:
            yield from self._item(step, place, chunk["item"])
            return
        if base in PARTS and (item := self._open(chunk, PARTS[base])):
            yield from self._part(base, step, item, chunk)
        elif base in TEXTS and (item := self._open(chunk, TEXTS[base][0])):
            yield from self._text(base, step, item, chunk)

    def _open(self, chunk: Body, name: str) -> Item | None:
        """The item that an event is of, if it has such texts and has not ended."""
        item = self._items.at(chunk.get("output_index"))
        return item if item and not item.done and item.holds(name) else None

    def _item(self, step: str, place: Any, given: Body) -> Iterator[Body]:
        item = self._items.begin(place, given) if isinstance(place, int) else None
        if item is None or item.done:
            return
        if step == "added":
            yield self._of(item, "response.output_item.added", item=whole(item))
        elif step == "done":
            for place_, text in list(item.texts.items()):
                yield from self._flushed(item, place_, text.finish())
            ended = self._items.end(item, given)
            yield self._of(item, "response.output_item.done", item=ended)

    def _part(self, base: str, step: str, item: Item, chunk: Body) -> Iterator[Body]:
        name = PARTS[base]
        place, part = (name, _index(chunk, _INDEX[name])), chunk.get("part")
        if part is None or not known_part(part):
            return
        item.parts.setdefault(place, part_of(part))
        text = self._items.text(item, place)
        if step == "done":
            yield from self._flushed(item, place, text.finish())
        yield self._of(
            item, f"{base}.{step}", **{_INDEX[name]: place[1]}, part=whole_part(item, place)
        )

    def _text(self, base: str, step: str, item: Item, chunk: Body) -> Iterator[Body]:
        name, index = TEXTS[base]
        place = (name, _index(chunk, index) if index else 0)
        text = self._items.text(item, place)
        if step == "done":
            field = _DONE_FIELD.get(base, "text")
            if not text.begun and chunk.get(field):
                text.complete(str(chunk[field]))  # it came as a whole
            yield from self._flushed(item, place, text.finish(), base)
            where = {index: place[1]} if index else {}
            yield self._of(item, f"{base}.done", **where, **{field: text.released})

    def _flushed(
        self, item: Item, place: Place, rest: str, base: str | None = None
    ) -> Iterator[Body]:
        if rest:
            yield self._delta(base or _base_of(item, place), item, place, rest)

    def _delta(self, base: str, item: Item, place: Place, delta: str) -> Body:
        index = TEXTS[base][1]
        where = {index: place[1]} if index else {}
        more: Body = {"logprobs": []} if base == "response.output_text" else {}
        return self._of(item, f"{base}.delta", **where, delta=delta, **more)

    def _rest(self, output: list[Body]) -> Iterator[Body]:
        """Items that no event announced, and what was not ended."""
        for place, given in enumerate(output):
            if self._items.at(place) is None:
                yield from self._item("added", place, given)
            yield from self._item("done", place, given)

    def _cut(self) -> Iterator[Body]:
        """Ends what is open after a content rule ended the answer."""
        for item in self._items.opened():
            item.done = True
            if "status" in item.head:
                item.head["status"] = "incomplete"
            yield self._of(item, "response.output_item.done", item=whole(item))

    def _response(self, given: Body, output: list[Body], usage: Usage | None) -> Body:
        head = self._head_of(given) if given.get("id") else self._head
        status, details = given.get("status") or "completed", reason_of(given)
        if self._texts.blocked:
            status, details = "incomplete", _FILTERED
        return {
            **head,
            "status": status,
            "incomplete_details": details,
            "output": output,
            "usage": reported_usage(given, usage),
        }

    def _head_of(self, given: Body) -> Body:
        return {**head_of(given), **self._told}

    def _of(self, item: Item, kind: str, /, **fields: Any) -> Body:
        return self._event(kind, output_index=item.index, item_id=item.head.get("id", ""), **fields)

    def _event(self, kind: str, /, **fields: Any) -> Body:
        number, self._number = self._number, self._number + 1
        return {"type": kind, "sequence_number": number, **fields}


def _index(chunk: Body, name: str) -> int:
    given = chunk.get(name)
    return given if isinstance(given, int) else 0


def _base_of(item: Item, place: Place) -> str:
    """The event of a text by where it is."""
    if place[0] in {"arguments", "input"}:
        return f"response.{item.kind}_{place[0]}"
    part = item.parts.get(place, {}).get("type", "output_text")
    return {
        "summary_text": "response.reasoning_summary_text",
        "reasoning_text": "response.reasoning_text",
        "refusal": "response.refusal",
    }.get(part, "response.output_text")
