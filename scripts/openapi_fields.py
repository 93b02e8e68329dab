"""The JSON Schema of a node of the field table (policies/egress.yaml)."""

from collections.abc import Callable, Mapping
from typing import Any

Schema = dict[str, Any]
_LEAVES: Mapping[str, Schema] = {
    "text": {"type": ["string", "null"]},
    "json": {"type": ["string", "null"], "description": "JSON as a string."},
    "json_object": {"type": ["object", "null"]},
    "name": {"type": ["string", "null"], "minLength": 1, "maxLength": 256},
    "word": {"type": ["string", "null"], "pattern": "^[A-Za-z0-9_.:@/-]{1,256}$"},
    "call_id": {"type": ["string", "null"], "maxLength": 1024},
    "boolean": {"type": ["boolean", "null"]},
    "schema": {"type": ["object", "boolean", "null"], "description": "A JSON Schema."},
    "inside_only": {"description": "Only deployments of the organisation's own get it."},
}
_NULL: Schema = {"type": "null"}


def _closed(values: Any) -> Schema:
    return {"enum": [*values, None]}


def _bounded(kind: str) -> Callable[[Any], Schema]:
    return lambda least: {"type": [kind, "null"], "minimum": least[0], "maximum": least[1]}


def _typed(kinds: Mapping[str, Any]) -> Schema:
    """Objects whose ``type`` decides; another type is allowed, and read as policy says."""
    names = [kind.strip("[]") for kind in kinds]
    return {"type": "object", "properties": {"type": {"type": "string", "examples": names}}}


def schema_of(node: Any) -> Schema:
    """The JSON Schema of a node of the field table; without a bound where any value is taken."""
    if isinstance(node, str):
        return dict(_LEAVES.get(node, {}))
    ((mark, given), *more) = node.items()
    if not more and mark in _MARKED:
        return _MARKED[mark](given)
    if set(node) <= {"string", "each", "fields"}:
        return {"anyOf": [*(_form(form, rule) for form, rule in node.items()), _NULL]}
    fields = {name: schema_of(rule) for name, rule in node.items() if rule != "forbidden"}
    return {"type": ["object", "null"], "properties": fields}


def _form(form: str, rule: Any) -> Schema:
    return {"type": "array", "items": schema_of(rule)} if form == "each" else schema_of(rule)


_MARKED: Mapping[str, Callable[[Any], Schema]] = {
    "one_of": _closed,
    "whole": _bounded("integer"),
    "range": _bounded("number"),
    "joined": schema_of,
    "definition": schema_of,
    "internal": schema_of,
    "sealed": lambda node: schema_of(node) if isinstance(node, dict) else {},
    "pinned": lambda _: {},
    "listed": lambda _: {"type": ["string", "null"]},
    "known": lambda kinds: {"type": "string", "examples": list(kinds)},
    "sealed_by": lambda _: {"type": "object"},
    "union": _typed,
    "only": _typed,
}
