"""However a response is cut into events, the caller gets the same, in a stream without faults."""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.errors import UpstreamFailed
from gateway.decisions import ContentRules
from gateway.dialects.openai_responses import OpenAIResponses
from gateway.dialects.openai_responses.events import KNOWN
from gateway.privacy import Scope, Vault
from gateway.request.output_filter import OutputFilter
from tests.support import responses_api
from tests.support.anywhere import Place, anything, changed, places
from tests.support.effort import examples

Body = dict[str, Any]
_POLICIES = Path(__file__).resolve().parents[4] / "policies"
_RULES = ContentRules((_POLICIES / "content.yaml").read_text(encoding="utf-8"))
_VAULT = Vault(b"0123456789abcdef0123456789abcdef", Scope("t", "k", "u", "c"))
_PLACEHOLDER = _VAULT.redact("Jan Jansen", [(0, 10, "PERSON")])
_BLOCKED = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA"
said = st.lists(st.sampled_from([_PLACEHOLDER, "[PERSON_", "a b", '"', "\n", "ü"]), max_size=8).map(
    "".join
)
kinds = st.sampled_from(["message", "reasoning", "function_call", "web_search_call"])
answers = st.lists(st.tuples(kinds, said), max_size=4)


def item_of(number: int, kind: str, text: str) -> Body:
    """An item of a provider with one text."""
    head = {"id": f"i{number}", "type": kind}
    if kind == "message":
        part = {"type": "output_text", "text": text, "annotations": []}
        return {**head, "role": "assistant", "status": "completed", "content": [part]}
    if kind == "reasoning":
        part = {"type": "summary_text", "text": text}
        return {**head, "summary": [part], "encrypted_content": "sealed"}
    if kind == "function_call":
        arguments = json.dumps({"text": text}, ensure_ascii=False)
        return {**head, "call_id": f"c{number}", "name": "f", "arguments": arguments}
    return {**head, "action": {"query": text}}


def response_of(given: list[tuple[str, str]]) -> Body:
    output = [item_of(number, *one) for number, one in enumerate(given)]
    head = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m"}
    return {**head, "status": "completed", "output": output, "usage": responses_api.USAGE}


def streamed(response: Body) -> list[Body]:
    """The events that a caller gets, the last one included."""
    walker = OpenAIResponses().walker(OutputFilter(_RULES, _VAULT))
    events: list[Body] = []
    for event in responses_api.events(response, ""):
        events += walker.chunk(event)
    events += walker.end(None)
    last = walker.last_frame(None).decode().split("data: ")[1]
    return [*events, json.loads(last)]


def whole(response: Body) -> Body:
    walker = OpenAIResponses().walker(OutputFilter(_RULES, _VAULT))
    return walker.whole(json.loads(json.dumps(response)))


def assembled(events: list[Body]) -> dict[tuple[Any, ...], str]:
    """Each text by its place, put together of its pieces."""
    texts: dict[tuple[Any, ...], str] = defaultdict(str)
    for event in events:
        place = (
            event["type"].rpartition(".")[0],
            event.get("item_id"),
            event.get("content_index", event.get("summary_index")),
        )
        if event["type"].endswith(".delta"):
            texts[place] += event["delta"]
    return texts


@settings(max_examples=examples(100), deadline=None)
@given(answers)
def test_a_stream_says_what_the_whole_answer_says(given: list[tuple[str, str]]) -> None:
    response = response_of(given)
    events = streamed(response)
    assert events[-1]["type"] == "response.completed"
    assert events[-1]["response"]["output"] == whole(response)["output"]


@settings(max_examples=examples(100), deadline=None)
@given(answers)
def test_pieces_and_wholes_of_one_stream_agree(given: list[tuple[str, str]]) -> None:
    events = streamed(response_of(given))
    texts = assembled(events)
    for event in events:
        base, _, step = event["type"].rpartition(".")
        if step == "done" and "item" not in event and "part" not in event:
            index = event.get("content_index", event.get("summary_index"))
            field = next(name for name in ("text", "arguments") if name in event)
            assert texts[base, event["item_id"], index] == event[field]
    numbers = [event["sequence_number"] for event in events]
    assert all(later == number + 1 for number, later in pairwise(numbers))
    places = [e["output_index"] for e in events if e["type"] == "response.output_item.added"]
    assert places == list(range(len(places)))


