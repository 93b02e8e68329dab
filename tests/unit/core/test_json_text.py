"""JSON source as detectors read it, and the way back."""

import json
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.fields.json_text import JsonText, json_text, schema_text

pytestmark = pytest.mark.unit
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6), inner, max_size=4)
        | inner.map(json.dumps)
    ),
    max_leaves=12,
).filter(lambda value: isinstance(value, dict | list))
STYLES: list[dict[str, Any]] = [
    {},
    {"indent": 2},
    {"ensure_ascii": False, "separators": (",", ":")},
]


def read(source: str) -> JsonText:
    found = json_text(source)
    assert found is not None
    return found


def as_is(found: JsonText) -> list[str]:
    return [part.value for part in found.parts]


@given(VALUES, st.sampled_from(STYLES), st.booleans())
def test_parts_as_they_were_give_the_same_bytes(
    value: Any, style: dict[str, Any], schema: bool
) -> None:
    source = json.dumps(value, **style)
    found = schema_text(source) if schema else read(source)
    assert found.with_parts(iter(as_is(found))) == source
    for part in found.parts:
        shown = found.text[part.start : part.end]
        assert Decimal(shown) == Decimal(part.value) if part.number else shown == part.value
    places = [(part.start, part.end) for part in found.parts]
    assert places == sorted(places)
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


@given(VALUES, st.data())
def test_with_a_replaced_part_it_is_json_and_the_text_before_it_stays(
    value: Any, data: Any
) -> None:
    source = json.dumps(value)
    found = read(source)
    if not found.parts:
        return
    at = data.draw(st.integers(0, len(found.parts) - 1))
    new = as_is(found)
    new[at] = data.draw(st.text(max_size=9))
    changed = read(found.with_parts(iter(new)))
    # The text before the part is as it was, but for quotes: JSON in a string lacks those around it
    # where it holds quotes itself, and ends where it is no JSON any more.
    before = found.text[: found.parts[at].start].replace('"', "")
    assert changed.text.replace('"', "").startswith(before)


@pytest.mark.parametrize("source", ["", "x", "7", '"a"', "null", "{", "[1,]", "{'a': 1}", "[NaN]"])
def test_other_texts_are_no_json(source: str) -> None:
    assert json_text(source) is None


def test_numbers_keep_their_tokens() -> None:
    source = '{"n": 12345678901234567890123, "f": 1.10, "e": 1E3, "order": 111222333}'
    found = read(source)
    new = as_is(found)
    new[new.index("111222333")] = "482910377"
    assert found.with_parts(iter(new)) == source.replace("111222333", "482910377")


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("111222333.0", "111222333"),
        ("1.11222333e8", "111222333"),
        ("-5", "-5"),
        ("1.10", "1.10"),
        ("1e300", "1e300"),
        ("1E3", "1E3"),
        ("12345.0", "12345.0"),
        ("1e-9", "1e-9"),
    ],
)
def test_a_whole_number_is_read_in_plain_decimals(token: str, text: str) -> None:
    found = read(f"[{token}]")
    assert found.text == f"[{text}]"
    assert as_is(found) == [token]


def test_escapes_and_json_in_strings_are_read_without_them() -> None:
    inner = json.dumps({"pass": 'a"b'})
    found = read(json.dumps({"q": "één\n\ttwee", "body": inner}))
    assert found.text == '{"q": "één\n\ttwee", "body": {"pass": "a"b"}}'
    assert as_is(found) == ["q", "één\n\ttwee", "body", "pass", 'a"b']
    new = [*as_is(found)[:-1], "[SECRET]"]
    body = json.loads(found.with_parts(iter(new)))["body"]
    assert json.loads(body) == {"pass": "[SECRET]"}


def test_a_number_becomes_a_text_where_it_must() -> None:
    found = read('{"pin": 1234}')
    assert found.with_parts(iter(["pin", "[SECRET]"])) == '{"pin": "[SECRET]"}'
    assert found.with_parts(iter(["pin", "0123"])) == '{"pin": "0123"}'


def test_a_schema_keeps_its_keys_and_shows_examples_beside_their_names() -> None:
    source = '{"properties": {"pin": {"default": 1234, "title": "Code"}}, "default": {"a": 1}}'
    found = schema_text(source)
    assert found.text == (
        '{"properties": {"pin": {"pin": 1234, "title": "Code"}}, "default": {"a": 1}}'
    )
    assert as_is(found) == ["1234", "Code", "1"]


@pytest.mark.parametrize(
    "source",
    [
        r'["[\u0031111222333.0, 1]"]',
        r'{"\u0064efault": "\u005b1\u005d", "a": {"default": 1.11222333e8}}',
        r'["[\"[\\\"a\\\", 111222333.0]\"]"]',
        '{"a": "x 111222333.0 y", "b": 111222333.0}',
    ],
)
def test_text_and_parts_are_of_one_reading(source: str) -> None:
    for found in (read(source), schema_text(source)):
        assert found.with_parts(iter(as_is(found))) == source
        assert all(found.text[p.start : p.end] == p.value for p in found.parts if not p.number)
