"""JSON bodies: one reading or none."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidRequest
from gateway.core.text.strict_json import parse

_NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)
_WRITTEN = st.sampled_from([
    {"separators": (",", ":"), "ensure_ascii": False},
    {"ensure_ascii": False},
    {"ensure_ascii": True},
    {"indent": 2, "ensure_ascii": False},
])


@given(_VALUES, _WRITTEN)
def test_values_are_parsed_in_any_form(value: Any, form: dict[str, Any]) -> None:
    assert parse(json.dumps(value, **form).encode()) == value


@given(_TEXTS, _VALUES, _VALUES, st.dictionaries(_TEXTS, _VALUES, max_size=3), _WRITTEN)
def test_a_duplicate_key_is_refused_at_any_depth(
    key: str, one: Any, other: Any, rest: dict[str, Any], form: dict[str, Any]
) -> None:
    members = [(key, one), *rest.items(), (key, other)]
    inner = ", ".join(f"{json.dumps(name)}: {json.dumps(item, **form)}" for name, item in members)
    for document in (f"{{{inner}}}", f'[1, {{"messages": [{{{inner}}}]}}]'):
        with pytest.raises(InvalidRequest, match="twice"):
            parse(document.encode())


@pytest.mark.parametrize(
    "document",
    [
        b'{"seed": 18446744073709551616}',
        b'{"seed": -9223372036854775809}',
        b'{"temperature": 1e400}',
        b'{"temperature": NaN}',
        b'["\\ud800"]',
        b'["\xff"]',
        b'["\xed\xa0\x80"]',
        b'{"a": 1,}',
        b'{"a": 1} {"a": 1}',
        b"",
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="deep"),
    ],
)
def test_ambiguous_documents_are_refused(document: bytes) -> None:
    with pytest.raises(InvalidRequest):
        parse(document)


def test_numbers_keep_their_kind() -> None:
    read = parse(b"[1, 1.0, 1.50, 1E2, -0, 18446744073709551615]")
    assert [(type(one), one) for one in read] == [
        (int, 1),
        (float, 1.0),
        (float, 1.5),
        (float, 100.0),
        (int, 0),
        (int, 2**64 - 1),
    ]
