"""The items of a response: which there are, and where the texts of each one are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.dialects.base import AnswerTexts, Body, TextGroup

# By type of an item: the fields that go on as they are. Items that a provider's own tools make do
# not go on: such tools are left out of every request.
PLAIN: dict[str, tuple[str, ...]] = {
    "message": ("id", "type", "role", "status", "phase"),
    "function_call": ("id", "type", "call_id", "status"),
    "custom_tool_call": ("id", "type", "call_id", "status"),
    "reasoning": ("id", "type", "status", "encrypted_content"),
    "compaction": ("id", "type", "encrypted_content"),
}
_CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
_LISTS = {"message": ("content",), "reasoning": ("summary", "content")}
_TEXT_OF = {
    "output_text": "text",
    "refusal": "refusal",
    "summary_text": "text",
    "reasoning_text": "text",
}
Place = tuple[str, int]  # the list of an item that a part is in, or the field of a call; its index


@dataclass(slots=True)
class GovernedText:
    """One text of an item, in pieces or as a whole."""

    group: TextGroup
    json: bool
    tool: str | None
    released: str = ""
    begun: bool = False
    finished: bool = False

    def feed(self, piece: str) -> str:
        """What may go on after this piece."""
        self.begun = True
        return self._kept(self.group.open("text", json=self.json, tool=self.tool).feed(piece))

    def finish(self) -> str:
        """What was held back; nothing when a content rule ended the text."""
        if self.finished or self.group.blocked:
            return ""
        self.finished = True
        return self._kept("".join(rest for _, rest in self.group.flush()))

    def complete(self, text: str) -> None:
        """The text came as a whole."""
        self.begun = self.finished = True
        self._kept(self.group.open("text", json=self.json, tool=self.tool).complete(text))

    def _kept(self, released: str) -> str:
        self.released += released
        return released


@dataclass(slots=True)
class Item:
    """One item on its way: ``index`` is its place in the answer as the caller gets it."""

    index: int
    head: Body
    tool: str | None = None
    texts: dict[Place, GovernedText] = field(default_factory=dict)
    parts: dict[Place, Body] = field(default_factory=dict)
    done: bool = False

    @property
    def kind(self) -> str:
        """Its type."""
        return str(self.head["type"])

    def holds(self, name: str) -> bool:
        """Whether an item of this type has texts under a name."""
        return name in _LISTS.get(self.kind, ()) or name == _CALLS.get(self.kind)


class Items:
    """The items of one answer, by their place in the provider's answer."""

    def __init__(self, texts: AnswerTexts) -> None:
        self._texts = texts
        self._items: dict[int, Item] = {}
        self._groups = 0

    def begin(self, place: int, given: Body) -> Item | None:
        """The item at a place; None for one that does not go on."""
        item = self._items.get(place)
        if item is None and given.get("type") in PLAIN:
            kind = given["type"]
            head = {name: given[name] for name in PLAIN[kind] if given.get(name) is not None}
            head.pop("encrypted_content", None)
            name = given.get("name") or None
            if kind in _CALLS:
                head |= {
                    field: self._texts.restore_name(given[field])
                    for field in ("name", "namespace")
                    if given.get(field)
                }
            item = self._items[place] = Item(len(self._items), head, name)
        return item

    def at(self, place: Any) -> Item | None:
        """The item that an event belongs to."""
        return self._items.get(place)

    def text(self, item: Item, place: Place) -> GovernedText:
        """A text of an item."""
        text = item.texts.get(place)
        if text is None:
            json = item.kind == "function_call"
            tool = item.tool if item.kind in _CALLS else None
            group = self._texts.group(self._groups)
            text = item.texts[place] = GovernedText(group, json, tool)
            self._groups += 1
        return text

    def end(self, item: Item, given: Body) -> Body:
        """The whole item; texts that did not come in pieces are governed as wholes."""
        if not item.done:
            item.done = True
            fields = PLAIN[item.kind]
            for place, part, value in texts_of(given):
                if not item.holds(place[0]):  # it began as an item of another type
                    continue
                item.parts.setdefault(place, part)
                if not (text := self.text(item, place)).begun:
                    text.complete(value)
            if "encrypted_content" in fields and (sealed := given.get("encrypted_content")):
                item.head["encrypted_content"] = sealed
                self._texts.seal(sealed)
            item.head.pop("status", None)
            if "status" in fields and given.get("status"):
                item.head["status"] = given["status"]
        return whole(item)

    def output(self) -> list[Body]:
        """All items as they are now."""
        return [whole(item) for item in self._items.values()]

    def opened(self) -> list[Item]:
        """Items that have not ended."""
        return [item for item in self._items.values() if not item.done]


def texts_of(item: Body) -> Iterator[tuple[Place, Body, str]]:
    """Every text of a provider's item: its place, its part, and the text."""
    kind = item["type"]
    if kind in _CALLS and isinstance(item.get(_CALLS[kind]), str):
        yield (_CALLS[kind], 0), {}, item[_CALLS[kind]]
    for name in _LISTS.get(kind, ()):
        for index, part in enumerate(item.get(name) or ()):
            if isinstance(part, dict) and (field := _TEXT_OF.get(str(part.get("type")))):
                yield (name, index), part_of(part), str(part.get(field) or "")


def part_of(part: Body) -> Body:
    """A part without its text."""
    return (
        {"type": part["type"], "annotations": []}
        if part["type"] == "output_text"
        else {"type": part["type"]}
    )


def known_part(part: Any) -> bool:
    """Whether a part has a text that is known."""
    return isinstance(part, dict) and str(part.get("type")) in _TEXT_OF


def whole_part(item: Item, place: Place) -> Body:
    """A part with what was released of its text."""
    part = item.parts[place]
    return {**part, _TEXT_OF[part["type"]]: item.texts[place].released}


def whole(item: Item) -> Body:
    """An item with what was released of its texts."""
    if item.kind in _CALLS:
        name = _CALLS[item.kind]
        text = item.texts.get((name, 0))
        return {**item.head, name: text.released if text else ""}
    lists: dict[str, list[Body]] = {name: [] for name in _LISTS.get(item.kind, ())}
    for place in sorted(item.parts):
        if place in item.texts:
            lists[place[0]].append(whole_part(item, place))
    if item.kind == "reasoning" and not lists["content"]:
        del lists["content"]
    return {**item.head, **lists}
