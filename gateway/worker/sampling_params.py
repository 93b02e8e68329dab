"""The settings of one answer, and the running state of its row in the batch."""

import random
from dataclasses import dataclass, field

import torch
import xgrammar

from gateway.worker.noise import key_of

_GREEDY_BELOW = 1e-4


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """Validated settings of one answer: finite numbers in OpenAI's ranges.

    ``top_k`` 0, ``min_p`` 0 and ``repetition_penalty`` 1 change nothing. ``top_logprobs`` is the
    number of alternatives, or None without log probabilities.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    seed: int | None = None
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalty: float = 1.0
    logit_bias: tuple[tuple[int, float], ...] = ()
    top_logprobs: int | None = None

    @property
    def greedy(self) -> bool:
        """True when the likeliest token is always chosen."""
        return self.temperature < _GREEDY_BELOW

    @property
    def adjusts_scores(self) -> bool:
        """True when earlier tokens or the caller's bias change the scores."""
        return bool(
            self.presence_penalty
            or self.frequency_penalty
            or self.repetition_penalty != 1.0
            or self.logit_bias
        )


@dataclass(frozen=True, slots=True)
class TokenChoice:
    """A chosen token with its log probability under the model, and the likeliest others."""

    token_id: int
    logprob: float
    top: tuple[tuple[int, float], ...]


@dataclass(slots=True)
class Row:
    """Running state of one answer; ``prompt`` is what a repetition penalty counts as well."""

    params: SamplingParams
    matcher: xgrammar.GrammarMatcher | None = None
    prompt: tuple[int, ...] = ()
    choices: list[TokenChoice] = field(default_factory=list)
    seed: int = 0
    position: int = 0
    adjustment: "Adjustment | None" = None

    def __post_init__(self) -> None:
        """Without a seed the row gets one of its own."""
        given = self.params.seed
        self.seed = random.SystemRandom().getrandbits(63) if given is None else given

    @property
    def key(self) -> int:
        """The key of the noise of the next token."""
        return key_of(self.seed, self.position)

    def adjusted(self, scores: torch.Tensor) -> torch.Tensor:
        """The scores of this row after its penalties and bias."""
        if self.adjustment is None:
            self.adjustment = Adjustment(self.params, self.prompt, scores)
        return self.adjustment.apply(scores)


class Adjustment:
    """Penalties and bias of one row, kept on the device of its scores."""

    def __init__(
        self, params: SamplingParams, prompt: tuple[int, ...], scores: torch.Tensor
    ) -> None:
        self._params = params
        self._counts = torch.zeros_like(scores)
        self._seen = torch.zeros_like(scores, dtype=torch.bool)
        self._bias = torch.zeros_like(scores)
        if params.repetition_penalty != 1.0 and prompt:
            self._seen.index_fill_(0, _ids(prompt, scores), value=True)
        if params.logit_bias:
            ids, values = zip(*params.logit_bias, strict=True)
            added = torch.tensor(values, dtype=scores.dtype, device=scores.device)
            self._bias.index_add_(0, _ids(ids, scores), added)

    def apply(self, scores: torch.Tensor) -> torch.Tensor:
        """The adjusted scores."""
        penalty = self._params.repetition_penalty
        if penalty != 1.0:
            repeated = torch.where(scores > 0, scores / penalty, scores * penalty)
            scores = torch.where(self._seen, repeated, scores)
        presence = self._params.presence_penalty * (self._counts > 0)
        return scores - presence - self._params.frequency_penalty * self._counts + self._bias

    def count(self, chosen: torch.Tensor) -> None:
        """Note a chosen token, given as a tensor with one id."""
        self._counts.index_add_(0, chosen, torch.ones_like(chosen, dtype=self._counts.dtype))
        self._seen.index_fill_(0, chosen, value=True)


def _ids(ids: tuple[int, ...], scores: torch.Tensor) -> torch.Tensor:
    return torch.tensor(ids, dtype=torch.int64, device=scores.device)
