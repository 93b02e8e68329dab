"""Chooses the next token of every row of a batch, each row by its own settings.

The library samples with one setting for all rows. This processor therefore chooses itself and
hands back rows in which only the chosen token is possible; the library's argmax then takes it.
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
_FIRST_LOOK = 256


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """Settings of one answer, already validated: finite numbers in OpenAI's ranges.

    ``top_logprobs`` is None when no log probabilities are wanted, else how many alternatives.
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
        """True when the likeliest token is always taken."""
        return self.temperature < _GREEDY_BELOW

    @property
    def shifts_scores(self) -> bool:
        """True when scores change by what was said before or by the caller's bias."""
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
    draws: torch.Generator = field(default_factory=torch.Generator)

    def __post_init__(self) -> None:
        """Give the row its own random numbers, so that its neighbours do not change it."""
        if self.params.seed is None:
            self.draws.seed()
        else:
            self.draws.manual_seed(self.params.seed)


class RowSampler(ContinuousBatchingLogitsProcessor):  # type: ignore[misc]  # not read by mypy
    """The sampling processor of one manager; rows are found by request id.

    Rows live here and not in the library's request, which is deep-copied when it is evicted.
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
        """Know a request; do it before the library does."""
        self._rows[request_id] = row

    def drop(self, request_id: str) -> None:
        """Forget a request; harmless when it is unknown."""
        self._rows.pop(request_id, None)

    @override
    def fill_defaults(self, int32_tensor: torch.Tensor) -> None:
        """Part of the library's interface: we use no tensor arguments."""
        int32_tensor.fill_(0)

    @override
    def prepare_tensor_args(self, requests_with_new_token: Sequence[Any]) -> torch.Tensor:
        """Remember which request each row of the coming scores belongs to."""
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
            if row is not None and row.params.shifts_scores:
                _shift(scores[index], row)
        self._mask(scores)
        chosen: list[int] = scores.argmax(dim=-1).tolist()
        for index, row in enumerate(self._batch):
            if row is None:  # cancelled while the pass ran: nobody reads this token
                chosen[index] = self._stop_id
                continue
            if not row.params.greedy:
                chosen[index] = _drawn(scores[index], row)
            _record(row, raw[index], chosen[index])
        return chosen

    def _mask(self, scores: torch.Tensor) -> None:
        """Make impossible what the grammar of a row does not allow next."""
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


def _shift(scores: torch.Tensor, row: Row) -> None:
    if row.counts:
        ids = torch.tensor(list(row.counts))
        said = torch.tensor(list(row.counts.values()), dtype=scores.dtype)
        scores[ids] -= row.params.presence_penalty + row.params.frequency_penalty * said
    for token_id, bias in row.params.logit_bias:
        scores[token_id] += bias


def _drawn(scores: torch.Tensor, row: Row) -> int:
    """Draw a token by temperature and top-p, with one random number for each token."""
    probabilities = torch.softmax(scores / row.params.temperature, dim=-1)
    draw = float(torch.rand(1, generator=row.draws))
    if row.params.top_p >= 1.0:
        return _at(probabilities, draw)
    # Sorting a whole vocabulary for each token is dear, and the head usually holds top_p.
    values, ids = probabilities.topk(min(_FIRST_LOOK, len(probabilities)))
    if float(values.sum()) < row.params.top_p:
        values, ids = probabilities.sort(descending=True)
    kept = int(torch.searchsorted(values.cumsum(dim=-1), row.params.top_p)) + 1
    return int(ids[_at(values[:kept], draw)])


def _at(weights: torch.Tensor, draw: float) -> int:
    """The index on which a draw from [0, 1) falls; never one of weight zero."""
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
