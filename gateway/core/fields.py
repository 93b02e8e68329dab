"""Field classes: what each field of a dialect may carry, and a walk that visits every text.

A tree of rules is compiled from ``policies/egress.yaml``. One walk checks types, drops, pins and
refuses; it builds a new body, so nothing of the caller's bytes is ever forwarded. The same walk
over the clean body rewrites texts (redaction).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

import msgspec
import orjson

from gateway.core.errors import InvalidRequest

Path = tuple[str | int, ...]
_WORD = re.compile(r"[A-Za-z0-9_.:@/-]{1,256}\Z")
# What cannot be a number, an address or a sentence.
_IDENTIFIER = re.compile(r"(?!.*\d{4})[A-Za-z_][A-Za-z0-9_-]{0,63}\Z")
_UNNAMED = "*"
_DROP: Any = object()
_MAX_JSON_DEPTH = 4
_NO_BRACKETS = str.maketrans("", "", "[]")


class FieldsError(Exception):
    """The field table is wrong; says where."""


def dotted(path: Path) -> str:
    """A path as error messages name it: ``messages[2].content``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


class Walk(msgspec.Struct):
    """What one walk over a body saw.

    ``on_text`` gets each text with its path and gives what takes its place. ``dropped`` are fields
    left out, ``inside_only`` fields that no provider outside the internal zone may get, ``unread``
    those whose content no detector can read, ``documents`` those among them that may yet be read.
    """

    on_text: Callable[[str], str]
    dropped: list[str] = msgspec.field(default_factory=list)
    inside_only: list[str] = msgspec.field(default_factory=list)
    unread: list[str] = msgspec.field(default_factory=list)
    documents: list[Path] = msgspec.field(default_factory=list)


class Rule(Protocol):
    """What one field may carry."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        """The value as it may go on, or the drop mark.

        Raises:
            InvalidRequest: when the value has the wrong type or is refused.
        """
        ...


def _wrong(path: Path, wanted: str) -> InvalidRequest:
    return InvalidRequest(f"'{dotted(path)}' must be {wanted}.", param=dotted(path))


class _Text:
    """Scanned text; any JSON inside is walked and its strings, keys too, are visited."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is str:
            return walk.on_text(value) if value else value
        if type(value) is dict:
            return {
                walk.on_text(name): self.visit(item, (*path, name), walk)
                for name, item in value.items()
            }
        if type(value) is list:
            return [self.visit(item, (*path, index), walk) for index, item in enumerate(value)]
        return value


class _Json:
    """A string that holds JSON: its values are visited inside, and it is written anew."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        if type(value) is not str:
            raise _wrong(path, "a string that holds JSON")
        return self._inside(value, walk, _MAX_JSON_DEPTH)

    def _inside(self, value: str, walk: Walk, depth: int) -> str:
        try:
            parsed = orjson.loads(value)
        except orjson.JSONDecodeError:
            return walk.on_text(value) if value else value
        if not isinstance(parsed, dict | list):
            return walk.on_text(value)
        return orjson.dumps(self._value(parsed, walk, depth)).decode()

    def _value(self, value: Any, walk: Walk, depth: int) -> Any:
        if type(value) is dict:
            return {
                walk.on_text(name): self._value(item, walk, depth) for name, item in value.items()
            }
        if type(value) is list:
            return [self._value(item, walk, depth) for item in value]
        if type(value) is str:
            nested = depth > 0 and value[:1] in ("{", "[")
            return self._inside(value, walk, depth - 1) if nested else walk.on_text(value)
        if type(value) in (int, float):
            return self._number(value, walk)
        return value

    def _number(self, value: Any, walk: Walk) -> Any:
        """A number may be a citizen service number: it is scanned like text."""
        text = str(value)
        seen = walk.on_text(text)
        return value if seen == text else seen


class _Schema(_Text):
    """A JSON Schema: descriptions, enums and defaults are texts, keys and types are kept."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is dict:
            return {name: self.visit(item, (*path, name), walk) for name, item in value.items()}
        return super().visit(value, path, walk)


class _Name:
    """An identifier such as a tool's name: scanned, and kept in identifier form."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        if type(value) is not str or not value or len(value) > 256:
            raise _wrong(path, "a name")
        seen = walk.on_text(value)
        return value if seen == value else seen.translate(_NO_BRACKETS)


class _Word:
    """A short technical value: an id, a type, a model name; not text."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or (type(value) is str and _WORD.match(value)):
            return value
        raise _wrong(path, "a short identifier")


class _Number:
    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or type(value) in (int, float):
            return value
        raise _wrong(path, "a number")


class _Boolean:
    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or type(value) is bool:
            return value
        raise _wrong(path, "true or false")


class _Dropped:
    """Left out; its texts still count for the level of the request."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.dropped.append(dotted(path))
            _TEXT.visit(value, path, walk)
        return _DROP


class _Forbidden:
    """A field that would pick an endpoint, a credential or a callback."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        raise InvalidRequest(
            f"'{dotted(path)}' is not accepted: Sluis alone chooses endpoints, credentials and "
            "callbacks. Remove the field.",
            param=dotted(path),
        )


