"""Rules with parts: shapes, objects, unions by type, and sealed blocks."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from gateway.core.errors import InvalidRequest
from gateway.core.fields.classes import DROPPED, TEXT, UNREAD, WORD
from gateway.core.fields.walk import DROP, Decode, FieldRule, Path, Walk, dotted, wrong_type

# What cannot be a number, an address or a sentence.
_IDENTIFIER = re.compile(r"(?!.*\d{4})[A-Za-z_][A-Za-z0-9_-]{0,63}\Z")
_UNNAMED = "*"


@dataclass(frozen=True, slots=True)
class Shape:
    """A value that may come as a string, a list or an object, each with its own rule."""

    string: FieldRule | None = None
    each: FieldRule | None = None
    fields: FieldRule | None = None

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        kind = type(value)
        if kind is str and self.string is not None:
            return self.string.visit(value, path, walk)
        if kind is list and self.each is not None:
            visit = self.each.visit
            return [visit(item, (*path, index), walk) for index, item in enumerate(value)]
        if kind is dict and self.fields is not None:
            return self.fields.visit(value, path, walk)
        forms = {"a string": self.string, "a list": self.each, "an object": self.fields}
        raise wrong_type(path, " or ".join(name for name, rule in forms.items() if rule))


@dataclass(frozen=True, slots=True)
class Fields:
    """An object whose fields are known; unknown text is scanned, other unknown fields dropped."""

    rules: Mapping[str, FieldRule]

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is not dict:
            raise wrong_type(path, "an object")
        clean: dict[str, Any] = {}
        for name, item in value.items():
            rule, step = self.rules.get(name), name
            if rule is None:
                rule, step = _unlisted(name, item, walk)
            elif item is None and type(rule) is Fields:
                continue  # many clients write null for what they do not give
            visited = rule.visit(item, (*path, step), walk)
            if visited is not DROP:
                clean[name] = visited
        return clean

    def read(
        self, body: Any, on_text: Callable[[str], str], *, decode: Decode | None = None
    ) -> tuple[dict[str, Any], Walk]:
        """A clean copy of a whole body, and what the walk found.

        Raises:
            InvalidRequest: names the field at fault in ``param``.
        """
        if type(body) is not dict:
            raise InvalidRequest("The request body must be a JSON object.")
        walk = Walk(on_text, decode)
        return cast("dict[str, Any]", self.visit(body, (), walk)), walk

    def rewrite(self, body: dict[str, Any], on_text: Callable[[str], str]) -> dict[str, Any]:
        """A copy of a clean body with other texts; sealed blocks stay as they are."""
        return cast("dict[str, Any]", self.visit(body, (), Walk(on_text, rewrites=True)))


def without(body: Any, paths: Sequence[Path]) -> Any:
    """A copy of a body that lacks what is at ``paths``; shares all that is not on the way there."""
    if not paths:
        return body
    below: dict[str | int, list[Path]] = {}
    for step, *rest in paths:
        below.setdefault(step, []).append(tuple(rest))
    removed = {step for step, rests in below.items() if () in rests}
    if type(body) is list:
        return [
            without(item, below.get(index, ()))
            for index, item in enumerate(body)
            if index not in removed
        ]
    return {
        name: without(item, below.get(name, ()))
        for name, item in body.items()
        if name not in removed
    }


def _unlisted(name: str, item: Any, walk: Walk) -> tuple[FieldRule, str]:
    """What becomes of a field that the table does not name, and what it is called on record."""
    if not _IDENTIFIER.match(name):  # the name itself may be content: it counts, and goes nowhere
        TEXT.visit(name, (), walk)
        return DROPPED, _UNNAMED
    if type(item) is not str:
        return DROPPED, name
    return (UNREAD if item[:5].lower() == "data:" else TEXT), name


@dataclass(frozen=True, slots=True)
class SealedBlock:
    """A signed or opaque block: unchanged, and for the deployment that issued it alone.

    What it shows in clear is scanned by ``rule`` and counts for the level of the request.
    """

    rule: FieldRule | None = None

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.sealed.append(path)
            if self.rule is not None and not walk.rewrites:
                self.rule.visit(value, path, walk)
        return value


@dataclass(frozen=True, slots=True)
class Union:
    """An object of one of several types, each with its own rule; an unknown type is unread."""

    rules: Mapping[str, FieldRule]

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is not dict:
            raise wrong_type(path, "an object")
        kind = value.get("type")
        rule = self.rules.get(kind) if type(kind) is str else None
        if rule is None:
            walk.unread.append(dotted((*path, "type")))
            rule = _OF_UNKNOWN_TYPE
        return rule.visit(value, path, walk)


_OF_UNKNOWN_TYPE = Fields({"type": WORD})
