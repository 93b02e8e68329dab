"""Calls of tools in answers: functions, custom tools and the single call, whole and in pieces."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.decisions import ContentRules
from gateway.privacy import RedactionPolicy, Scope, Vault
from tests.support.streams import FilteredAnswer

NO_RULES = ContentRules("rules: []")
VALUE = 'Jan "de" Vries'


def vault() -> tuple[Vault, str]:
    made = Vault(b"k" * 32, Scope(tenant="t", key_id="k", user="", conversation="c"))
    return made, made.redact(VALUE, [(0, len(VALUE), "PERSON")])


def inspector(*external: str) -> tuple[FilteredAnswer, str]:
    modes = RedactionPolicy.of({
        "version": 1,
        "types": {},
        "answers": "keep",
        "external_tools": external,
    })
    made, placeholder = vault()
    return FilteredAnswer(NO_RULES, made, external=modes.is_external), placeholder


def message(name: str, placeholder: str) -> dict[str, Any]:
    source = json.dumps({"who": placeholder})
    return {
        "role": "assistant",
        "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": name, "arguments": source}},
            {"id": "2", "type": "custom", "custom": {"name": name, "input": f"for {placeholder}"}},
        ],
        "function_call": {"name": name, "arguments": source},
    }


def whole(made: FilteredAnswer, said: dict[str, Any]) -> dict[str, Any]:
    answer = made.whole({"choices": [{"index": 0, "message": said, "finish_reason": "stop"}]})
    got: dict[str, Any] = answer["choices"][0]["message"]
    return got


def parts(text: str, cuts: list[int]) -> list[str]:
    return [text[a:b] for a, b in pairwise([0, *sorted(cuts), len(text)])]


def streamed(made: FilteredAnswer, said: dict[str, Any], cuts: list[int]) -> dict[str, Any]:
    """The same in pieces, put together as the official client does."""
    deltas: list[dict[str, Any]] = [{"role": "assistant"}]
    for index, call in enumerate(said["tool_calls"]):
        kind, key = (call["type"], "input" if call["type"] == "custom" else "arguments")
        first = {**call, "index": index, kind: {"name": call[kind]["name"], key: ""}}
        deltas.append({"tool_calls": [first]})
        for text in parts(call[kind][key], cuts):
            deltas.append({"tool_calls": [{"index": index, kind: {key: text}}]})
    single = said["function_call"]
    deltas.append({"function_call": {"name": single["name"], "arguments": ""}})
    deltas += [{"function_call": {"arguments": t}} for t in parts(single["arguments"], cuts)]
    chunks = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    got: dict[str, Any] = {"role": "assistant", "tool_calls": [], "function_call": {}}
    for chunk in chunks:
        for clean in made.chunk(chunk):
            delta = clean["choices"][0]["delta"]
            for call in delta.get("tool_calls", []):
                if call["index"] == len(got["tool_calls"]):
                    got["tool_calls"].append({k: v for k, v in call.items() if k != "index"})
                    continue
                for kind in ("function", "custom"):
                    for key, text in call.get(kind, {}).items():
                        got["tool_calls"][call["index"]][kind][key] += text
            for key, text in delta.get("function_call", {}).items():
                got["function_call"][key] = got["function_call"].get(key, "") + text
    return got


@given(cuts=st.lists(st.integers(0, 20), max_size=5))
def test_every_kind_of_call_comes_back_restored_whole_and_in_pieces(cuts: list[int]) -> None:
    made, placeholder = inspector()
    got = streamed(made, message("look_up", placeholder), cuts)
    function, custom = got["tool_calls"]
    assert json.loads(function["function"]["arguments"]) == {"who": VALUE}
    assert custom["custom"] == {"name": "look_up", "input": f"for {VALUE}"}
    assert json.loads(got["function_call"]["arguments"]) == {"who": VALUE}
    assert got == whole(*_of(inspector(), "look_up"))


def _of(made: tuple[FilteredAnswer, str], name: str) -> tuple[FilteredAnswer, dict[str, Any]]:
    return made[0], message(name, made[1])


@pytest.mark.parametrize("external", ["web_search", "web_*", "*"])
@given(cuts=st.lists(st.integers(0, 20), max_size=5))
def test_what_a_model_writes_for_an_external_tool_keeps_its_placeholders(
    external: str, cuts: list[int]
) -> None:
    made, placeholder = inspector("mail", external)
    said = message("web_search", placeholder)
    assert streamed(made, said, cuts) == said
    assert whole(*_of(inspector("mail", external), "web_search")) == said


def test_other_tools_are_not_external() -> None:
    got = whole(*_of(inspector("web_*", "Look_Up"), "look_up"))
    assert VALUE in got["tool_calls"][1]["custom"]["input"]


def test_a_tool_that_has_no_name_is_external_where_any_is() -> None:
    made, placeholder = inspector("web_*")
    said = message("", placeholder)
    assert whole(made, said)["tool_calls"][1]["custom"]["input"] == f"for {placeholder}"


def test_the_name_of_a_tool_comes_back_as_the_caller_wrote_it() -> None:
    made = Vault(b"k" * 32, Scope(tenant="t", key_id="k", user="", conversation="c"))
    sent = made.redact("look_up_111222333", [(8, 17, "BSN")])
    as_sent = sent.translate(str.maketrans("", "", "[]"))
    said = message(as_sent, "nobody")
    got = whole(FilteredAnswer(NO_RULES, made), said)
    assert as_sent != "look_up_111222333"
    assert got["tool_calls"][0]["function"]["name"] == "look_up_111222333"
    assert got["function_call"]["name"] == "look_up_111222333"
    again = streamed(FilteredAnswer(NO_RULES, made), message(as_sent, "nobody"), [])
    assert again["tool_calls"][1]["custom"]["name"] == "look_up_111222333"


def test_a_blocked_answer_has_no_calls() -> None:
    rules = ContentRules(
        "rules:\n- {id: bad, stages: [output], action: refuse, reason: {en: no, nl: nee}, "
        "patterns: [forbidden]}\n"
    )
    said = message("look_up", "forbidden")
    got = whole(FilteredAnswer(rules, None), said)
    assert "tool_calls" not in got
    assert "function_call" not in got
