"""Choose the next token of every row of a batch, each row by its own settings.

The library samples with one setting for all rows. This processor therefore chooses the tokens and
returns rows in which only the chosen token is possible; the library's argmax then selects it.

Every tensor is made on the device of the scores. Figures come back from it once a step, and only
when a row needs them: for its grammar or for log probabilities.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
import xgrammar
from transformers.generation.continuous_batching.cb_logits_processors import (
    ContinuousBatchingLogitsProcessor,
)
from typing_extensions import override

from gateway.worker.sampling_params import Row, TokenChoice
from gateway.worker.token_draw import DrawLimits, draw

_BITS = 32  # tokens in one number of a grammar's mask


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
        count = len(self._batch)
        out = torch.full_like(scores, -math.inf)
        if count:
            chosen = self._choose(scores[:count].float())
            out[:count] = out[:count].scatter(-1, chosen.unsqueeze(-1), 0.0)
        return out

    def _choose(self, raw: torch.Tensor) -> torch.Tensor:
        """The token of each row; a row that was cancelled during the pass gets the stop token."""
        scores = self._masked(self._adjusted(raw))
        chosen = scores.argmax(dim=-1)
        drawn = [at for at, row in enumerate(self._batch) if row and not row.params.greedy]
        if drawn:
            chosen = chosen.index_copy(
                0, _index(drawn, raw), self._drawn(scores, [self._at(at) for at in drawn], drawn)
            )
        gone = [at for at, row in enumerate(self._batch) if row is None]
        if gone:
            chosen = chosen.index_fill(0, _index(gone, raw), self._stop_id)
        self._record(raw, chosen)
        return chosen

    def _at(self, index: int) -> Row:
        row = self._batch[index]
        if row is None:
            raise LookupError("no request is in this row")
        return row

    def _adjusted(self, raw: torch.Tensor) -> torch.Tensor:
        """The scores after penalties and bias."""
        places = [at for at, row in enumerate(self._batch) if row and row.params.adjusts_scores]
        if not places:
            return raw
        rows = torch.stack([self._at(at).adjusted(raw[at]) for at in places])
        return raw.index_copy(0, _index(places, raw), rows)

    def _masked(self, scores: torch.Tensor) -> torch.Tensor:
        """The scores without the tokens that the grammar of a row does not allow next."""
        places = [
            (at, row.matcher)
            for at, row in enumerate(self._batch)
            if row is not None and row.matcher is not None and not row.matcher.is_terminated()
        ]
        if not places:
            return scores
        size = scores.shape[-1]
        bitmask = xgrammar.allocate_token_bitmask(len(places), size)
        for number, (_, matcher) in enumerate(places):
            matcher.fill_next_token_bitmask(bitmask, number)
        indices = _index([at for at, _ in places], scores)
        allowed = _unpacked(bitmask.to(scores.device))[:, :size]
        rows = scores.index_select(0, indices).masked_fill(~allowed, -math.inf)
        return scores.index_copy(0, indices, rows)

    def _drawn(self, scores: torch.Tensor, rows: list[Row], places: list[int]) -> torch.Tensor:
        """A token for each of these rows, by temperature, limits and the row's own noise."""
        temperatures = torch.tensor(
            [row.params.temperature for row in rows], dtype=torch.float32, device=scores.device
        )
        scaled = scores.index_select(0, _index(places, scores)) / temperatures.unsqueeze(-1)
        limits = DrawLimits(
            top_k=[row.params.top_k for row in rows],
            top_p=[row.params.top_p for row in rows],
            min_p=[row.params.min_p for row in rows],
        )
        keys = torch.tensor([row.key for row in rows], dtype=torch.int64, device=scores.device)
        return draw(scaled, limits, keys)

    def _record(self, raw: torch.Tensor, chosen: torch.Tensor) -> None:
        """Move each row one token on."""
        for at, row in enumerate(self._batch):
            if row is not None:
                row.position += 1
                if row.adjustment is not None:
                    row.adjustment.count(chosen[at : at + 1])
        told = [at for at, row in enumerate(self._batch) if row and _is_told(row)]
        if not told:
            return
        ids: list[int] = chosen.tolist()
        for at in told:
            matcher = self._at(at).matcher
            if matcher is not None and not matcher.is_terminated():
                matcher.accept_token(ids[at])
        self._record_logprobs(raw, chosen, ids)

    def _record_logprobs(self, raw: torch.Tensor, chosen: torch.Tensor, ids: list[int]) -> None:
        rows = {
            at: row.params.top_logprobs
            for at, row in enumerate(self._batch)
            if row is not None and row.params.top_logprobs is not None
        }
        if not rows:
            return
        indices = _index(list(rows), raw)
        logprobs = torch.log_softmax(raw.index_select(0, indices), dim=-1)
        own = logprobs.gather(-1, chosen.index_select(0, indices).unsqueeze(-1)).squeeze(-1)
        values, tokens = logprobs.topk(max(1, *rows.values()), dim=-1)
        figures = zip(own.tolist(), tokens.tolist(), values.tolist(), strict=True)
        for (at, count), (logprob, others, shares) in zip(rows.items(), figures, strict=True):
            top = tuple(zip(others[:count], shares[:count], strict=True))
            self._at(at).choices.append(TokenChoice(ids[at], logprob, top))


def _is_told(row: Row) -> bool:
    """Whether a row has to know which token was chosen."""
    return row.matcher is not None or row.params.top_logprobs is not None


def _index(places: Sequence[int], scores: torch.Tensor) -> torch.Tensor:
    return torch.tensor(places, dtype=torch.int64, device=scores.device)


def _unpacked(bitmask: torch.Tensor) -> torch.Tensor:
    """The mask of a grammar as one truth value for each token."""
    bits = torch.arange(_BITS, dtype=torch.int32, device=bitmask.device)
    found = (bitmask.unsqueeze(-1) >> bits) & 1
    return found.flatten(start_dim=-2).bool()
