"""What the field table makes of files and of content that nobody can read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.fields import Fields, FieldsError, Walk, compile_fields, compile_rule

pytestmark = pytest.mark.unit
FIELDS = compile_fields(
    {"parts": {"each": {"type": {"known": ["text", "file"]}, "text": "text", "file": "document"}}},
    "test",
)
URL = "data:application/pdf;base64,JVBERg=="


def read(part: dict[str, Any], fields: Fields = FIELDS) -> tuple[Any, Walk, list[str]]:
    texts: list[str] = []

    def keep(text: str) -> str:
        texts.append(text)
        return text

    body, walk = fields.read({"parts": [part]}, keep)
    return body["parts"][0], walk, texts


def test_a_file_is_unread_and_inside_only_until_somebody_has_read_it() -> None:
    part = {"type": "file", "file": {"file_data": URL}}
    clean, walk, texts = read(part)
    assert clean == part
    assert walk.documents == [("parts", 0, "file")]
    assert walk.unread == walk.inside_only == ["parts[0].file"]
    assert texts == []


def test_no_file_is_no_document() -> None:
    _, walk, _ = read({"type": "text", "text": "x", "file": None})
    assert walk.documents == walk.unread == []


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
