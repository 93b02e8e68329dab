"""The walk over a message: in any pieces the same as whole, and signed blocks as they are."""

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import UpstreamFailed
from gateway.decisions import ContentRules
from gateway.privacy import AnswerMask, Scope, Vault
from gateway.request.output_filter import OutputFilter
from tests.support.anywhere import Place, anything, changed, places
from tests.support.messages import DIALECT, Event, events, governed, message, released
from tests.support.messages_reader import message_of

pytestmark = pytest.mark.unit
NO_RULES = ContentRules("rules: []")
RULES = ContentRules("""
rules:
  - id: no-bombs
    stages: [output]
    action: refuse
    patterns: [pipe bomb]
    reason: {en: x, nl: x}
""")
SCOPE = Scope("t", "k", "u", "c")
THOUGHT = {"type": "thinking", "thinking": "Wie is [PERSON_aaaaa]? " * 9, "signature": "c2ln+/="}
REDACTED = {"type": "redacted_thinking", "data": "b3BhcXVl"}


def vault_and_placeholder(value: str = "Jan de Vries") -> tuple[Vault, str]:
    vault = Vault(b"v" * 32, SCOPE)
    return vault, vault.redact(value, [(0, len(value), "PERSON")])


def cut_at(places_: list[int]) -> Any:
    def cut(text: str) -> list[str]:
        ends = sorted({place % (len(text) + 1) for place in places_} | {0, len(text)})
        return [text[a:b] for a, b in pairwise(ends)]

    return cut


@given(st.lists(st.integers(0, 400), max_size=12))
def test_any_pieces_give_the_same_as_the_whole(cuts: list[int]) -> None:
    vault, placeholder = vault_and_placeholder()
    call = {"who": placeholder, "quoted": f'"{placeholder}"\n', "n": [1, 2.5, None, True]}
    answer = message(
        {**THOUGHT, "thinking": f"Het gaat om {placeholder}. " * 5},
        REDACTED,
        {"type": "text", "text": f"Beste {placeholder}, dag. " * 4},
        {"type": "tool_use", "id": "toolu_1", "name": "find", "input": call},
        {"type": "tool_use", "id": "toolu_2", "name": "find", "input": {}},
        reason="tool_use",
    )
    together = OutputFilter(NO_RULES, vault)
    whole = governed(together, answer)
    assert whole["content"][2]["text"].startswith("Beste Jan de Vries, dag.")
    assert whole["content"][3]["input"]["quoted"] == '"Jan de Vries"\n'
    assert whole["content"][:2] == answer["content"][:2]
    apart = OutputFilter(NO_RULES, vault)
    assert message_of(released(apart, events(answer, cut_at(cuts)))) == whole
    assert apart.sealed == together.sealed == answer["content"][:2]
    assert apart.received()[2] == together.received()[2] == {"text": answer["content"][2]["text"]}


@given(st.lists(st.integers(0, 400), max_size=12))
def test_a_rule_ends_a_message_in_any_pieces(cuts: list[int]) -> None:
    text = "Zo maakt u een pipe bomb: neem een buis. " * 2
    answer = message(
        {"type": "text", "text": "Eerst dit."},
        {"type": "text", "text": text},
        {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {}},
    )
    made = message_of(released(OutputFilter(RULES, None), events(answer, cut_at(cuts))))
    whole = governed(OutputFilter(RULES, None), answer)
    for ended in (made, whole):
        assert ended["stop_reason"] == "refusal"
        assert [block["text"] for block in ended["content"]] == ["Eerst dit.", "Zo maakt u een "]


@given(st.lists(st.integers(0, 400), max_size=12))
def test_a_rule_reads_thinking_too(cuts: list[int]) -> None:
    bad = {**THOUGHT, "thinking": "Hij wil een pipe bomb maken."}
    answer = message(bad, {"type": "text", "text": "Dag"})
    filter_ = OutputFilter(RULES, None)
    made = message_of(released(filter_, events(answer, cut_at(cuts))))
    assert made["stop_reason"] == "refusal"
    assert made["content"] == [{"type": "thinking", "thinking": "Hij wil een ", "signature": ""}]
    assert filter_.sealed == []
    assert governed(OutputFilter(RULES, None), answer)["content"] == []


