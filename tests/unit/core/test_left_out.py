"""What a list leaves out: hosted tools, values of no reviewed list, and the places behind them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidRequest
from gateway.core.fields import Path, compile_fields
from tests.support.field_texts import EachText

pytestmark = pytest.mark.unit
FIELDS = compile_fields(
    {
        "betas": {"each": {"listed": ["a", "b"]}},
        "tools": {"each": {"only": {"custom": {"name": "name"}, "own": {"size": "number"}}}},
        "parts": {
            "each": {
                "union": {
                    "hosted": "dropped",
                    "file": {"source": "document"},
                    "thought": {"sealed": {"seal": "opaque"}},
                    "nested": {"parts": {"each": {"union": {"thought": "sealed"}}}},
                }
            }
        },
        "input": "json_object",
    },
    "test",
)


def test_a_value_of_no_reviewed_list_is_left_out_by_name() -> None:
    body, walk = FIELDS.read({"betas": ["a", "x", None, "b", 7]}, EachText())
    assert body["betas"] == ["a", None, "b"]
    assert walk.dropped == ["betas[1]", "betas[4]"]


def test_an_object_of_another_type_is_left_out_by_name_and_counts() -> None:
    texts = EachText()
    tools = [{"name": "f"}, {"type": "hosted", "say": "Jan"}, {"type": "own", "size": 1}]
    body, walk = FIELDS.read({"tools": tools}, texts)
    assert body["tools"] == [tools[0], tools[2]]
    assert walk.dropped == ["tools[1].hosted"]
    assert '{"type":"hosted","say":"Jan"}' in texts.documents


@pytest.mark.parametrize("kind", ["Jan de Vries", "find_111222333", "AKIAIOSFODNN7", "a" * 50])
def test_a_type_that_is_no_word_of_an_api_is_left_out_without_its_name(kind: str) -> None:
    _, walk = FIELDS.read({"tools": [{"type": kind}, {"type": "search_20250305"}]}, EachText())
    assert walk.dropped == ["tools[0].*", "tools[1].search_20250305"]


@pytest.mark.parametrize("other", [[], None, 7])
def test_an_element_that_is_no_object_is_refused(other: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"tools\[0\]"):
        FIELDS.read({"tools": [other]}, EachText())


HOSTED = {"type": "hosted", "query": "x"}
FILE = {"type": "file", "source": {"a": "b"}}
THOUGHT = {"type": "thought", "seal": "c2ln+/=="}
NESTED = {"type": "nested", "parts": [{"type": "thought", "x": 1}]}


@given(st.lists(st.sampled_from([HOSTED, FILE, THOUGHT, NESTED]), max_size=12))
def test_places_are_those_of_the_clean_body(parts: list[dict[str, Any]]) -> None:
    body, walk = FIELDS.read({"parts": parts}, EachText())
    kept = [part for part in parts if part is not HOSTED]
    assert body["parts"] == kept
    at = list(enumerate(kept))
    files = [("parts", i, "source") for i, part in at if part is FILE]
    seals: list[Path] = [("parts", i) for i, part in at if part is THOUGHT]
    seals += [("parts", i, "parts", 0) for i, part in at if part is NESTED]
    assert walk.documents == files
    assert {place.path for place in walk.sealed} == set(seals)
    dropped = [f"parts[{i}].{HOSTED['type']}" for i, part in enumerate(parts) if part is HOSTED]
    assert walk.dropped == dropped


def test_what_only_the_issuer_reads_is_not_scanned() -> None:
    texts = EachText()
    FIELDS.read({"parts": [THOUGHT]}, texts)
    assert texts.seen == []
    with pytest.raises(InvalidRequest, match="seal"):
        FIELDS.read({"parts": [{**THOUGHT, "seal": 7}]}, texts)


def test_an_object_is_scanned_as_one_document_and_keeps_its_values() -> None:
    given = {"who": "Jan", "n": 1.50, "deep": {"a": [None, True, "Jan"]}, "empty": {}}
    texts = EachText(lambda text: text.replace("Jan", "[X]"))
    body, _ = FIELDS.read({"input": given}, texts)
    assert body["input"] == {**given, "who": "[X]", "deep": {"a": [None, True, "[X]"]}}
    assert len(texts.documents) == 1
    assert FIELDS.read({"input": {}}, EachText())[0] == {"input": {}}


@pytest.mark.parametrize("other", ["{}", [], 7])
def test_what_is_no_object_is_refused(other: Any) -> None:
    with pytest.raises(InvalidRequest, match="input"):
        FIELDS.read({"input": other}, EachText())
