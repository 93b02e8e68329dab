"""The choice of a token, row by row."""

import math
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from gateway.worker.noise import gumbel, key_of
from gateway.worker.sampler import RowSampler
from gateway.worker.sampling_params import Row, SamplingParams
from gateway.worker.token_draw import DrawLimits, draw

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


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"top_k": 1}, {1}),
        ({"top_k": 3}, {1, 2, 6}),
        ({"top_k": 3, "top_p": 0.6}, {1, 2}),
        ({"min_p": 0.9}, {1, 2}),
        ({"min_p": 1.0}, {1}),
        ({"min_p": 0.3, "top_k": 2}, {1, 2}),
    ],
)
def test_top_k_and_min_p_leave_out_the_unlikely(fields: dict[str, Any], kept: set[int]) -> None:
    sampler = sampler_of(a=SamplingParams(seed=1, **fields))
    assert {chosen(sampler, ["a"])[0] for _ in range(200)} == kept


def test_limits_of_one_row_do_not_reach_the_others() -> None:
    sampler = sampler_of(a=SamplingParams(seed=1, top_k=1), b=SamplingParams(seed=1, top_p=1.0))
    drawn = [chosen(sampler, ["a", "b"]) for _ in range(300)]
    assert {row[0] for row in drawn} == {1}
    assert len({row[1] for row in drawn}) > 5


def test_a_repetition_penalty_counts_the_prompt_too() -> None:
    sampler = RowSampler(stop_id=STOP)
    params = SamplingParams(temperature=0, repetition_penalty=4.0)
    sampler.add("a", Row(params, prompt=(1, 3)))
    assert [chosen(sampler, ["a"])[0] for _ in range(3)] == [2, 6, 1]


def test_a_limited_draw_is_the_same_from_the_likeliest_and_from_all() -> None:
    generator = torch.Generator().manual_seed(4)
    scores = torch.randn(40, 900, generator=generator) * 3
    limits = DrawLimits(
        top_k=[0, 5, 300, 899, 40] * 8,
        top_p=[0.95, 0.9, 0.99, 0.3, 1.0] * 8,
        min_p=[0.0, 0.0, 0.1, 0.0] * 10,
    )
    for seed in range(50):
        keys = torch.tensor([key_of(seed, row) for row in range(40)])
        drawn = draw(scores, limits, keys, whole=False)
        assert torch.equal(drawn, draw(scores, limits, keys, whole=True))


@pytest.mark.parametrize("whole", [False, True])
def test_tokens_beyond_the_likeliest_are_drawn_as_often_as_they_should(*, whole: bool) -> None:
    scores = torch.cat([torch.full((256,), 1.0), torch.full((744,), 0.0)]).unsqueeze(0)
    share = float(torch.softmax(scores, dim=-1)[0, 256:].sum())
    keys = torch.tensor([key_of(1, at) for at in range(8000)])
    limits = DrawLimits(top_k=[0] * 8000, top_p=[1.0] * 8000, min_p=[0.0] * 8000)
    drawn = draw(scores.expand(8000, -1), limits, keys, whole=whole)
    assert float((drawn >= 256).float().mean()) == pytest.approx(share, abs=0.02)
    assert len(set(drawn.tolist())) > 980


def test_a_seed_repeats_although_a_batch_rounds_scores_otherwise() -> None:
    """A pass over other rows changes the last bits of scores; the draw should not follow."""
    generator = torch.Generator().manual_seed(2)
    params = SamplingParams(seed=9, temperature=0.8)
    one, other = sampler_of(a=params), sampler_of(a=params)
    same = 0
    for _ in range(300):
        scores = torch.randn(1, 4000, generator=generator) * 3
        rounded = scores + torch.randn(1, 4000, generator=generator) * 1e-4
        same += chosen(one, ["a"], scores) == chosen(other, ["a"], rounded)
    assert same >= 298


@pytest.mark.parametrize("seed", [0, 1, -3, (1 << 63) - 1])
def test_noise_is_that_of_gumbel_and_follows_from_the_key(seed: int) -> None:
    keys = torch.tensor([key_of(seed, 0), key_of(seed, 1)])
    tokens = torch.arange(100_000).unsqueeze(0)
    noise = gumbel(keys, tokens)
    assert torch.equal(noise, gumbel(keys, tokens))
    assert torch.equal(noise[:, 5:9], gumbel(keys, tokens[:, 5:9]))
    assert abs(float(torch.corrcoef(noise)[0, 1])) < 0.02
    assert noise.mean(dim=-1).tolist() == pytest.approx([0.5772] * 2, abs=0.02)
    assert noise.std(dim=-1).tolist() == pytest.approx([1.2825] * 2, abs=0.02)
    assert bool(noise.isfinite().all())


def test_every_tensor_is_made_on_the_device_of_the_scores() -> None:
    """The meta device refuses a mix of devices, and every figure that would be waited for."""
    sampler = sampler_of(
        plain=SamplingParams(temperature=0),
        drawn=SamplingParams(seed=1, temperature=0.7, top_p=0.9, top_k=40, min_p=0.05),
        penalised=SamplingParams(
            temperature=0, presence_penalty=1, frequency_penalty=1, logit_bias=((3, 2.0),)
        ),
        repeated=SamplingParams(repetition_penalty=1.2),
    )
    names = ["plain", "drawn", "gone", "penalised", "repeated"]
    rows: list[Any] = [SimpleNamespace(state=SimpleNamespace(request_id=name)) for name in names]
    for _ in range(3):
        argument = sampler.prepare_tensor_args(rows)
        out = sampler(torch.empty(8, 4000, device="meta"), argument)
        assert (out.device.type, tuple(out.shape)) == ("meta", (8, 4000))


class AllowsAll:
    """A grammar that never ends and allows every token."""

    def is_terminated(self) -> bool:
        return False

    def fill_next_token_bitmask(self, bitmask: torch.Tensor, row: int) -> None:
        bitmask[row] = -1

    def accept_token(self, token: int) -> None:
        raise AssertionError(f"{token} was chosen without data")


def test_a_grammar_masks_on_the_device_of_the_scores() -> None:
    """All is computed on the meta device until the choice is read, which has no data there."""
    sampler = RowSampler(stop_id=STOP)
    matcher: Any = AllowsAll()
    sampler.add("tool", Row(SamplingParams(temperature=0.7, top_k=40), matcher=matcher))
    rows: list[Any] = [SimpleNamespace(state=SimpleNamespace(request_id="tool"))]
    argument = sampler.prepare_tensor_args(rows)
    with pytest.raises(RuntimeError, match="meta tensor"):
        sampler(torch.empty(2, 4000, device="meta"), argument)


def test_scores_of_another_precision_are_read_in_full() -> None:
    scores = LOGITS.repeat(1, 1).to(torch.bfloat16)
    sampler = sampler_of(a=SamplingParams(temperature=0, logit_bias=((2, 0.15),)))
    assert chosen(sampler, ["a"], scores) == [2]