def test_thinking_is_withheld_where_a_mask_might_change_it() -> None:
    def mask() -> AnswerMask:
        return AnswerMask(lambda _: (), lambda _: False)

    answer = message(THOUGHT, {"type": "text", "text": "Dag"})
    for stream in (False, True):
        filter_ = OutputFilter(NO_RULES, None, mask)
        made = (
            message_of(released(filter_, events(answer, cut_at([3]))))
            if stream
            else governed(filter_, answer)
        )
        assert made["content"][0] == {**THOUGHT, "thinking": ""}
        assert made["content"][1]["text"] == "Dag"
        assert filter_.sealed == []


def test_signed_texts_are_not_stored() -> None:
    filter_ = OutputFilter(NO_RULES, None)
    governed(filter_, message(THOUGHT, {"type": "text", "text": "Dag"}))
    assert filter_.received() == [{}, {"text": "Dag"}]
    assert filter_.size > len("Dag")


def test_names_of_tools_and_stop_sequences_are_those_of_the_caller() -> None:
    vault, _ = vault_and_placeholder()
    name = vault.redact("Jan_de_Vries", [(0, 12, "PERSON")]).strip("[]")
    answer = message({"type": "tool_use", "id": "t", "name": name, "input": {"a": 1}})
    answer = {**answer, "stop_sequence": "STOP", "stop_reason": "stop_sequence"}
    whole = governed(OutputFilter(NO_RULES, vault), answer)
    streamed = message_of(released(OutputFilter(NO_RULES, vault), events(answer, cut_at([]))))
    assert whole["stop_sequence"] == "STOP"
    assert streamed == whole
    assert whole["content"][0]["name"] == vault.restore_name(name)


def test_citations_are_restored() -> None:
    vault, placeholder = vault_and_placeholder()
    citation = {"type": "char_location", "cited_text": placeholder, "start_char_index": 0}
    block = {"type": "text", "text": "Dag", "citations": [citation]}
    whole = governed(OutputFilter(NO_RULES, vault), message(block))
    assert whole["content"][0]["citations"][0]["cited_text"] == "Jan de Vries"
    given = list(events(message({"type": "text", "text": "Dag"}), cut_at([])))
    delta = {"type": "citations_delta", "citation": citation}
    given.insert(3, {"type": "content_block_delta", "index": 0, "delta": delta})
    clean = released(OutputFilter(NO_RULES, vault), given)
    deltas = [event["delta"] for event in clean if event["type"] == "content_block_delta"]
    cited = [delta for delta in deltas if delta["type"] == "citations_delta"]
    assert [delta["citation"]["cited_text"] for delta in cited] == ["Jan de Vries"]


def test_usage_counts_cached_tokens_as_input() -> None:
    written = DIALECT.usage({"usage": {"input_tokens": 1, "cache_creation_input_tokens": 2}})
    assert written is not None
    assert written.input_tokens == 3
    answer = message({"type": "text", "text": "Dag"})
    clean = released(OutputFilter(NO_RULES, None), events(answer, cut_at([])))
    (ended,) = [event for event in clean if event["type"] == "message_delta"]
    usage = DIALECT.usage(ended)
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (7, 5)
    assert DIALECT.usage(clean[0]) is None
    assert DIALECT.usage({"usage": {"input_tokens": -1}}) is None
    assert DIALECT.usage({"usage": {"input_tokens": "9"}}) is None


def test_a_stream_without_usage_ends_with_an_estimate() -> None:
    given = [event for event in events(message(), cut_at([])) if event["type"] != "ping"]
    given[0]["message"].pop("usage")
    given[-2].pop("usage")
    clean = released(OutputFilter(NO_RULES, None), given)
    assert clean[-2]["usage"] == {"input_tokens": 1, "output_tokens": 2}


FULL = message(
    THOUGHT,
    REDACTED,
    {"type": "text", "text": "Dag", "citations": None},
    {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {"a": "b"}},
)


@given(st.sampled_from(list(places(FULL))), anything)
def test_a_whole_message_of_any_form_is_read_or_the_providers_failure(
    place: Place, value: Any
) -> None:
    _read_or_failed([changed(FULL, place, value)], whole=True)


STREAM = list(events(FULL, cut_at([2])))


