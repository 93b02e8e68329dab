"""Classes of single fields: texts, closed values, and what may not leave."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.core.errors import InvalidRequest
from gateway.core.fields.json_schema import is_schema
from gateway.core.fields.json_text import json_text, schema_text
from gateway.core.fields.walk import DROP, FieldRule, Path, Walk, dotted, wrong_type

_WORD = re.compile(r"[A-Za-z0-9_.:@/-]{1,256}\Z")
_NO_BRACKETS = str.maketrans("", "", "[]")
_LONGEST_ID = 1024
_MOST_SCALARS = 64


class TextClass:
    """A string: scanned, and redacted where the decision says so."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is str:
            return walk.texts.text(value) if value else value
        if value is None:
            return None
        raise wrong_type(path, "a string")


class JsonClass:
    """A string that holds JSON: scanned as one document, and its keys and values are redacted."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        if type(value) is not str:
            raise wrong_type(path, "a string that holds JSON")
        read = json_text(value)
        if read is None:
            return walk.texts.text(value) if value else value
        new = walk.texts.document(read)
        return value if new is None else read.with_parts(iter(new))


class JsonObjectClass:
    """A JSON object: scanned as one document, and its keys and values are redacted."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or value == {}:
            return value
        if type(value) is not dict:
            raise wrong_type(path, "an object")
        source = _source(value, path)
        new = JSON.visit(source, path, walk)
        return value if new == source else orjson.loads(new)


class DocumentOfJson:
    """JSON in any form: scanned as one document; descriptions, enums and defaults are redacted.

    Its keys are kept, and it stays as it is where nothing is redacted.
    """

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) not in (dict, list):
            return TEXT.visit(value, path, walk)
        read = schema_text(_source(value, path))
        new = walk.texts.document(read)
        return value if new is None else orjson.loads(read.with_parts(iter(new)))


class SchemaClass(DocumentOfJson):
    """A JSON Schema, scanned as one document."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        if not is_schema(value):
            raise wrong_type(path, "a JSON Schema")
        return value if type(value) is bool else super().visit(value, path, walk)


class ScalarsClass(DocumentOfJson):
    """An object of texts, numbers and booleans, such as the arguments of a chat template."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        if type(value) is not dict or len(value) > _MOST_SCALARS:
            raise wrong_type(path, f"an object of at most {_MOST_SCALARS} values")
        if any(type(item) in (dict, list) for item in value.values()):
            raise wrong_type(path, "an object of texts, numbers and booleans")
        return super().visit(value, path, walk)


class NameClass:
    """An identifier such as a tool's name: scanned, and kept in identifier form."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        if type(value) is not str or not value or len(value) > 256:
            raise wrong_type(path, "a name")
        rewritten = walk.texts.name(value)
        return value if rewritten == value else rewritten.translate(_NO_BRACKETS)


class WordClass:
    """A short technical value that does not leave as the caller wrote it, such as a model name."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or (type(value) is str and _WORD.match(value)):
            return value
        raise wrong_type(path, "a short identifier")


class CallIdClass:
    """The id of a tool call: replaced by one of our own, numbered in order of appearance.

    So no provider gets what a client wrote there, equal ids stay equal, and a history that grows
    keeps its beginning. Nine letters and digits satisfy every provider that checks them.
    """

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return None
        if type(value) is not str or len(value) > _LONGEST_ID:
            raise wrong_type(path, f"an id of at most {_LONGEST_ID} characters")
        if walk.rewrites:
            return value
        return walk.call_ids.setdefault(value, f"call{len(walk.call_ids) + 1:05d}")


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
    """Left out; what it holds still counts for the level of the request."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.dropped.append(dotted(path))
            if value != "":
                walk.texts.unsent(_readable(value, path))
        return DROP


@dataclass(frozen=True, slots=True)
class IgnoredClass:
    """Left out without being read: it goes nowhere, and says nothing of what the request is about.

    ``named``: it is among the dropped fields of the answer's headers.
    """

    named: bool

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if self.named and value is not None:
            walk.dropped.append(dotted(path))
        return DROP


class CacheKeyClass:
    """A client's name for a cache of the provider: left out, and a keyed hash of it goes there."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None and (type(value) is not str or len(value) > _LONGEST_ID):
            raise wrong_type(path, f"a string of at most {_LONGEST_ID} characters")
        walk.cache_key = value or ""
        return DROP


