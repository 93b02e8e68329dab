"""The embeddings dialect: the forms of an input, and of an answer."""

import base64
import struct
from typing import Any

import orjson
import pytest

from gateway.core.errors import InvalidRequest, UpstreamFailed
from gateway.core.usage import Usage
from gateway.dialects.openai_embeddings import OpenAIEmbeddings

DIALECT = OpenAIEmbeddings()
VECTOR: dict[str, Any] = {"object": "embedding", "index": 0, "embedding": [0.5, 1, -0.25]}
USAGE: dict[str, Any] = {"prompt_tokens": 3, "total_tokens": 3}
ANSWER: dict[str, Any] = {"object": "list", "data": [VECTOR], "model": "m", "usage": USAGE}


def body(given: Any, **fields: Any) -> dict[str, Any]:
    return {"model": "m", "input": given, **fields}


async def read(answer: Any) -> dict[str, Any]:
    return await DIALECT.read_answer(orjson.dumps(answer))


@pytest.mark.parametrize("given", ["x", ["x", ""], [1, 2], [[1], [2, 3]], ["x"] * 2048])
def test_inputs_of_each_form_are_accepted(given: Any) -> None:
    facts = DIALECT.facts(body(given))
    assert (facts.model, facts.streams, facts.most_output) == ("m", False, 0)
    assert facts.only_model


@pytest.mark.parametrize(
    "given", [None, "", [], [[]], ["x", [1]], [["x"]], [[1], []], [1, "x"], [True], [[[1]]]]
)
def test_inputs_of_another_form_are_refused(given: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        DIALECT.facts(body(given))
    assert refused.value.param == "input"


def test_more_inputs_than_a_request_may_have_are_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        DIALECT.facts(body(["x"] * 2049))
    assert refused.value.code == "request_too_complex"


def test_a_stream_is_refused_and_its_field_does_not_leave() -> None:
    with pytest.raises(InvalidRequest) as refused:
        DIALECT.facts(body("x", stream=True))
    assert refused.value.param == "stream"
    written = orjson.loads(DIALECT.write(body("x", stream=False, dimensions=8), "wire"))
    assert written == {"model": "wire", "input": "x", "dimensions": 8}


def test_a_model_is_required() -> None:
    with pytest.raises(InvalidRequest) as refused:
        DIALECT.facts({"input": "x"})
    assert refused.value.param == "model"


async def test_an_answer_keeps_its_known_fields_only() -> None:
    more = {**ANSWER, "timings": {}, "data": [{**VECTOR, "text": "x"}]}
    more["usage"] = {**USAGE, "completion_tokens": 0, "secret": "x"}
    clean = await read(more)
    assert clean == ANSWER
    assert DIALECT.usage(clean) == Usage(3, 0)


async def test_vectors_come_in_the_order_of_the_inputs() -> None:
    data = [{"index": 1, "embedding": [1.0]}, {"index": 0, "embedding": [0.0]}]
    answer = await read({"data": data, "model": "m"})
    assert [one["embedding"] for one in answer["data"]] == [[0.0], [1.0]]
    assert DIALECT.usage(answer) is None
    unnumbered = await read({"data": [{"embedding": [0.5]}, {"embedding": [1.5]}]})
    assert [one["index"] for one in unnumbered["data"]] == [0, 1]


async def test_base64_passes_as_it_is() -> None:
    packed = base64.b64encode(struct.pack("<3f", 0.5, 1, -0.25)).decode()
    answer = await read({**ANSWER, "data": [{**VECTOR, "embedding": packed}]})
    assert answer["data"][0]["embedding"] == packed


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"error": {"message": "x"}},
        {"detail": "x"},
        {**ANSWER, "data": []},
        {**ANSWER, "data": [{**VECTOR, "embedding": []}]},
        {**ANSWER, "data": [{**VECTOR, "embedding": ["x"]}]},
        {**ANSWER, "data": [{**VECTOR, "embedding": "Bel Jan de Vries"}]},
        {**ANSWER, "data": [{**VECTOR, "embedding": "QUJD"}]},
        {**ANSWER, "data": [{**VECTOR, "index": 1}]},
        {**ANSWER, "data": [VECTOR, VECTOR]},
        {**ANSWER, "usage": {"prompt_tokens": "x"}},
        [ANSWER],
    ],
    ids=str,
)
async def test_an_answer_of_another_form_counts_as_a_failure(answer: Any) -> None:
    with pytest.raises(UpstreamFailed):
        await read(answer)