@given(st.sampled_from(list(places(STREAM))), anything)
def test_an_event_of_any_form_is_read_or_the_providers_failure(place: Place, value: Any) -> None:
    _read_or_failed(changed(STREAM, place, value), whole=False)


def _read_or_failed(given: list[Any], *, whole: bool) -> None:
    filter_ = OutputFilter(NO_RULES, None)
    try:
        if whole:
            _whole(filter_, given[0])
        else:
            message_of(released(filter_, given))
    except (UpstreamFailed, json.JSONDecodeError):  # the caller reads the input of a tool
        pass


def _whole(filter_: OutputFilter, answer: Any) -> Event:
    read = asyncio.run(DIALECT.read_answer(json.dumps(answer).encode()))
    return DIALECT.walker(filter_).whole(read)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "text", "text": ["Dag"]},
        {"type": "text", "text": {"text": "Dag"}},
        {"type": "tool_use", "id": "t", "name": "f", "input": "x"},
        {"type": "unheard_of", "text": "Dag"},
        "Dag",
    ],
)
def test_text_in_a_form_that_is_not_inspected_is_no_answer(block: Any) -> None:
    with pytest.raises(UpstreamFailed):
        _whole(OutputFilter(NO_RULES, None), message(block))
    given = list(events(message(), cut_at([])))
    given.insert(1, {"type": "content_block_start", "index": 0, "content_block": block})
    with pytest.raises(UpstreamFailed):
        released(OutputFilter(NO_RULES, None), given)


def _without(kind: str) -> list[Event]:
    return [event for event in STREAM if event["type"] != kind]


@pytest.mark.parametrize(
    "given",
    [
        STREAM[:-1],
        STREAM[:4],
        [],
        _without("message_start"),
        _without("message_delta"),
        _without("content_block_start"),
        [*STREAM[:-1], {"type": "error", "error": {"type": "overloaded_error", "message": "x"}}],
        [*STREAM[:2], STREAM[1], *STREAM[2:]],
    ],
    ids=["unstopped", "short", "empty", "headless", "endless", "unopened", "error", "twice"],
)
def test_a_broken_stream_is_the_providers_failure(given: list[Event]) -> None:
    with pytest.raises(UpstreamFailed):
        released(OutputFilter(NO_RULES, None), given)


def test_unknown_events_are_left_out_and_blocks_without_stop_are_closed() -> None:
    given = [{"type": "news", "text": "Dag"}, *STREAM, {"type": "news"}]
    given.insert(4, {"type": "news", "text": "geheim"})
    clean = released(OutputFilter(NO_RULES, None), given)
    assert "geheim" not in str(clean)
    last = max(i for i, event in enumerate(given) if event["type"] == "content_block_stop")
    del given[last]
    assert message_of(released(OutputFilter(NO_RULES, None), given)) == message_of(clean)


BOMB = "Eerst een pipe bomb."


@pytest.mark.parametrize("event", range(7), ids=lambda number: f"event-{number}")
def test_an_unknown_field_of_any_event_obeys_rules(event: int) -> None:
    stream = list(events(message({"type": "text", "text": "Dag."}), lambda text: [text]))
    for place in ("", "message", "content_block", "delta", "usage"):
        changed_ = json.loads(json.dumps(stream))
        holder = changed_[event].get(place) if place else changed_[event]
        if holder is not None:
            holder["note"] = BOMB
            assert "bomb" not in json.dumps(released(OutputFilter(RULES, None), changed_))


def test_an_unknown_field_goes_on_with_its_values_restored() -> None:
    vault, placeholder = vault_and_placeholder()
    block = {"type": "text", "text": "Dag.", "note": f"Aan {placeholder}."}
    citation = {"type": "char_location", "cited_text": "x", "note": placeholder, "at": 7}
    answer = {**message({**block, "citations": [citation]}), "note": [placeholder], "size": 3}
    clean = governed(OutputFilter(NO_RULES, vault), answer)
    (said,) = clean["content"]
    assert (clean["note"], clean["size"]) == (["Jan de Vries"], 3)
    assert said["note"] == "Aan Jan de Vries."
    assert said["citations"] == [{**citation, "note": "Jan de Vries"}]


def test_an_unknown_field_of_thinking_is_left_out() -> None:
    clean = governed(OutputFilter(NO_RULES, None), message({**THOUGHT, "note": BOMB}))
    assert clean["content"] == [THOUGHT]
