"""Classes of single fields: texts, closed values, and what may not leave."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.core.errors import InvalidRequest
from gateway.core.fields.walk import DROP, FieldRule, Path, Walk, dotted, wrong_type

_WORD = re.compile(r"[A-Za-z0-9_.:@/-]{1,256}\Z")
_MAX_JSON_DEPTH = 4
_NO_BRACKETS = str.maketrans("", "", "[]")


class TextClass:
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


class JsonClass:
    """A string that holds JSON: its values are visited inside, and it is written anew."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        if type(value) is not str:
            raise wrong_type(path, "a string that holds JSON")
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
        rewritten = walk.on_text(text)
        return value if rewritten == text else rewritten


class SchemaClass(TextClass):
    """A JSON Schema: descriptions, enums and defaults are texts, keys and types are kept."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is dict:
            return {name: self.visit(item, (*path, name), walk) for name, item in value.items()}
        return super().visit(value, path, walk)


class NameClass:
    """An identifier such as a tool's name: scanned, and kept in identifier form."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        if type(value) is not str or not value or len(value) > 256:
            raise wrong_type(path, "a name")
        rewritten = walk.on_text(value)
        return value if rewritten == value else rewritten.translate(_NO_BRACKETS)


class WordClass:
    """A short technical value: an id, a type, a model name; not text."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or (type(value) is str and _WORD.match(value)):
            return value
        raise wrong_type(path, "a short identifier")


class NumberClass:
    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or type(value) in (int, float):
            return value
        raise wrong_type(path, "a number")


class BooleanClass:
    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or type(value) is bool:
            return value
        raise wrong_type(path, "true or false")


class DroppedClass:
    """Left out; its texts still count for the level of the request."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.dropped.append(dotted(path))
            TEXT.visit(value, path, walk)
        return DROP


class ForbiddenClass:
    """A field that would pick an endpoint, a credential or a callback."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        raise InvalidRequest(
            f"'{dotted(path)}' is not accepted: Sluis alone chooses endpoints, credentials and "
            "callbacks. Remove the field.",
            param=dotted(path),
        )


class InsideOnlyClass:
    """Something that a provider would fetch, store or run: internal deployments only."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.inside_only.append(dotted(path))
        return value


class UnreadClass(InsideOnlyClass):
    """Content that no detector reads: its level is what policy gives unread content."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.unread.append(dotted(path))
        return value


class DocumentClass:
    """A file: unread content for internal deployments only, until its text is read."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.documents.append(path)
            walk.unread.append(dotted(path))
            walk.inside_only.append(dotted(path))
        return value


class TokensClass:
    """Texts, or token ids in their place: decoded and scanned as text, or unread."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        return None if value is None else self._input(value, path, walk)

    def _input(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is str:
            return TEXT.visit(value, path, walk)
        if type(value) is not list:
            raise wrong_type(path, "a string, a list of strings, or token ids")
        if value and all(type(item) is int for item in value):
            text = walk.decode(value) if walk.decode else None
            return UNREAD.visit(value, path, walk) if text is None else walk.on_text(text)
        return [self._input(item, (*path, index), walk) for index, item in enumerate(value)]


@dataclass(frozen=True, slots=True)
class Known:
    """The kind of content that an object holds; content of an unknown kind is unread."""

    kinds: frozenset[str]

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is str and value in self.kinds:
            return value
        walk.unread.append(dotted(path))
        return WORD.visit(value, path, walk)


@dataclass(frozen=True, slots=True)
class Pinned:
    value: Any

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value not in (None, self.value):
            walk.dropped.append(dotted(path))
        return self.value


@dataclass(frozen=True, slots=True)
class OneOf:
    values: frozenset[str]

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or (type(value) is str and value in self.values):
            return value
        raise wrong_type(path, "one of: " + ", ".join(sorted(self.values)))


TEXT = TextClass()
WORD = WordClass()
UNREAD = UnreadClass()
DROPPED = DroppedClass()
PLAIN: Mapping[str, FieldRule] = {
    "text": TEXT,
    "json": JsonClass(),
    "schema": SchemaClass(),
    "name": NameClass(),
    "word": WORD,
    "number": NumberClass(),
    "boolean": BooleanClass(),
    "dropped": DROPPED,
    "forbidden": ForbiddenClass(),
    "inside_only": InsideOnlyClass(),
    "unread": UNREAD,
    "document": DocumentClass(),
    "tokens": TokensClass(),
}
