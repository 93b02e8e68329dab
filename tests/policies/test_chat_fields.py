"""The shipped field table: whatever a client sends is read, or refused by name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionMessage

from gateway.core.errors import InvalidRequest
from gateway.governance.policies.bundle import check, read_bundle
from tests.support.anywhere import Place, anything, changed, places, without
from tests.support.field_texts import EachText

CHAT = check(read_bundle()).fields["chat_completions"]
FULL: dict[str, Any] = {
    "model": "assistant",
    "messages": [
        {"role": "system", "content": "Wees kort."},
        {
            "role": "user",
            "name": "jan",
            "content": [
                {"type": "text", "text": "hoi"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBOR"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "refusal": "nee",
            "audio": {"id": "a"},
            "function_call": {"name": "f", "arguments": "{}"},
            "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
                {"id": "d", "type": "custom", "custom": {"name": "g", "input": "x"}},
            ],
        },
        {"role": "tool", "tool_call_id": "c", "content": "ok"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "functions": [{"name": "f", "parameters": {}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "function_call": {"name": "f"},
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}},
    "prediction": {"type": "content", "content": [{"type": "text", "text": "x"}]},
    "stream_options": {"include_usage": True},
    "stop": ["x"],
    "modalities": ["text"],
    "metadata": {"a": "b"},
    "web_search_options": {},
    "temperature": 0.2,
    "n": 1,
    "user": "u",
    "store": True,
}


def read(body: Any) -> dict[str, Any]:
    return CHAT.read(body, EachText())[0]


def outcome(body: Any) -> str | None:
    """That it is read, or the name of the field at fault."""
    try:
        read(body)
    except InvalidRequest as refusal:
        return refusal.param
    return "read"


@given(st.sampled_from(list(places(FULL))), anything)
def test_anything_anywhere_is_read_or_refused_by_name(place: Place, value: Any) -> None:
    assert outcome(changed(FULL, place, value))


@pytest.mark.parametrize("value", [[], {}, [[]], [None], {"a": "b"}, 1, True])
@pytest.mark.parametrize(
    "place", [("messages", 0, "role"), ("tools", 0, "type"), ("response_format", "type")]
)
def test_a_closed_value_of_another_form_is_refused(place: Place, value: Any) -> None:
    with pytest.raises(InvalidRequest, match="one of"):
        read(changed(FULL, place, value))


@pytest.mark.parametrize("place", [place for place in places(FULL) if isinstance(place[-1], str)])
def test_null_is_as_if_a_field_were_not_given(place: Place) -> None:
    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: bare(item) for name, item in value.items() if item is not None}
        return [bare(item) for item in value] if isinstance(value, list) else value

    given_null, not_given = read(changed(FULL, place, None)), read(without(FULL, place))
    assert bare(given_null) == bare(not_given) | ({"store": False} if "store" in place else {})


@pytest.mark.parametrize(
    "name",
    [
        "jan@example.nl",
        "06-12345678",
        "bsn111222333",
        "Jan de Vries",
        "a\nb",
        "a\0b",
        "é",
        "",
        "x" * 65,
    ],
)
@pytest.mark.parametrize("value", ["text", 1, {"a": "b"}])
def test_a_field_whose_name_may_be_content_goes_nowhere_and_counts(name: str, value: Any) -> None:
    texts = EachText()
    clean, walk = CHAT.read({**FULL, name: value}, texts)
    assert name not in clean
    assert walk.dropped[-1] == "*"
    assert name in (*texts.documents, "")


def test_an_unknown_identifier_with_a_text_is_passed_on() -> None:
    assert read({**FULL, "top_k-2": "x"})["top_k-2"] == "x"


def test_null_in_a_list_stands_for_nothing_and_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"messages\[0\]"):
        read({**FULL, "messages": [None]})


def test_an_answer_as_a_client_keeps_it_can_be_sent_back() -> None:
    """With all that the SDK's model has and nobody filled in."""
    answer = ChatCompletionMessage(role="assistant", content="Dag").model_dump()
    assert {"function_call", "tool_calls", "audio", "refusal"} <= answer.keys()
    message = read({**FULL, "messages": [answer]})["messages"][0]
    assert (message["role"], message["content"]) == ("assistant", "Dag")
