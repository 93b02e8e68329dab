"""The choice of a token, row by row."""

import math
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from gateway.worker.sampler import Row, RowSampler, SamplingParams

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

STOP = 7
LOGITS = torch.tensor([0.1, 2.0, 1.9, -1.0, 0.0, 0.5, 1.0, -2.0])


def chosen(sampler: RowSampler, names: list[str], scores: torch.Tensor | None = None) -> list[int]:
    rows: list[Any] = [SimpleNamespace(state=SimpleNamespace(request_id=name)) for name in names]
    if scores is None:
        scores = LOGITS.repeat(len(names), 1)
    before = scores.clone()
    out = sampler(scores, sampler.prepare_tensor_args(rows))
    assert torch.equal(scores, before)
    possible = (out > -math.inf).sum(dim=-1)
    assert possible.tolist() == [1] * len(names)
    return [int(token) for token in out.argmax(dim=-1)]


def sampler_of(**rows: SamplingParams) -> RowSampler:
    sampler = RowSampler(stop_id=STOP)
    for name, params in rows.items():
        sampler.add(name, Row(params))
    return sampler


def test_temperature_zero_chooses_the_likeliest() -> None:
    assert chosen(sampler_of(a=SamplingParams(temperature=0.0)), ["a"]) == [1]


def test_rows_do_not_change_one_another() -> None:
    params = SamplingParams(seed=5)
    alone = sampler_of(a=params)
    single = [chosen(alone, ["a"])[0] for _ in range(20)]
    together = sampler_of(a=params, b=SamplingParams(seed=6), c=SamplingParams(temperature=0))
    mixed = [chosen(together, ["c", "b", "a"]) for _ in range(20)]
    assert [row[2] for row in mixed] == single
    assert {row[0] for row in mixed} == {1}
    assert [row[1] for row in mixed] != single


def test_draws_follow_the_probabilities() -> None:
    sampler = sampler_of(a=SamplingParams(seed=1))
    counts = Counter(chosen(sampler, ["a"])[0] for _ in range(3000))
    for token, share in enumerate(torch.softmax(LOGITS, dim=-1).tolist()):
        assert abs(counts[token] / 3000 - share) < 0.03


@pytest.mark.parametrize(("top_p", "kept"), [(0.0, {1}), (0.3, {1}), (0.6, {1, 2})])
def test_top_p_keeps_the_smallest_head_that_reaches_it(top_p: float, kept: set[int]) -> None:
    sampler = sampler_of(a=SamplingParams(seed=1, top_p=top_p, temperature=1.0))
    assert {chosen(sampler, ["a"])[0] for _ in range(200)} == kept


def test_top_p_over_a_flat_vocabulary_goes_beyond_the_head() -> None:
    sampler = sampler_of(a=SamplingParams(seed=1, top_p=0.9))
    tokens = {chosen(sampler, ["a"], torch.zeros(1, 4000))[0] for _ in range(600)}
    assert len(tokens) > 256


def test_penalties_grow_with_earlier_tokens() -> None:
    sampler = sampler_of(a=SamplingParams(temperature=0, frequency_penalty=0.5))
    assert [chosen(sampler, ["a"])[0] for _ in range(4)] == [1, 2, 1, 2]
    sampler = sampler_of(a=SamplingParams(temperature=0, presence_penalty=2.0))
    assert [chosen(sampler, ["a"])[0] for _ in range(3)] == [1, 2, 6]


def test_bias_moves_a_token() -> None:
    params = SamplingParams(temperature=0, logit_bias=((4, 100.0),))
    assert chosen(sampler_of(a=params), ["a"]) == [4]
    banned = SamplingParams(seed=1, logit_bias=((1, -100.0),))
    assert 1 not in {chosen(sampler_of(a=banned), ["a"])[0] for _ in range(50)}


def test_log_probabilities_are_the_models_own() -> None:
    sampler = RowSampler(stop_id=STOP)
    row = Row(SamplingParams(temperature=0, logit_bias=((4, 100.0),), top_logprobs=2))
    sampler.add("a", row)
    chosen(sampler, ["a"])
    expected = torch.log_softmax(LOGITS, dim=-1)
    assert row.choices[0].token_id == 4
    assert row.choices[0].logprob == pytest.approx(float(expected[4]))
    assert [token for token, _ in row.choices[0].top] == [1, 2]


def test_a_cancelled_row_does_not_affect_others() -> None:
    sampler = sampler_of(a=SamplingParams(temperature=0), b=SamplingParams(temperature=0))
    sampler.drop("a")
    sampler.drop("a")
    assert chosen(sampler, ["a", "b"]) == [STOP, 1]
    assert len(sampler) == 1


def test_rows_without_a_seed_differ() -> None:
    flat = torch.zeros(1, 4000)
    tokens = {chosen(sampler_of(a=SamplingParams()), ["a"], flat)[0] for _ in range(10)}
    assert len(tokens) > 1
