"""Which tools a model may call, and with which arguments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any

import orjson

from gateway.core.text import yaml_text
from gateway.core.text.patterns import Pattern, PatternSet
from gateway.decisions.text_reader import HELD, FoundPart

_LONGEST = 32_768  # characters of arguments that are checked; longer ones do not fit any schema
_PATTERNS = 256  # of schemas, that are kept compiled
_BLANKS = 40  # after which arguments count as ended
_TOO_DEAR = frozenset({"patternProperties", "uniqueItems", "unevaluatedItems"})


@dataclass(frozen=True, slots=True)
class ToolLimits:
    """The ``tools`` of a rule: which may be called, and with which arguments.

    ``allow`` and ``deny`` are names in which ``*`` is any text; ``allow`` is None where all that
    are not denied may be called. ``arguments`` are JSON schemas by exact name.
    """

    allow: tuple[str, ...] | None = None
    deny: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Any) -> "ToolLimits":
        """The limits that a node of ``content.yaml`` describes.

        Raises:
            ValueError: says what is wrong.
        """
        if not isinstance(node, Mapping) or node.keys() - cls.__dataclass_fields__.keys():
            raise ValueError(f"tools may have {', '.join(cls.__dataclass_fields__)}")
        if not node:
            raise ValueError("tools must have allow, deny or arguments")
        allow = yaml_text.words(node, "allow") if "allow" in node else None
        schemas = node.get("arguments") or {}
        if not hasattr(schemas, "items"):
            raise ValueError("arguments of tools must be JSON schemas by name")
        made = {str(name): _validator(str(name), schema) for name, schema in schemas.items()}
        return cls(allow, yaml_text.words(node, "deny"), made)

    def forbids(self, name: str) -> bool:
        """Whether a tool may not be called."""
        if any(fnmatchcase(name, one) for one in self.deny):
            return True
        return self.allow is not None and not any(fnmatchcase(name, one) for one in self.allow)

    def fits(self, name: str, arguments: str) -> bool:
        """Whether the arguments of a tool fit its schema; those of a tool without one do."""
        schema = self.arguments.get(name)
        if schema is None:
            return True
        if len(arguments) > _LONGEST:
            return False
        try:
            return bool(schema.is_valid(orjson.loads(arguments or "{}")))
        except (orjson.JSONDecodeError, RecursionError):
            return False


class ToolArguments:
    """Reads the arguments of one call. They do not get complete before they are known to fit."""

    def __init__(self, rules: Mapping[str, ToolLimits], name: str) -> None:
        self._rules = rules
        self._name = name
        self._text = ""
        self._size = 0
        self._last = 0  # where the last character is that is no white space

    @property
    def free(self) -> int:
        """Holds back that character: JSON is complete with it."""
        return max(self._last, self._size - HELD)

    def feed(self, text: str) -> Iterator[FoundPart]:
        """Takes a piece; what ends the arguments is known at their end, or in white space."""
        if self._size <= _LONGEST:
            self._text += text
        start, self._size = self._size, self._size + len(text)
        before, done = self._last + 1 + _BLANKS, len(text.rstrip())
        if start < before <= start + len(text) - len(text.lstrip()):
            yield from self._misfits(before)
        if done:
            self._last = start + done - 1
            if self._size - start - done > _BLANKS:
                yield from self._misfits(start + done + _BLANKS)

    def finish(self) -> Iterator[FoundPart]:
        """The rules whose schema the arguments do not fit."""
        yield from self._misfits(self._size)

    def _misfits(self, at: int) -> Iterator[FoundPart]:
        for rule, limits in self._rules.items():
            if not limits.fits(self._name, self._text[:at]):
                yield FoundPart(rule, at, max(self._last, at - HELD))


def _validator(name: str, schema: Any) -> Any:
    """A validator that reads no other document, with patterns in linear time.

    Raises:
        ValueError: names the tool and what is wrong.
    """
    kind, registry, problem = _library()
    try:
        kind.check_schema(schema)
    except problem as error:
        raise ValueError(f"schema of tool {name!r}: {error.message}") from error
    for key, value in _keywords(schema):
        if key in _TOO_DEAR:
            raise ValueError(f"schema of tool {name!r}: {key} is not supported")
        if key in {"$ref", "$dynamicRef"} and not str(value).startswith("#"):
            raise ValueError(f"schema of tool {name!r}: {key} may only name a part of the schema")
        if key == "pattern" and isinstance(value, str):
            try:
                _pattern(value)
            except ValueError as error:
                raise ValueError(f"schema of tool {name!r}: {error}") from error
    return kind(schema, registry=registry)


@cache
def _library() -> Any:
    """The validator, an empty registry, and the error of a schema.

    They are loaded with the first schema: most gateways have none.
    """
    import jsonschema
    import referencing

    kind = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _matches})
    return kind, referencing.Registry(), jsonschema.SchemaError


def _matches(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[Exception]:
    import jsonschema

    if isinstance(instance, str) and not _pattern(pattern).matching(instance):
        yield jsonschema.ValidationError("does not match the pattern")


@lru_cache(_PATTERNS)
def _pattern(regex: str) -> PatternSet:
    return PatternSet([Pattern("pattern", regex)])


def _keywords(schema: Any) -> Iterator[tuple[str, Any]]:
    """All keys of a schema with their values; names of properties are among them."""
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            yield str(key), value
            yield from _keywords(value)
    elif isinstance(schema, list):
        for one in schema:
            yield from _keywords(one)
