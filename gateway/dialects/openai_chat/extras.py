"""Fields of an answer that this dialect does not know: numbers pass, and every text is governed.

``reasoning_details`` is known in so far that its texts come in pieces.
"""

import re
from collections.abc import Iterable
from typing import Any

from gateway.dialects.base import Body, TextGroup

DETAILS = "reasoning_details"
_PIECES = ("text", "summary")  # of an entry of reasoning_details
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}\Z")
_IMAGE = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/]+={0,2}\Z")
_DEEPEST = 16  # levels; what is deeper is left out


class Extras:
    """The unknown fields of one message. A name that is no identifier could be text: left out."""

    def __init__(self, texts: TextGroup) -> None:
        self._texts = texts
        self._count = 0

    def whole(self, message: Body, known: frozenset[str]) -> None:
        """Governs all fields of a complete message that are not known, in place."""
        for name in message.keys() - known:
            value = message.pop(name)
            if _NAME.match(name):
                message[name] = self.value(value)

    def delta(self, delta: Body, known: frozenset[str]) -> Body:
        """What may go on of the fields of one chunk that are not known."""
        clean: Body = {}
        for name, value in delta.items():
            if name in known or not _NAME.match(name):
                continue
            if type(value) is not str:
                clean[name] = self._details(value) if name == DETAILS else self.value(value)
            elif released := self._texts.open(f"extra:{name}").feed(value):
                clean[name] = released
        return clean

    def value(self, value: Any, depth: int = _DEEPEST) -> Any:
        """Any complete JSON; nothing of what is too deep."""
        if type(value) is str:
            return value if not value or _IMAGE.match(value) else self._text(value)
        if isinstance(value, list):
            return [self.value(item, depth - 1) for item in value] if depth else []
        if isinstance(value, dict):
            items = value.items() if depth else ()
            return {name: self.value(item, depth - 1) for name, item in items if _NAME.match(name)}
        return value

    def _text(self, text: str) -> str:
        self._count += 1
        return self._texts.open(f"value:{self._count}").complete(text)

    def _details(self, given: Any) -> Any:
        """Entries of reasoning_details: those of one index are pieces of one text."""
        if type(given) is not list:
            return self.value(given)
        return [
            self._detail(entry) if type(entry) is dict else self.value(entry) for entry in given
        ]

    def _detail(self, entry: Body) -> Body:
        index = entry.get("index")
        clean = self.value({name: item for name, item in entry.items() if name not in _PIECES})
        for name in _PIECES:
            piece = entry.get(name)
            if type(piece) is not str or type(index) is not int:
                clean.update({name: self.value(piece)} if name in entry else {})
            else:
                clean[name] = self._texts.open(f"detail:{index}:{name}").feed(piece)
        return dict(clean)


def rest_of(label: str, rest: str) -> Body:
    """What a text that was held back adds to a delta."""
    kind, _, name = label.partition(":")
    if kind == "extra":
        return {name: rest}
    if kind == "detail":
        index, _, name = name.partition(":")
        return {DETAILS: [{"type": f"reasoning.{name}", "index": int(index), name: rest}]}
    return {label: rest}


def numbers_of(value: Any, names: Iterable[str] | None = None) -> Body:
    """The numbers of an object and of the objects in it, such as those of a usage."""
    if not isinstance(value, dict):
        return {}
    kept: Body = {}
    for name in filter(_NAME.match, value if names is None else names):
        item = value.get(name)
        if type(item) in (int, float):
            kept[name] = item
        elif type(item) is dict:
            kept[name] = numbers_of(item)
    return kept
