"""Whether an object can be a JSON Schema: what every provider would refuse is refused here.

Source: JSON Schema, draft 2020-12, and drafts 4 to 7 where they differ. Only the form of keywords
that hold other schemas or names is checked; a keyword that is not listed may hold anything, and
one that is null counts as not given.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_DEEPEST = 64  # levels of schemas in schemas
_SCHEMA = frozenset({
    "additionalProperties",
    "contains",
    "else",
    "if",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
})
_SCHEMAS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_BY_NAME = frozenset({
    "$defs",
    "definitions",
    "dependentSchemas",
    "patternProperties",
    "properties",
})
_NAMES = frozenset({"required"})


def is_schema(value: Any, depth: int = _DEEPEST) -> bool:
    """Returns whether a value has the form of a schema: an object of keywords, true or false."""
    if type(value) is bool:
        return True
    if type(value) is not dict or not depth:
        return False
    given = {name: item for name, item in value.items() if item is not None}
    return all(map(_has_form, given.items())) and all(
        is_schema(inner, depth - 1) for inner in _inner(given) if inner is not None
    )


def _has_form(keyword: tuple[str, Any]) -> bool:
    name, value = keyword
    if name in _BY_NAME:
        return type(value) is dict
    if name in _SCHEMAS:
        return type(value) is list
    if name == "type":
        return type(value) is str or _are_names(value)
    return name not in _NAMES or _are_names(value)


def _are_names(value: Any) -> bool:
    return type(value) is list and all(type(item) is str for item in value)


def _inner(schema: Mapping[str, Any]) -> Iterator[Any]:
    """The schemas in a schema."""
    for name, value in schema.items():
        if name in _SCHEMA:
            yield value
        elif name in _SCHEMAS:
            yield from value
        elif name in _BY_NAME:
            yield from value.values()
        elif name == "items":  # a list of schemas before draft 2020-12
            yield from value if type(value) is list else (value,)
