"""Fields beside the texts of a chat completion: what passes, and what is governed on its way."""

from pathlib import Path
from typing import Any

import pytest

from gateway.core.usage import Usage
from gateway.decisions import ContentRules
from gateway.dialects.openai_chat import OpenAIChat
from gateway.privacy import Scope, Vault
from gateway.request.output_filter import OutputFilter

RULES = ContentRules(
    (Path(__file__).resolve().parents[4] / "policies/content.yaml").read_text(encoding="utf-8")
)
NAME = "Jan de Vries"
FORBIDDEN = "-----BEGIN RSA PRIVATE KEY-----"
VAULT = Vault(b"v" * 32, Scope("t", "k", "u", "c"))
HIDDEN = VAULT.redact(NAME, [(0, len(NAME), "PERSON")])
SIGNATURE = {"google": {"thought_signature": "QUJDREVGR0g="}}
CITATION = {
    "type": "url_citation",
    "url_citation": {"title": f"Over {HIDDEN} en meer", "start_index": 3, "url": "https://x.nl"},
}
CALL = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}


class Walked:
    """An answer of one choice through walker and filter."""

    def __init__(self) -> None:
        self.filter = OutputFilter(RULES, VAULT)
        self.walker = OpenAIChat().walker(self.filter)

    def chunk(self, delta: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
        choice = {"index": 0, "delta": delta, "finish_reason": fields.pop("reason", None)}
        return list(self.walker.chunk({"id": "c", "choices": [choice], **fields}))

    def delta(self, delta: dict[str, Any], **fields: Any) -> dict[str, Any]:
        (chunk,) = self.chunk(delta, **fields)
        return dict(chunk["choices"][0]["delta"])

    def whole(self, message: dict[str, Any], **fields: Any) -> dict[str, Any]:
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return self.walker.whole({"id": "c", "choices": [choice], **fields})


def message_of(answer: dict[str, Any]) -> dict[str, Any]:
    return dict(answer["choices"][0]["message"])


def test_a_stream_keeps_the_details_of_its_usage() -> None:
    walked = Walked()
    usage = {
        "prompt_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 8, "note": "x", "Jan de Vries": 1},
        "completion_tokens_details": {"reasoning_tokens": 2},
        "cost": 1.5,
    }
    assert list(walked.walker.chunk({"choices": [], "usage": usage})) == []
    (last,) = walked.walker.end(Usage(9, 4))
    assert last["usage"] == {
        "prompt_tokens": 9,
        "completion_tokens": 4,
        "total_tokens": 13,
        "prompt_tokens_details": {"cached_tokens": 8},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }


def test_the_first_delta_keeps_what_begins_empty() -> None:
    walked = Walked()
    first = walked.delta({"role": "assistant", "content": None, "refusal": None})
    assert first == {"role": "assistant", "content": None, "refusal": None}
    assert walked.chunk({"content": None}) == []
    assert walked.delta({"content": f"Dag {HIDDEN}."}, reason="stop")["content"] == f"Dag {NAME}."


def test_what_is_held_back_follows_an_empty_beginning() -> None:
    walked = Walked()
    assert walked.delta({"content": None, "x": 1})["content"] is None
    assert walked.chunk({"content": "["}) == []
    assert walked.delta({"content": None}, reason="stop") == {"content": "["}


def test_numbers_booleans_and_null_of_unknown_fields_pass() -> None:
    given = {"score": 0.5, "cached": True, "nothing": None, "list": [1, {"a": 2}]}
    assert Walked().delta(given) == {"role": "assistant", **given}


def test_texts_of_unknown_fields_are_governed_in_any_pieces() -> None:
    walked = Walked()
    text = f"Over {HIDDEN}, en meer."
    got = "".join(walked.delta({"thought": sign, "n": 0}).get("thought", "") for sign in text)
    rest = walked.delta({}, reason="stop").get("thought", "")
    assert got + rest == f"Over {NAME}, en meer."


def test_annotations_are_governed_at_once() -> None:
    streamed = Walked().delta({"annotations": [CITATION]})["annotations"]
    complete = message_of(Walked().whole({"content": "x", "annotations": [CITATION]}))
    assert streamed == complete["annotations"]
    assert streamed[0]["url_citation"]["title"] == f"Over {NAME} en meer"
    assert streamed[0]["url_citation"]["start_index"] == 3


def test_pieces_of_reasoning_details_are_one_text() -> None:
    walked = Walked()
    head = {"type": "reasoning.text", "index": 2, "format": "x-v1"}
    texts = []
    for sign in f"Denk aan {HIDDEN}":
        (entry,) = walked.delta({"reasoning_details": [{**head, "text": sign}]})[
            "reasoning_details"
        ]
        assert {**entry, "text": ""} == {**head, "text": ""}
        texts.append(entry["text"])
    (rest,) = walked.delta({}, reason="stop")["reasoning_details"]
    assert rest["index"] == 2
    assert "".join([*texts, rest["text"]]) == f"Denk aan {NAME}"


def test_a_detail_that_has_no_place_is_governed_as_it_comes() -> None:
    given = [{"type": "reasoning.summary", "summary": f"{HIDDEN}."}, "los"]
    details = Walked().delta({"reasoning_details": given})["reasoning_details"]
    assert details == [{"type": "reasoning.summary", "summary": f"{NAME}."}, "los"]


@pytest.mark.parametrize("field", ["thought", "annotations", "reasoning_details"])
def test_a_content_rule_ends_an_answer_also_in_an_unknown_field(field: str) -> None:
    value = FORBIDDEN if field == "thought" else [{"index": 0, "text": FORBIDDEN}]
    walked = Walked()
    chunks = walked.chunk({field: value}, reason="stop")
    assert walked.filter.blocked
    assert chunks[-1]["choices"][0]["finish_reason"] == "content_filter"
    assert FORBIDDEN not in str(chunks)
    answer = Walked().whole({"content": "x", field: value})
    assert answer["choices"][0]["finish_reason"] == "content_filter"
    assert message_of(answer).keys() == {"content"}


def test_what_a_provider_adds_to_a_call_passes_and_may_come_back() -> None:
    walked = Walked()
    (call,) = walked.delta({"tool_calls": [{**CALL, "extra_content": SIGNATURE}]})["tool_calls"]
    assert call["extra_content"] == SIGNATURE
    (later,) = walked.delta({"tool_calls": [{"index": 0, "extra_content": SIGNATURE}]})[
        "tool_calls"
    ]
    assert later["extra_content"] == SIGNATURE
    answer = walked.whole({"tool_calls": [{**CALL, "extra_content": SIGNATURE}]})
    assert message_of(answer)["tool_calls"][0]["extra_content"] == SIGNATURE
    assert walked.filter.sealed == [SIGNATURE] * 3


def test_a_changed_addition_to_a_call_is_not_sealed() -> None:
    walked = Walked()
    given = {**CALL, "extra_content": {"note": f"Van {HIDDEN}.", "no identifier": "x"}}
    (call,) = walked.delta({"tool_calls": [given]})["tool_calls"]
    assert call["extra_content"] == {"note": f"Van {NAME}."}
    assert walked.filter.sealed == []


def test_a_name_that_could_be_text_and_what_is_too_deep_are_left_out() -> None:
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    got = Walked().delta({"Jan de Vries": 1, "": 2, "tool:0": "x", "deep": deep})
    assert got.keys() == {"role", "deep"}
    assert "x" not in str(got["deep"])


def test_a_complete_answer_has_known_fields_only() -> None:
    more = {"model": "m", "timings": {"x": 1}, "service_tier": "default", "path": "/models/x"}
    usage = {"prompt_tokens": 1, "details": {"cached": 1, "file": "/models/x"}}
    answer = Walked().whole({"content": "x"}, usage=usage, **more)
    assert answer.keys() == {"id", "model", "choices", "usage", "service_tier"}
    assert answer["usage"] == {"prompt_tokens": 1, "details": {"cached": 1}}


def test_an_image_passes_as_it_is() -> None:
    url = "data:image/png;base64," + "A" * 400_000 + "=="
    walked = Walked()
    message = message_of(walked.whole({"images": [{"image_url": {"url": url}}]}))
    assert message["images"][0]["image_url"]["url"] == url
    assert walked.filter.size == 0


def test_unknown_texts_of_a_choice_are_governed_and_those_of_a_call_left_out() -> None:
    call = {
        "id": "c",
        "type": "function",
        "note": f"Van {HIDDEN}.",
        "function": {"name": "f", "arguments": "{}", "parsed": {"who": HIDDEN}},
    }
    choice = {"index": 0, "message": {"tool_calls": [call]}, "why": f"{HIDDEN}.", "stop_reason": 7}
    (clean,) = Walked().walker.whole({"choices": [choice]})["choices"]
    assert (clean["why"], clean["stop_reason"]) == (f"{NAME}.", 7)
    (governed,) = clean["message"]["tool_calls"]
    assert governed.keys() == {"id", "type", "function"}
    assert governed["function"] == {"name": "f", "arguments": "{}"}


def test_log_probabilities_do_not_show_what_a_rule_blocked() -> None:
    logprobs = {"content": [{"token": FORBIDDEN, "logprob": 0.0}]}
    body = {"index": 0, "finish_reason": "stop", "logprobs": logprobs}
    walker = OpenAIChat().walker(OutputFilter(RULES, None))
    answer = walker.whole({"choices": [{**body, "message": {"content": FORBIDDEN}}]})
    assert "logprobs" not in answer["choices"][0]
    walker = OpenAIChat().walker(OutputFilter(RULES, None))
    chunks = list(walker.chunk({"choices": [{**body, "delta": {"content": FORBIDDEN}}]}))
    assert chunks
    assert FORBIDDEN not in str(chunks)


def test_a_stream_keeps_what_identifies_the_service() -> None:
    (chunk,) = Walked().chunk({"content": "x"}, system_fingerprint="fp_1", timings={"x": 1})
    assert chunk["system_fingerprint"] == "fp_1"
    assert chunk.keys() == {"id", "object", "created", "model", "system_fingerprint", "choices"}
