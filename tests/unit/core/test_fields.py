"""Field classes: files, unions by type, token ids, sealed blocks, and unread content."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidRequest
from gateway.core.fields import (
    Fields,
    FieldsError,
    Walk,
    compile_fields,
    compile_rule,
    without,
)
from tests.support.field_texts import EachText

pytestmark = pytest.mark.unit
FIELDS = compile_fields(
    {"parts": {"each": {"type": {"known": ["text", "file"]}, "text": "text", "file": "document"}}},
    "test",
)
URL = "data:application/pdf;base64,JVBERg=="


def read(part: dict[str, Any], fields: Fields = FIELDS) -> tuple[Any, Walk, list[str]]:
    texts = EachText()
    body, walk = fields.read({"parts": [part]}, texts)
    return body["parts"][0], walk, texts.seen


def test_a_file_is_unread_and_internal_only_until_its_text_is_read() -> None:
    part = {"type": "file", "file": {"file_data": URL}}
    clean, walk, texts = read(part)
    assert clean == part
    assert walk.documents == [("parts", 0, "file")]
    assert walk.unread == walk.inside_only == ["parts[0].file"]
    assert texts == []


def test_no_file_is_no_document() -> None:
    _, walk, _ = read({"type": "text", "text": "x", "file": None})
    assert walk.documents == []
    assert walk.unread == []


@pytest.mark.parametrize("kind", ["video", "input_image", None])
def test_an_unknown_kind_of_content_is_unread(kind: str | None) -> None:
    assert read({"type": kind, "text": "x"})[1].unread == ["parts[0].type"]


@pytest.mark.parametrize("prefix", ["data:", "DATA:", "Data:"])
def test_a_data_address_in_an_unlisted_field_is_unread(prefix: str) -> None:
    clean, walk, texts = read({"type": "text", "picture": prefix + "image/png;base64,iVBOR"})
    assert walk.unread == ["parts[0].picture"]
    assert texts == []
    assert "picture" in clean


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers(), max_size=3))
def test_whatever_a_file_holds_it_is_never_taken_for_read(file: dict[str, Any]) -> None:
    _, walk, texts = read({"type": "file", "file": file})
    assert walk.unread == ["parts[0].file"]
    assert texts == []


def test_an_unknown_class_is_named() -> None:
    with pytest.raises(FieldsError, match="unknown class 'paper'"):
        compile_rule("paper", "parts.file")


BLOCKS = {
    "each": {
        "union": {
            "text": {"text": "text"},
            "picture": "unread",
            "thinking": {"sealed": {"thinking": "text", "signature": "word"}},
            "opaque": "sealed",
        }
    }
}
THINKING = {"type": "thinking", "thinking": "over Jan", "signature": "sig"}


def walked(table: dict[str, Any], body: dict[str, Any], **more: Any) -> tuple[Any, Walk, list[str]]:
    texts = EachText()
    clean, walk = compile_fields(table, "t").read(body, texts, **more)
    return clean, walk, texts.seen


def test_a_union_gives_each_type_its_own_fields() -> None:
    given = [
        {"type": "text", "text": "Dag", "secret": 1},
        THINKING,
        {"type": "opaque", "data": "x"},
    ]
    clean, walk, texts = walked({"blocks": BLOCKS}, {"blocks": given})
    assert clean["blocks"] == [{"type": "text", "text": "Dag"}, *given[1:]]
    assert walk.dropped == ["blocks[0].secret"]
    assert [place.path for place in walk.sealed] == [("blocks", 1), ("blocks", 2)]
    assert texts == ["Dag", "over Jan"]
    assert walk.unread == []


@pytest.mark.parametrize("kind", ["video", None, 7, ["text"]])
def test_an_unknown_type_of_a_union_is_unread(kind: Any) -> None:
    if kind in ("video", None):
        _, walk, texts = walked({"blocks": BLOCKS}, {"blocks": [{"type": kind, "a": "Jan"}]})
        assert walk.unread == ["blocks[0].type"]
        assert texts == ["video", "a", "Jan"][kind is None :]
    else:
        with pytest.raises(InvalidRequest):
            walked({"blocks": BLOCKS}, {"blocks": [{"type": kind}]})


def test_a_rewrite_leaves_sealed_blocks_alone() -> None:
    body = {"blocks": [{"type": "text", "text": "Jan"}, THINKING]}
    again = compile_fields({"blocks": BLOCKS}, "t").rewrite(body, EachText(lambda _: "[PERSON]"))
    assert again["blocks"] == [{"type": "text", "text": "[PERSON]"}, THINKING]
    assert without(body, [("blocks", 1)]) == {"blocks": body["blocks"][:1]}
    assert without(body, [("blocks", 0, "text"), ("blocks", 1)]) == {"blocks": [{"type": "text"}]}
    assert len(body["blocks"]) == 2


@pytest.mark.parametrize("ids", [[1, 2], [[1, 2], [3]]])
def test_token_ids_are_unread_unless_they_can_be_decoded(ids: list[Any]) -> None:
    clean, walk, texts = walked({"input": "tokens"}, {"input": ids})
    assert clean == {"input": ids}
    assert walk.unread
    assert texts == []
    clean, walk, texts = walked({"input": "tokens"}, {"input": ids}, decode=str)
    assert walk.unread == []
    assert texts == ([str(ids)] if isinstance(ids[0], int) else [str(part) for part in ids])
    assert clean == {"input": texts[0] if isinstance(ids[0], int) else texts}


@pytest.mark.parametrize("text", ["Jan", ["Jan", "Piet"]])
def test_texts_in_the_place_of_token_ids_are_scanned(text: Any) -> None:
    clean, _, texts = walked({"input": "tokens"}, {"input": text})
    assert clean == {"input": text}
    assert texts == ([text] if isinstance(text, str) else text)


@pytest.mark.parametrize("value", [{"a": 1}, 7, [True], [1, "x"], [[None]], [1.5]])
def test_other_values_in_the_place_of_token_ids(value: Any) -> None:
    try:
        _, walk, texts = walked({"input": "tokens"}, {"input": value})
    except InvalidRequest:
        return
    assert walk.unread or texts


ENGINE = compile_fields(
    {
        "top_k": {"internal": {"whole": [-1, 100]}},
        "template": {"internal": "scalars"},
        "bias": {"internal": "token_bias"},
        "choice": {"internal": {"each": "text"}},
    },
    "test",
)


def test_options_of_engines_are_kept_and_their_places_noted() -> None:
    body = {
        "top_k": 5,
        "template": {"thinking": False, "level": "hoog", "budget": 7},
        "bias": {"50256": -100, "12": 1.5},
        "choice": ["ja", "nee"],
    }
    texts = EachText()
    clean, walk = ENGINE.read({**body, "unlisted": 7}, texts)
    assert clean == body
    assert walk.internal == [("top_k",), ("template",), ("bias",), ("choice",)]
    assert walk.inside_only == []
    assert walk.dropped == ["unlisted"]
    assert {"hoog", "ja", "nee"} <= set(texts.seen)
    assert without(clean, walk.internal) == {}


def test_an_option_that_was_not_given_is_left_out_without_a_word() -> None:
    clean, walk = ENGINE.read({"top_k": None, "template": None}, EachText())
    assert clean == {}
    assert walk.internal == []
    assert walk.dropped == []


def test_texts_of_options_are_rewritten() -> None:
    clean = ENGINE.rewrite({"template": {"level": "hoog"}}, EachText(str.upper))
    assert clean == {"template": {"level": "HOOG"}}


@pytest.mark.parametrize(
    "body",
    [
        {"top_k": 101},
        {"top_k": "5"},
        {"template": {"a": {"b": 1}}},
        {"template": {"a": [1]}},
        {"template": "x"},
        {"template": {str(number): 1 for number in range(65)}},
        {"bias": {"Jan": 1}},
        {"bias": {"111222333": 1}},
        {"bias": {"1": 101}},
        {"bias": {"1": "x"}},
        {"bias": {"1": True}},
        {"bias": [1]},
        {"bias": {str(number): 1 for number in range(1025)}},
        {"choice": "ja"},
    ],
    ids=str,
)
def test_options_of_another_form_are_refused_by_name(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ENGINE.read(body, EachText())
    assert refused.value.param == next(iter(body))
