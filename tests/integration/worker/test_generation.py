"""Generated text: equal to the library's, each request by its own settings."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

PROMPTS = ["Hallo", "De sluis gaat open voor het schip uit Zwolle.", "a", "één voor één " * 20]


def reference(tiny_dir: Path, prompt: str, *, tokens: int, adapter: Path | None = None) -> str:
    tokenizer: Any = AutoTokenizer.from_pretrained(tiny_dir)
    model: Any = AutoModelForCausalLM.from_pretrained(tiny_dir, dtype=torch.float32)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter))
    ids = tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}],
        add_generation_prompt=True,
        return_dict=True,
        return_tensors="pt",
    )
    with torch.no_grad():
        out = model.generate(**ids, max_new_tokens=tokens, do_sample=False)
    text = tokenizer.decode(out[0, ids["input_ids"].shape[1] :], skip_special_tokens=True)
    assert isinstance(text, str)
    return text.rstrip("\ufffd")


def chat_fields(prompt: str, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": prompt}], **fields}


@pytest.mark.parametrize("at_once", [1, 4, 16])
def test_greedy_text_equals_the_librarys(worker: Any, tiny_dir: Path, at_once: int) -> None:
    expected = {prompt: reference(tiny_dir, prompt, tokens=24) for prompt in PROMPTS}
    prompts = (PROMPTS * 4)[:at_once]
    with ThreadPoolExecutor(at_once) as pool:
        texts = pool.map(
            lambda prompt: worker.text(**chat_fields(prompt, temperature=0, max_tokens=24)), prompts
        )
        assert [text.rstrip("\ufffd") for text in texts] == [expected[prompt] for prompt in prompts]


def test_each_request_in_a_batch_keeps_its_own_seed_and_temperature(worker: Any) -> None:
    settings: list[dict[str, Any]] = [
        {"temperature": 0},
        {"temperature": 1, "seed": 1},
        {"temperature": 1, "seed": 2},
        {"temperature": 1.5, "top_p": 0.5, "seed": 1},
    ]
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda options: worker.text(max_tokens=20, **options), settings * 2))
    assert texts[:4] == texts[4:]
    assert len(set(texts)) == 4
    assert texts == [worker.text(max_tokens=20, **options) for options in settings * 2]


def test_a_tiny_top_p_is_greedy(worker: Any) -> None:
    greedy = worker.text(temperature=0, max_tokens=16)
    assert worker.text(temperature=2, top_p=0.0001, seed=5, max_tokens=16) == greedy


def test_a_top_k_of_one_and_a_min_p_of_one_are_greedy(worker: Any) -> None:
    greedy = worker.text(temperature=0, max_tokens=16)
    assert worker.text(temperature=2, top_k=1, seed=5, max_tokens=16) == greedy
    assert worker.text(temperature=2, min_p=1.0, seed=5, max_tokens=16) == greedy
    assert worker.text(temperature=2, top_k=-1, seed=5, max_tokens=16) != greedy


def test_hints_change_nothing(worker: Any) -> None:
    plain = worker.text(temperature=0, max_tokens=8)
    hints = {"reasoning_effort": "low", "user": "x", "parallel_tool_calls": True, "store": False}
    assert worker.text(temperature=0, max_tokens=8, guided_json=None, **hints) == plain


def test_penalties_and_bias_change_the_text(worker: Any) -> None:
    plain = worker.text(temperature=0, max_tokens=24)
    assert worker.text(temperature=0, max_tokens=24, frequency_penalty=2) != plain
    biased = worker.chat(temperature=0, max_tokens=3, logit_bias={"40": 100}, logprobs=True).json()
    tokens = [item["token"] for item in biased["choices"][0]["logprobs"]["content"]]
    assert len(set(tokens)) == 1


def test_several_choices_differ_and_repeat_with_the_seed(worker: Any) -> None:
    first, again = (worker.chat(n=3, seed=9, max_tokens=16, temperature=1).json() for _ in range(2))
    texts = [choice["message"]["content"] for choice in first["choices"]]
    assert [choice["index"] for choice in first["choices"]] == [0, 1, 2]
    assert len(set(texts)) == 3
    assert texts == [choice["message"]["content"] for choice in again["choices"]]


SCHEMA = {
    "type": "object",
    "properties": {
        "category": {"type": "string", "enum": ["zorg", "betaling"]},
        "urgent": {"type": "boolean"},
    },
    "required": ["category", "urgent"],
    "additionalProperties": False,
}


def test_a_schema_holds_beside_free_answers(worker: Any) -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    jobs = [{"response_format": schema, "seed": seed} for seed in range(6)]
    with ThreadPoolExecutor(8) as pool:
        constrained = pool.map(lambda job: worker.chat(max_tokens=60, **job).json(), jobs)
        free = pool.map(lambda seed: worker.text(max_tokens=60, seed=seed), range(2))
        for answer in constrained:
            assert answer["choices"][0]["finish_reason"] == "stop"
            value = json.loads(answer["choices"][0]["message"]["content"])
            assert set(value) == {"category", "urgent"}
            assert value["category"] in ("zorg", "betaling")
            assert isinstance(value["urgent"], bool)
        assert all(free)


def test_json_object_begins_as_an_object(worker: Any) -> None:
    answer = worker.text(max_tokens=40, seed=1, response_format={"type": "json_object"})
    assert answer.startswith("{")


def test_a_stop_string_is_never_shown(worker: Any) -> None:
    whole = worker.text(temperature=0, max_tokens=24)
    stop = whole[4:7]
    answer = worker.chat(temperature=0, max_tokens=24, stop=[stop]).json()["choices"][0]
    assert answer["message"]["content"] == whole[: whole.index(stop)]
    assert answer["finish_reason"] == "stop"


def test_versions_share_the_base_but_not_adapters(
    worker: Any, tiny_dir: Path, adapter_dir: Path
) -> None:
    plain, adapted = (worker.batcher(name)._manager.model for name in ("tiny@1", "adapted@1"))
    shared = {weight.data_ptr() for weight in plain.parameters()}
    own = {name for name, w in adapted.named_parameters() if w.data_ptr() not in shared}
    assert own
    assert all("lora_" in name for name in own)
    expected = {
        "tiny@1": reference(tiny_dir, "Hallo", tokens=20),
        "adapted@production": reference(tiny_dir, "Hallo", tokens=20, adapter=adapter_dir),
    }
    assert len(set(expected.values())) == 2
    with ThreadPoolExecutor(6) as pool:
        names = list(expected) * 3
        texts = pool.map(lambda name: worker.text(model=name, temperature=0, max_tokens=20), names)
        assert [text.rstrip("\ufffd") for text in texts] == [expected[name] for name in names]


def test_very_short_answers_are_never_lost(worker: Any) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda seed: worker.chat(max_tokens=1, seed=seed), range(100))
        assert {answer.status_code for answer in answers} == {200}


def test_throughput_of_a_batch_beats_one_after_another(worker: Any) -> None:
    """Sixteen answers share passes: far fewer passes than tokens."""
    passes = worker.batcher()._manager.current_batch
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(
                lambda seed: worker.chat(max_tokens=40, seed=seed, logit_bias={"1": -100}).json(),
                range(16),
            )
        )
    made = sum(answer["usage"]["completion_tokens"] for answer in answers)
    assert made == 16 * 40
    assert worker.batcher()._manager.current_batch - passes < made / 3
