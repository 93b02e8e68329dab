"""Choose the next token of every row of a batch, each row by its own settings.

The library samples with one setting for all rows. This processor therefore chooses the tokens and
returns rows in which only the chosen token is possible; the library's argmax then selects it.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
import xgrammar
from transformers.generation.continuous_batching.cb_logits_processors import (
    ContinuousBatchingLogitsProcessor,
)
from typing_extensions import override

_GREEDY_BELOW = 1e-4
_TOP_P_HEAD = 256


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """Validated settings of one answer: finite numbers in OpenAI's ranges.

    ``top_logprobs`` is the number of alternatives, or None without log probabilities.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    logit_bias: tuple[tuple[int, float], ...] = ()
    top_logprobs: int | None = None

    @property
    def greedy(self) -> bool:
        """True when the likeliest token is always chosen."""
        return self.temperature < _GREEDY_BELOW

    @property
    def adjusts_scores(self) -> bool:
        """True when earlier tokens or the caller's bias change the scores."""
        return bool(self.presence_penalty or self.frequency_penalty or self.logit_bias)


@dataclass(frozen=True, slots=True)
class TokenChoice:
    """A chosen token with its log probability under the model, and the likeliest others."""

    token_id: int
    logprob: float
    top: tuple[tuple[int, float], ...]


@dataclass(slots=True)
class Row:
    """Running state of one answer."""

    params: SamplingParams
    matcher: xgrammar.GrammarMatcher | None = None
    counts: Counter[int] = field(default_factory=Counter)
    choices: list[TokenChoice] = field(default_factory=list)
    generator: torch.Generator = field(default_factory=torch.Generator)

    def __post_init__(self) -> None:
        """Seed the row's own generator, so that other rows do not change its numbers."""
        if self.params.seed is None:
            self.generator.seed()
        else:
            self.generator.manual_seed(self.params.seed)


class RowSampler(ContinuousBatchingLogitsProcessor):  # type: ignore[misc]  # mypy skips it
    """The sampling processor of one manager; rows are found by request id.

    The sampler keeps the rows: the library deep-copies a request that it evicts.
    """

    supported_kwargs: dict[str, type] = {}  # noqa: RUF012 - the library's interface
    ignored_kwargs: tuple[str, ...] = ()

    def __init__(self, *, stop_id: int) -> None:
        self._stop_id = stop_id
        self._rows: dict[str, Row] = {}
        self._batch: list[Row | None] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, request_id: str, row: Row) -> None:
        """Register a request; call this before the library gets it."""
        self._rows[request_id] = row

    def drop(self, request_id: str) -> None:
        """Remove a request; an unknown one is ignored."""
        self._rows.pop(request_id, None)

    @override
    def fill_defaults(self, int32_tensor: torch.Tensor) -> None:
        """Part of the library's interface: we use no tensor arguments."""
        int32_tensor.fill_(0)

    @override
    def prepare_tensor_args(self, requests_with_new_token: Sequence[Any]) -> torch.Tensor:
        """Store which request each row of the next scores belongs to."""
        self._batch = [self._rows.get(item.state.request_id) for item in requests_with_new_token]
        return torch.zeros(len(self._batch), dtype=torch.int32)

    @override
    def __call__(self, scores: torch.Tensor, tensor_arg: torch.Tensor) -> torch.Tensor:
        """Scores in which only the chosen token of each row is possible."""
        chosen = self._choose(scores[: len(self._batch)])
        out = torch.full_like(scores, -math.inf)
        out[torch.arange(len(chosen)), torch.tensor(chosen, dtype=torch.long)] = 0.0
        return out

    def _choose(self, scores: torch.Tensor) -> list[int]:
        raw, scores = scores, scores.clone()
        for index, row in enumerate(self._batch):
            if row is not None and row.params.adjusts_scores:
                _apply_penalties(scores[index], row)
        self._mask(scores)
        chosen: list[int] = scores.argmax(dim=-1).tolist()
        for index, row in enumerate(self._batch):
            if row is None:  # cancelled during the pass: the token is not used
                chosen[index] = self._stop_id
                continue
            if not row.params.greedy:
                chosen[index] = _sampled(scores[index], row)
            _record(row, raw[index], chosen[index])
        return chosen

    def _mask(self, scores: torch.Tensor) -> None:
        """Mask the tokens that the grammar of a row does not allow next."""
        indices = [
            index
            for index, row in enumerate(self._batch)
            if row is not None and row.matcher is not None and not row.matcher.is_terminated()
        ]
        if not indices:
            return
        bitmask = xgrammar.allocate_token_bitmask(len(self._batch), scores.shape[-1])
        for index in indices:
            row = self._batch[index]
            if row is not None and row.matcher is not None:
                row.matcher.fill_next_token_bitmask(bitmask, index)
        xgrammar.apply_token_bitmask_inplace(scores, bitmask.to(scores.device), indices=indices)


def _apply_penalties(scores: torch.Tensor, row: Row) -> None:
    if row.counts:
        ids = torch.tensor(list(row.counts))
        counts = torch.tensor(list(row.counts.values()), dtype=scores.dtype)
        scores[ids] -= row.params.presence_penalty + row.params.frequency_penalty * counts
    for token_id, bias in row.params.logit_bias:
        scores[token_id] += bias


def _sampled(scores: torch.Tensor, row: Row) -> int:
    """Draw a token by temperature and top-p, with one random number for each token."""
    probabilities = torch.softmax(scores / row.params.temperature, dim=-1)
    draw = float(torch.rand(1, generator=row.generator))
    if row.params.top_p >= 1.0:
        return _index_at(probabilities, draw)
    # Sorting a whole vocabulary for each token is expensive, and the head usually covers top_p.
    values, ids = probabilities.topk(min(_TOP_P_HEAD, len(probabilities)))
    if float(values.sum()) < row.params.top_p:
        values, ids = probabilities.sort(descending=True)
    head_size = int(torch.searchsorted(values.cumsum(dim=-1), row.params.top_p)) + 1
    return int(ids[_index_at(values[:head_size], draw)])


def _index_at(weights: torch.Tensor, draw: float) -> int:
    """The index that a draw from [0, 1) selects; never one of weight zero."""
    totals = weights.cumsum(dim=-1)
    at = min(int(torch.searchsorted(totals, draw * totals[-1], right=True)), len(totals) - 1)
    return at if weights[at] > 0 else int(weights.argmax())


def _record(row: Row, raw: torch.Tensor, token_id: int) -> None:
    row.counts[token_id] += 1
    if row.matcher is not None and not row.matcher.is_terminated():
        row.matcher.accept_token(token_id)
    if row.params.top_logprobs is None:
        return
    logprobs = torch.log_softmax(raw, dim=-1)
    top: tuple[tuple[int, float], ...] = ()
    if row.params.top_logprobs:
        values, ids = logprobs.topk(row.params.top_logprobs)
        top = tuple(zip(ids.tolist(), values.tolist(), strict=True))
    row.choices.append(TokenChoice(token_id, float(logprobs[token_id]), top))