@given(st.sampled_from(["message", "reasoning", "function_call"]))
def test_a_content_rule_ends_it_as_incomplete(kind: str) -> None:
    response = response_of([(kind, _BLOCKED * 3)])
    for answer in (whole(response), streamed(response)[-1]["response"]):
        assert answer["status"] == "incomplete"
        assert answer["incomplete_details"] == {"reason": "content_filter"}
        assert "MIIEowIBAAKCAQEA" not in json.dumps(answer)


def test_a_provider_that_says_another_whole_text_is_not_believed() -> None:
    response = response_of([("message", "Hello")])
    walker = OpenAIResponses().walker(OutputFilter(_RULES, _VAULT))
    events: list[Body] = []
    for event in responses_api.events(response, ""):
        other = {"text": "my own word"} if event["type"] == "response.output_text.done" else {}
        events += walker.chunk({**event, **other})
    assert "my own word" not in json.dumps(events)


FULL = response_of([
    ("message", "Dag"),
    ("reasoning", "Hmm"),
    ("function_call", "a"),
    ("web_search_call", "b"),
])
STREAM = list(responses_api.events(FULL, ""))


@given(st.sampled_from(list(places(FULL))), anything)
def test_a_response_of_any_form_is_read_or_the_providers_failure(place: Place, value: Any) -> None:
    data = json.dumps(changed(FULL, place, value)).encode()
    with contextlib.suppress(UpstreamFailed):
        answer = asyncio.run(OpenAIResponses().read_answer(data))
        OpenAIResponses().walker(OutputFilter(_RULES, None)).whole(answer)


@given(st.sampled_from(list(places(STREAM))), anything)
def test_an_event_of_any_form_is_read_or_the_providers_failure(place: Place, value: Any) -> None:
    with contextlib.suppress(UpstreamFailed):
        asyncio.run(walked(changed(STREAM, place, value)))


mixed = st.lists(
    st.tuples(st.sampled_from(STREAM), st.sampled_from(sorted(KNOWN)), st.integers(0, 3)),
    max_size=8,
).map(lambda given: [{**one, "type": kind, "output_index": at} for one, kind, at in given])


@given(mixed)
def test_events_in_any_order_are_read_or_the_providers_failure(given: list[Body]) -> None:
    with contextlib.suppress(UpstreamFailed):
        asyncio.run(walked([*STREAM[:6], *given, *STREAM[6:]]))


async def walked(given: list[Any]) -> None:
    """Read and walk over the events of a provider."""

    async def data() -> AsyncIterator[bytes]:
        for event in given:
            yield json.dumps(event).encode()

    dialect = OpenAIResponses()
    walker = dialect.walker(OutputFilter(_RULES, None))
    async for event in dialect.read_stream(data()):
        dialect.usage(event)
        for clean in walker.chunk(event):
            dialect.frame(clean)
    list(walker.end(None))
    walker.last_frame(None)


def test_only_what_the_api_defines_of_a_response_goes_on() -> None:
    told = {
        "reasoning": {"summary": "free text"},
        "incomplete_details": {"reason": "free text"},
        "usage": {**responses_api.USAGE, "input_tokens_details": {"note": "free text"}},
        "model": {"name": "free text"},
    }
    response = response_of([("message", "Dag")]) | told
    assert "free text" not in json.dumps([whole(response), streamed(response)])


def test_after_a_failure_the_last_event_is_a_failed_response() -> None:
    walker = OpenAIResponses().walker(OutputFilter(_RULES, None))
    begun = list(walker.chunk({"type": "response.created", "response": {"id": "resp_1"}}))
    frame = walker.last_frame(UpstreamFailed("It broke.")).decode()
    last = json.loads(frame.split("data: ")[1])
    assert frame.startswith("event: response.failed\n")
    assert (last["response"]["id"], last["response"]["status"]) == ("resp_1", "failed")
    assert last["sequence_number"] == len(begun)
