"""What has the form of a JSON Schema, and what no provider would take."""

from typing import Any

import pytest

from gateway.core.fields.json_schema import is_schema

pytestmark = pytest.mark.unit
DEEP: dict[str, Any] = {}
for _ in range(70):
    DEEP = {"not": DEEP}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        {"type": "object", "properties": {}, "required": []},
        {"type": ["string", "null"], "enum": ["a", None, 1], "const": {"properties": 1}},
        {"$defs": {"a": {"items": {"type": "string"}}}, "$ref": "#/$defs/a"},
        {"items": [{"type": "string"}, False], "additionalItems": False},
        {"anyOf": [{"type": "null"}, {"type": "object", "additionalProperties": False}]},
        {"description": "type: list", "examples": [{"properties": []}], "x-order": {"type": 7}},
        {"required": None, "properties": {"a": None}, "items": None},
        {"type": "OBJECT"},  # as some engines write it
    ],
    ids=str,
)
def test_a_schema(schema: Any) -> None:
    assert is_schema(schema)


@pytest.mark.parametrize(
    "schema",
    [
        [],
        "object",
        7,
        None,
        {"type": 7},
        {"type": ["string", None]},
        {"properties": []},
        {"properties": {"a": "string"}},
        {"required": "a"},
        {"required": [1]},
        {"anyOf": {"type": "string"}},
        {"items": "string"},
        {"additionalProperties": "no"},
        {"type": "object", "properties": {"a": {"items": {"properties": {"b": 1}}}}},
        DEEP,
    ],
    ids=lambda schema: str(schema)[:40],
)
def test_no_schema(schema: Any) -> None:
    assert not is_schema(schema)