class ForbiddenClass:
    """A field that would pick an endpoint, a credential or a callback."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        raise InvalidRequest(
            f"'{dotted(path)}' is not accepted: Sluis alone chooses endpoints, credentials and "
            "callbacks. Remove the field.",
            param=dotted(path),
        )


class ReferenceClass:
    """A reference to what a provider keeps, such as an earlier answer."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None:
            return DROP
        raise InvalidRequest(
            f"'{dotted(path)}' refers to something that a provider would keep, and nothing is kept "
            "there. Send the content itself: the whole conversation in each request. Client "
            "libraries do so with store: false (docs/clients.md).",
            param=dotted(path),
        )


class OpaqueClass:
    """What its issuer alone can read, such as a signature: not scanned.

    For fields of sealed blocks, which no other deployment gets.
    """

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is None or type(value) is str:
            return value
        raise wrong_type(path, "a string")


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


class ImageClass(UnreadClass):
    """A picture: unread content, for deployments that see pictures."""

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if value is not None:
            walk.images.append(dotted(path))
        return super().visit(value, path, walk)


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
        if _are_ids(value):
            return self._ids([value], path, walk)[0]
        if value and all(map(_are_ids, value)):
            return self._ids(value, path, walk)
        return [self._input(item, (*path, index), walk) for index, item in enumerate(value)]

    def _ids(self, inputs: list[list[int]], path: Path, walk: Walk) -> list[Any]:
        """All as texts, or all as they are: providers take no mixture."""
        texts = [walk.decode(ids) for ids in inputs] if walk.decode else []
        known = [text for text in texts if text is not None]
        if len(known) == len(inputs):
            return [walk.texts.text(text) for text in known]
        UNREAD.visit(inputs, path, walk)
        return list(inputs)


@dataclass(frozen=True, slots=True)
class Known:
    """The kind of content that an object holds; content of an unknown kind is unread."""

    kinds: frozenset[str]

    def visit(self, value: Any, path: Path, walk: Walk) -> Any:
        if type(value) is str and value in self.kinds:
            return value
        walk.unread.append(dotted(path))
        return NAME.visit(value, path, walk)


TEXT = TextClass()
JSON = JsonClass()
NAME = NameClass()
WORD = WordClass()
UNREAD = UnreadClass()
DROPPED = DroppedClass()
PLAIN: Mapping[str, FieldRule] = {
    "text": TEXT,
    "json": JSON,
    "json_object": JsonObjectClass(),
    "schema": SchemaClass(),
    "any_json": DocumentOfJson(),
    "scalars": ScalarsClass(),
    "name": NAME,
    "word": WORD,
    "call_id": CallIdClass(),
    "number": NumberClass(),
    "boolean": BooleanClass(),
    "dropped": DROPPED,
    "ignored": IgnoredClass(named=True),
    "handle": IgnoredClass(named=False),
    "cache_key": CacheKeyClass(),
    "forbidden": ForbiddenClass(),
    "reference": ReferenceClass(),
    "opaque": OpaqueClass(),
    "inside_only": InsideOnlyClass(),
    "unread": UNREAD,
    "image": ImageClass(),
    "document": DocumentClass(),
    "tokens": TokensClass(),
}


def _are_ids(value: Any) -> bool:
    return type(value) is list and bool(value) and all(type(item) is int for item in value)


def _source(value: Any, path: Path) -> str:
    """JSON source.

    Raises:
        InvalidRequest: for a value that no parser of a provider would read, such as one too deep.
    """
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError as error:
        raise wrong_type(path, "JSON of at most 250 levels") from error


def _readable(value: Any, path: Path) -> str:
    """Any JSON as detectors read it."""
    if type(value) is str:
        return value
    source = _source(value, path)
    read = json_text(source)
    return source if read is None else read.text
