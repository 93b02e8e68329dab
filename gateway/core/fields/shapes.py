"""Rules with parts: shapes, objects, unions by type, and sealed blocks."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import msgspec

from gateway.core.errors import InvalidRequest
from gateway.core.fields.classes import DROPPED, NAME, UNREAD
from gateway.core.fields.texts import JoinedTexts, NamedText, Texts
from gateway.core.fields.walk import (
    DROP,
    Decode,
    Enter,
    FieldRule,
    Path,
    SealedPlace,
    Walk,
    dotted,
    wrong_type,
)

# What cannot be a number, an address or a sentence.
_IDENTIFIER = re.compile(r"(?!.*\d{4})[A-Za-z_][A-Za-z0-9_-]{0,63}\Z")
_KIND = re.compile(r"[a-z][a-z_]{0,40}(?:_20\d{6})?\Z")  # a type, such as web_search_20250305
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
            return _each(self.each, value, path, walk)
        if kind is dict and self.fields is not None:
            return self.fields.visit(value, path, walk)
        forms = {"a string": self.string, "a list": self.each, "an object": self.fields}
        raise wrong_type(path, " or ".join(name for name, rule in forms.items() if rule))


def _each(rule: FieldRule, items: list[Any], path: Path, walk: Walk) -> list[Any]:
    """The elements that may go on; places behind one that is left out move up."""
    sealed, documents, internal = len(walk.sealed), len(walk.documents), len(walk.internal)
    visited = [_entered(rule, item, (*path, index), walk) for index, item in enumerate(items)]
    if DROP not in visited:
        return visited
    removed = [index for index, item in enumerate(visited) if item is DROP]
    moved = partial(_moved_up, depth=len(path), removed=removed)
    walk.sealed[sealed:] = [
        SealedPlace(moved(place.path), place.key) for place in walk.sealed[sealed:]
    ]
    walk.documents[documents:] = map(moved, walk.documents[documents:])
    walk.internal[internal:] = map(moved, walk.internal[internal:])
    return [item for item in visited if item is not DROP]


def _entered(rule: FieldRule, item: Any, path: Path, walk: Walk) -> Any:
    if walk.enter is not None:
        walk.enter(path)
    return rule.visit(item, path, walk)


def _moved_up(place: Path, *, depth: int, removed: list[int]) -> Path:
    """A place below a list without the elements that were left out."""
    index = int(place[depth])
    return (*place[:depth], index - bisect_left(removed, index), *place[depth + 1 :])


@dataclass(frozen=True, slots=True)
class Fields:
    """An object whose fields are known; unknown text is scanned, other unknown fields dropped."""

    rules: Mapping[str, FieldRule]

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is not dict:
            raise wrong_type(path, "an object")
        clean: dict[str, Any] = {}
        for name, item in value.items():
            rule = self.rules.get(name)
            if rule is None:
                visited = _unlisted(name, item, path, walk)
            elif item is None and type(rule) in (Fields, Joined):
                continue  # many clients write null for what they do not give
            elif path:
                visited = rule.visit(item, (*path, name), walk)
            else:
                visited = _entered(rule, item, (name,), walk)
            if visited is not DROP:
                clean[name] = visited
        return clean

    def read(
        self,
        body: Any,
        texts: Texts,
        *,
        decode: Decode | None = None,
        enter: Enter | None = None,
    ) -> tuple[dict[str, Any], Walk]:
        """A clean copy of a whole body, and what the walk found; ``enter`` as in ``Walk``.

        Raises:
            InvalidRequest: names the field at fault in ``param``.
        """
        if type(body) is not dict:
            raise InvalidRequest("The request body must be a JSON object.")
        walk = Walk(texts, decode, enter)
        return cast("dict[str, Any]", self.visit(body, (), walk)), walk

    def rewrite(self, body: dict[str, Any], texts: Texts) -> dict[str, Any]:
        """A copy of a clean body with other texts; sealed blocks stay as they are."""
        return cast("dict[str, Any]", self.visit(body, (), Walk(texts, rewrites=True)))


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


def _unlisted(name: str, item: Any, path: Path, walk: Walk) -> Any:
    """What becomes of a field that the table does not name: a text is scanned with its name."""
    if not _IDENTIFIER.match(name):  # the name itself may be content: it counts, and goes nowhere
        if name:
            walk.texts.unsent(name)
        return DROPPED.visit(item, (*path, _UNNAMED), walk)
    if type(item) is not str:
        return DROPPED.visit(item, (*path, name), walk)
    if item[:5].lower() == "data:":
        return UNREAD.visit(item, (*path, name), walk)
    return _named_text(name, item, walk) if item else item


def _named_text(name: str, text: str, walk: Walk) -> Any:
    """The text as it may go on; nothing where the name would have to be redacted."""
    new = walk.texts.document(NamedText(name, text))
    if new is None:
        return text
    return new[1] if new[0] == name else DROP


@dataclass(frozen=True, slots=True)
class SealedBlock:
    """A signed or opaque block: unchanged, and for the deployment that issued it alone.

    What it shows in clear is scanned by ``rule`` and counts for the level of the request.
    """

    rule: FieldRule | None = None

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.sealed.append(SealedPlace(path))
            if self.rule is not None and not walk.rewrites:
                self.rule.visit(value, path, walk)
        return value


@dataclass(frozen=True, slots=True)
class SealedField:
    """An object with one opaque field ``key``, which represents it; the others go by ``rule``."""

    key: str
    rule: FieldRule

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        walk.sealed.append(SealedPlace(path, self.key))
        return self.rule.visit(value, path, walk)


@dataclass(frozen=True, slots=True)
class InternalField:
    """What only internal deployments understand: left out, and named, for all others.

    Its texts are scanned and count for the level wherever the request goes.
    """

    rule: FieldRule

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return DROP
        clean = self.rule.visit(value, path, walk)
        if clean is not DROP:
            walk.internal.append(path)
        return clean


@dataclass(frozen=True, slots=True)
class Joined:
    """An object whose texts are scanned together, as one document; ``definition``: of a tool."""

    rule: FieldRule
    definition: bool = False

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        joined = JoinedTexts(walk.texts, definition=self.definition)
        clean = self.rule.visit(value, path, msgspec.structs.replace(walk, texts=joined))
        replaced = joined.replaced()
        if replaced is None:
            return clean
        return self.rule.visit(value, path, Walk(replaced, rewrites=walk.rewrites))


@dataclass(frozen=True, slots=True)
class Union:
    """An object of one of several types, each with its own rule; an unknown type is unread.

    An object without a type has that of ``default``, where there is one. ``other`` is the rule of
    types that are not listed.
    """

    rules: Mapping[str, FieldRule]
    default: str | None = None
    other: FieldRule | None = None

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is not dict:
            raise wrong_type(path, "an object")
        kind = value.get("type") or self.default
        rule = self.rules.get(kind, self.other) if type(kind) is str else None
        if rule is DROPPED:
            named = str(kind) if _KIND.match(str(kind)) else _UNNAMED
            return DROPPED.visit(value, (*path, named), walk)
        if rule is None:
            walk.unread.append(dotted((*path, "type")))
            rule = _OF_UNKNOWN_TYPE
        return rule.visit(value, path, walk)


_OF_UNKNOWN_TYPE = Fields({"type": NAME})
