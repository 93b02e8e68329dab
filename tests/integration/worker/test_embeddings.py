"""Embeddings of the worker, against the libraries themselves."""

import base64
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
from transformers import AutoModel, AutoTokenizer, LlamaConfig, LlamaModel

from gateway.core.manifest import manifest_of, version_digest
from gateway.worker.embedding import mean_vectors
from gateway.worker.spec import ServedModel
from tests.integration.worker.conftest import Worker
from tests.support.tiny_encoder import CONTEXT, SIZE, make_encoder
from tests.support.tiny_model import CONTEXT as CHAT_CONTEXT

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]
TEXTS = [
    "De sluis gaat open.",
    "The lock keeper opens one gate at a time, and then the other one.",
    "Zwolle",
]


def embed(worker: Worker, given: Any, model: str = "tiny@1", **fields: Any) -> httpx.Response:
    body = {"model": model, "input": given, **fields}
    return worker.client.post("/v1/embeddings", content=json.dumps(body))


def vectors(answer: httpx.Response) -> torch.Tensor:
    assert answer.status_code == 200, answer.text
    return torch.tensor([one["embedding"] for one in answer.json()["data"]])


def expected(directory: Path, text: str) -> torch.Tensor:
    """The mean of the last hidden states of one text, by the library alone."""
    tokenizer: Any = AutoTokenizer.from_pretrained(directory)
    model: Any = AutoModel.from_pretrained(directory, dtype=torch.float32).eval()
    with torch.inference_mode():
        states = model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0]
    return torch.nn.functional.normalize(states.mean(0), dim=-1)


def close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.allclose(one, other, atol=1e-5)


def test_a_vector_is_the_mean_of_the_last_states_alone_and_in_a_batch(
    worker: Worker, tiny_dir: Path
) -> None:
    answer = embed(worker, TEXTS)
    found = vectors(answer)
    for text, vector in zip(TEXTS, found, strict=True):
        assert close(vector, expected(tiny_dir, text))
        assert close(vector, vectors(embed(worker, text))[0])
    body = answer.json()
    assert (body["object"], body["model"]) == ("list", "tiny@1")
    assert [one["index"] for one in body["data"]] == [0, 1, 2]
    tokenizer: Any = AutoTokenizer.from_pretrained(tiny_dir)
    ids = [tokenizer(text)["input_ids"] for text in TEXTS]
    tokens = sum(map(len, ids))
    assert body["usage"] == {"prompt_tokens": tokens, "total_tokens": tokens}
    assert close(vectors(embed(worker, ids)), found)


def test_a_pass_of_the_batch_does_not_change_the_vectors(
    start: Callable[..., Worker], served: Callable[..., ServedModel], tiny_dir: Path
) -> None:
    made = start(num_blocks=32, page_size=16, max_batch_tokens=128)
    made.call(made.engine.serve([served()]))
    (replica,) = made.engine._replicas.values()
    replica.loaded.model.config.is_causal = False  # as transformers has it during a pass
    assert close(vectors(embed(made, TEXTS[0]))[0], expected(tiny_dir, TEXTS[0]))


def test_base64_holds_the_same_numbers(worker: Worker) -> None:
    found = vectors(embed(worker, TEXTS[0]))[0]
    (one,) = embed(worker, TEXTS[0], encoding_format="base64").json()["data"]
    data = base64.b64decode(one["embedding"])
    assert close(torch.tensor(struct.unpack(f"<{len(data) // 4}f", data)), found)
    assert embed(worker, TEXTS[0], dimensions=len(found)).status_code == 200


def test_an_adapter_gives_other_vectors_and_names_its_digest(worker: Worker) -> None:
    base, adapted = embed(worker, TEXTS[0]), embed(worker, TEXTS[0], "adapted@1")
    assert not close(vectors(base), vectors(adapted))
    digests = {one.headers["x-sluis-model-digest"] for one in (base, adapted)}
    assert len(digests) == 2


def test_many_inputs_take_several_passes_while_answers_go_on(worker: Worker) -> None:
    alone = worker.text(temperature=0, max_tokens=24)
    with worker.client.stream(
        "POST",
        "/v1/chat/completions",
        json={
            "model": "tiny@1",
            "messages": [{"role": "user", "content": "Hallo"}],
            "temperature": 0,
            "max_tokens": 24,
            "stream": True,
        },
    ) as stream:
        lines = stream.iter_lines()
        next(lines)
        many = vectors(embed(worker, [f"{text} {at}" for at in range(40) for text in TEXTS]))
        frames = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    assert many.shape[0] == 120
    said = "".join(one["choices"][0]["delta"].get("content") or "" for one in frames)
    assert alone.endswith(said)
    assert said
    assert 'finished_reason="embedded"' in (worker.client.get("/metrics").text)


@pytest.mark.parametrize(
    ("given", "fields", "param"),
    [
        ("", {}, "input"),
        ([], {}, "input"),
        (["x", ""], {}, "input"),
        ([["x"]], {}, "input"),
        ([1, 100_000], {}, "input"),
        ([-1], {}, "input"),
        ([3] * (CHAT_CONTEXT + 1), {}, "input"),
        (["x"] * 2049, {}, "input"),
        ("x", {"dimensions": 3}, "dimensions"),
        ("x", {"dimensions": True}, "dimensions"),
        ("x", {"encoding_format": "hex"}, "encoding_format"),
        ("x", {"truncate": True}, "truncate"),
    ],
)
def test_what_cannot_be_embedded_is_refused(
    worker: Worker, given: Any, fields: dict[str, Any], param: str
) -> None:
    refused = embed(worker, given, **fields)
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == param
    assert embed(worker, "x", "unknown@1").status_code == 404


def test_an_encoder_makes_embeddings_and_writes_nothing(
    start: Callable[..., Worker], tmp_path: Path
) -> None:
    directory = make_encoder(tmp_path / "encoder")
    digest = manifest_of(directory).digest
    made = start(num_blocks=32, page_size=16, max_batch_tokens=128)
    served = ServedModel(
        name="embed",
        version="1",
        tags=(),
        base_dir=directory,
        base_digest=digest,
        adapter_dir=None,
        adapter_digest=None,
        digest=version_digest(digest, None),
    )
    made.call(made.engine.serve([served]))
    found = vectors(embed(made, TEXTS, "embed@1"))
    assert found.shape == (len(TEXTS), SIZE)
    for text, vector in zip(TEXTS, found, strict=True):
        assert close(vector, expected(directory, text))
    long = embed(made, "sluis " * CONTEXT, "embed@1")
    assert (long.status_code, long.json()["error"]["code"]) == (400, "context_length_exceeded")
    refused = made.chat(model="embed@1")
    assert refused.status_code == 400
    assert "makes embeddings" in refused.json()["error"]["message"]


def test_vectors_are_made_on_the_device_of_the_model() -> None:
    """The meta device refuses a mix of devices."""
    with torch.device("meta"):
        config = LlamaConfig(
            vocab_size=64,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=1,
            attn_implementation="eager",  # the other one looks into the mask
        )
        model = LlamaModel(config)
    found = mean_vectors(model, [[1, 2, 3], [4]], use_cache=False)
    assert (found.device.type, tuple(found.shape)) == ("meta", (2, 32))