class _InsideOnly:
    """Something that a provider would fetch, store or run: internal deployments only."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.inside_only.append(dotted(path))
        return value


class _Unread(_InsideOnly):
    """Content that no detector reads: its level is what policy gives unread content."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.unread.append(dotted(path))
        return value


class _Document:
    """A file: unread content for internal deployments only, until somebody has read its text."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.documents.append(path)
            walk.unread.append(dotted(path))
            walk.inside_only.append(dotted(path))
        return value


@dataclass(frozen=True, slots=True)
class _Known:
    """What kind of content an object holds; nobody can read a kind that is not known."""

    kinds: frozenset[str]

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is str and value in self.kinds:
            return value
        walk.unread.append(dotted(path))
        return _WORD_RULE.visit(value, path, walk)


@dataclass(frozen=True, slots=True)
class _Pinned:
    value: Any

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value not in (None, self.value):
            walk.dropped.append(dotted(path))
        return self.value


@dataclass(frozen=True, slots=True)
class _OneOf:
    values: frozenset[str]

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or (type(value) is str and value in self.values):
            return value
        raise _wrong(path, "one of: " + ", ".join(sorted(self.values)))


@dataclass(frozen=True, slots=True)
class _Shape:
    """A value that may come as a string, a list or an object, each with its own rule."""

    string: Rule | None = None
    each: Rule | None = None
    fields: Rule | None = None

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
        raise _wrong(path, " or ".join(name for name, rule in forms.items() if rule))


@dataclass(frozen=True, slots=True)
class Fields:
    """An object whose fields are known; unknown text is scanned, other unknown fields dropped."""

    rules: Mapping[str, Rule]

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is not dict:
            raise _wrong(path, "an object")
        clean: dict[str, Any] = {}
        for name, item in value.items():
            rule, step = self.rules.get(name), name
            if rule is None:
                rule, step = _unlisted(name, item, walk)
            elif item is None and type(rule) is Fields:
                continue  # many clients write null for what they do not give
            seen = rule.visit(item, (*path, step), walk)
            if seen is not _DROP:
                clean[name] = seen
        return clean

    def read(self, body: Any, on_text: Callable[[str], str]) -> tuple[dict[str, Any], Walk]:
        """A clean copy of a whole body, and what the walk saw.

        Raises:
            InvalidRequest: names the field at fault in ``param``.
        """
        if type(body) is not dict:
            raise InvalidRequest("The request body must be a JSON object.")
        walk = Walk(on_text)
        return cast("dict[str, Any]", self.visit(body, (), walk)), walk


def _unlisted(name: str, item: Any, walk: Walk) -> tuple[Rule, str]:
    """What becomes of a field that the table does not name, and what it is called on record."""
    if not _IDENTIFIER.match(name):  # the name itself may be content: it counts, and goes nowhere
        _TEXT.visit(name, (), walk)
        return _DROPPED, _UNNAMED
    if type(item) is not str:
        return _DROPPED, name
    return (_UNREAD if item[:5].lower() == "data:" else _TEXT), name


_TEXT = _Text()
_WORD_RULE = _Word()
_UNREAD = _Unread()
_DROPPED = _Dropped()
_PLAIN: dict[str, Rule] = {
    "text": _TEXT,
    "json": _Json(),
    "schema": _Schema(),
    "name": _Name(),
    "word": _WORD_RULE,
    "number": _Number(),
    "boolean": _Boolean(),
    "dropped": _DROPPED,
    "forbidden": _Forbidden(),
    "inside_only": _InsideOnly(),
    "unread": _UNREAD,
    "document": _Document(),
}
_MARKS = {"string", "each", "fields"}


def compile_rule(node: Any, where: str = "") -> Rule:
    """The rule that a node of the field table describes.

    Raises:
        FieldsError: for a class that does not exist, with its place.
    """
    if isinstance(node, str):
        if node not in _PLAIN:
            raise FieldsError(f"{where}: unknown class {node!r}; known: {', '.join(_PLAIN)}")
        return _PLAIN[node]
    if not isinstance(node, dict):
        raise FieldsError(f"{where}: expected a class name or a mapping")
    if set(node) == {"pinned"}:
        return _Pinned(node["pinned"])
    if set(node) == {"one_of"}:
        return _OneOf(frozenset(node["one_of"]))
    if set(node) == {"known"}:
        return _Known(frozenset(node["known"]))
    if node and set(node) <= _MARKS:
        return _Shape(**{mark: compile_rule(node[mark], f"{where}.{mark}") for mark in node})
    return compile_fields(node, where)


def compile_fields(node: Mapping[str, Any], where: str) -> Fields:
    """The rules of an object; ``node`` maps each field to its class."""
    return Fields({name: compile_rule(item, f"{where}.{name}") for name, item in node.items()})
