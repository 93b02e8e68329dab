"""Limits on the elements of a body."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidRequest
from gateway.core.fields import BodyLimits, FieldsError

LIMITS = BodyLimits(
    values=1000, texts=100, depth=10, lists={"stop": 4, "messages": 50, "messages.content": 8}
)


def nested(depth: int) -> Any:
    value: Any = "x"
    for number in range(depth - 1):
        value = [value] if number % 2 else {"a": value}
    return value


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"stop": ["a"] * 5}, "stop"),
        ({"messages": [{}] * 51}, "messages"),
        ({"messages": [{"content": []}, {"content": ["a"] * 9}]}, "messages.content"),
        ({"x": [1] * 1001}, "x"),
        ({"x": [[1] * 600, [1] * 600]}, None),
        ({"x": [str(number) for number in range(101)]}, None),
        ({str(number): 1 for number in range(1001)}, None),
        (nested(11), None),
        (nested(100_000), None),
    ],
)
def test_more_than_a_limit_is_refused(body: Any, param: str | None) -> None:
    with pytest.raises(InvalidRequest) as refused:
        LIMITS.check(body)
    assert (refused.value.code, refused.value.param) == ("request_too_complex", param)


@pytest.mark.parametrize(
    "body",
    [
        {"stop": ["a"] * 4, "messages": [{"content": ["a"] * 8}] * 50},
        {"x": [str(number % 100) for number in range(900)]},
        nested(10),
        "x",
    ],
)
def test_what_is_within_the_limits_passes(body: Any) -> None:
    LIMITS.check(body)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner),
        max_leaves=30,
    )
)
def test_small_bodies_pass_the_defaults(body: Any) -> None:
    BodyLimits().check(body)


def test_the_check_takes_no_longer_than_its_limits() -> None:
    wide = [[1] * 999] * 2000
    deep = nested(200_000)
    began = time.thread_time()
    for body in (wide, deep, [wide] * 500):
        with pytest.raises(InvalidRequest):
            LIMITS.check(body)
    assert time.thread_time() - began < 0.1


@pytest.mark.parametrize(
    "node",
    [[], {"value": 1}, {"values": 0}, {"values": True}, {"lists": {"stop": "4"}}, {"lists": []}],
)
def test_wrong_limits_in_policy_are_reported(node: Any) -> None:
    with pytest.raises(FieldsError):
        BodyLimits.of(node)


LARGE = 4 * 1024 * 1024


@pytest.mark.parametrize(
    "piece", [b"[],", b"{},", b'"a",', b'{"a":1},', b'"\\\\",', b'["\\""],', b"1,"]
)
def test_many_small_values_are_refused_in_little_time(piece: bytes) -> None:
    body = b"[" + piece * (LARGE // len(piece)) + b"1]"
    began = time.thread_time()
    with pytest.raises(InvalidRequest) as refused:
        BodyLimits().parse(body)
    assert refused.value.code == "request_too_complex"
    assert time.thread_time() - began < 0.2  # some 50 ms where nothing else runs


@pytest.mark.parametrize("piece", ["[](){}", '"', "\\", '\\"[', ",", "é[", "[\n"])
def test_signs_of_json_in_a_text_are_no_values(piece: str) -> None:
    body = {"text": piece * 200_000}
    assert BodyLimits().parse(json.dumps(body).encode()) == body


@given(
    st.recursive(
        st.none() | st.integers(-9, 99) | st.text('a"\\\\[]{},', max_size=6),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner),
        max_leaves=30,
    )
)
def test_the_bytes_are_refused_only_where_the_value_is(body: Any) -> None:
    limits = BodyLimits(values=8, texts=1000)
    data = json.dumps(body).encode()
    try:
        limits.check(body)
    except InvalidRequest:
        return
    assert limits.parse(data) == body
