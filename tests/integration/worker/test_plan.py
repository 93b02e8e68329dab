"""Sizes that are made from memory, and what is said about them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Gemma3Config, Gemma3TextConfig, LlamaConfig

from gateway.worker.memory import Memory, NotEnoughMemory, measure, require
from gateway.worker.plan import Plan, plan_of
from gateway.worker.spec import ServedModel, WorkerOptions

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]
GIB = 1 << 30
CONFIG = LlamaConfig(
    hidden_size=4096,
    num_attention_heads=32,
    num_key_value_heads=8,
    num_hidden_layers=32,
    max_position_embeddings=32_768,
    dtype=torch.bfloat16,
)
SAVED = 16 * GIB
CARD = Memory("an accelerator", 78 * GIB, 80 * GIB, "cuda")
MACHINE = Memory("cpu", 24 * GIB, 32 * GIB)


def plan(memory: Memory, share: float = 0.5, *, saved: int = SAVED, **options: Any) -> Plan:
    chosen = WorkerOptions(token="t", **options)
    return plan_of(CONFIG, chosen, memory, saved_bytes=saved, share=share)


def test_a_large_card_holds_many_long_answers_and_leaves_room_for_another_version() -> None:
    made = plan(CARD)
    assert made.pool_tokens > 4 * CONFIG.max_position_embeddings
    assert made.pool == made.pool_tokens * 128 * 1024  # 32 layers, 8 heads of 128, twice, in bf16
    assert made.needed + made.pool < CARD.free
    assert (made.max_batch_tokens, made.dtype) == (8192, torch.bfloat16)
    assert made.max_waiting > 64


def test_a_processor_plans_with_little_and_takes_float32_where_it_fits() -> None:
    small = plan(MACHINE, saved=GIB)
    assert (small.dtype, small.weights) == (torch.float32, 2 * GIB)
    assert small.pool < 0.1 * MACHINE.free
    assert small.max_batch_tokens == 512
    assert plan(MACHINE).dtype == torch.bfloat16


def test_a_setting_takes_the_place_of_each_size() -> None:
    made = plan(
        CARD, num_blocks=10, page_size=16, max_batch_tokens=99, max_waiting=0, dtype="float32"
    )
    assert (made.pool_tokens, made.max_batch_tokens, made.max_waiting) == (160, 99, 0)
    assert made.dtype == torch.float32


def test_the_line_names_what_was_found_and_each_setting() -> None:
    line = plan(CARD).line("m@1")
    assert line.startswith("m@1: 78.0 of 80.0 GiB free on an accelerator; weights 16.00 GiB")
    for name in ("POOL_TOKENS", "BATCH_TOKENS", "WAITING", "DTYPE"):
        assert f"SLUIS_WORKER_{name}" in line


def test_what_does_not_fit_is_refused_with_what_to_do() -> None:
    with pytest.raises(NotEnoughMemory, match="restart the worker"):
        require("m@2", 79 * GIB, CARD)
    found = measure()
    assert 0 < found.free <= found.total


def test_a_model_that_sees_is_planned_by_its_language_model() -> None:
    config = Gemma3Config(text_config=Gemma3TextConfig(max_position_embeddings=777).to_dict())
    options = WorkerOptions(token="t")
    made = plan_of(config.get_text_config(), options, CARD, saved_bytes=GIB, share=0.5)
    assert made.context == 777


def test_weights_are_served_in_the_precision_that_was_planned(
    start: Callable[..., Any], served: Callable[..., ServedModel], tmp_path: Path
) -> None:
    made = start(num_blocks=64, dtype="bfloat16")
    adapted = replace(served(adapted=True), version="2")
    made.call(made.engine.serve([served(), adapted]))
    for name in ("tiny@1", "tiny@2"):
        weights = made.batcher(name)._manager.model.parameters()
        assert {one.dtype for one in weights} == {torch.bfloat16}
        assert made.chat(model=name, max_tokens=3).status_code == 200
