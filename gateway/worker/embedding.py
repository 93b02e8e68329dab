"""Embeddings: the last hidden states of a model, their mean over the tokens, of length one."""

import asyncio
import base64
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from gateway.core.errors import InvalidRequest
from gateway.worker.loader import LoadedModel

_FIELDS = frozenset({"model", "input", "encoding_format", "dimensions", "user"})
_FORMATS = ("float", "base64")
_MOST_INPUTS = 2048  # of one request, as OpenAI has it


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """A validated request; an input is a text or token ids."""

    model: str
    inputs: tuple[str | list[int], ...]
    base64: bool
    dimensions: int | None


def parse_embedding(body: object) -> EmbeddingRequest:
    """Validate a decoded JSON body.

    Raises:
        InvalidRequest: names the field that is wrong.
    """
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object.")
    unknown = sorted(str(name) for name in body.keys() - _FIELDS if body[name] is not None)
    if unknown:
        raise InvalidRequest(
            "This model worker does not do what this field asks for: leave it out.",
            param=unknown[0],
        )
    model, dimensions = body.get("model"), body.get("dimensions")
    if not isinstance(model, str) or not model:
        raise InvalidRequest("model must be a text.", param="model")
    written = body.get("encoding_format") or _FORMATS[0]
    if written not in _FORMATS:
        raise InvalidRequest("encoding_format is float or base64.", param="encoding_format")
    if dimensions is not None and (type(dimensions) is not int or dimensions < 1):
        raise InvalidRequest("dimensions must be a whole number from 1.", param="dimensions")
    return EmbeddingRequest(model, _inputs(body.get("input")), written == _FORMATS[1], dimensions)


def _inputs(given: object) -> tuple[str | list[int], ...]:
    whole = isinstance(given, str) or _are_ids(given)
    inputs = [given] if whole else given
    if not isinstance(inputs, list) or not inputs or len(inputs) > _MOST_INPUTS:
        raise InvalidRequest(
            f"input must be a text, token ids, or a list of 1 to {_MOST_INPUTS} of them.",
            param="input",
        )
    if not all((isinstance(one, str) and one) or _are_ids(one) for one in inputs):
        raise InvalidRequest("Each input must be a text or token ids, not empty.", param="input")
    return tuple(inputs)


def _are_ids(given: object) -> bool:
    return isinstance(given, list) and bool(given) and all(type(one) is int for one in given)


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Vectors in the order of the inputs, and the tokens that were read."""

    vectors: Sequence[Sequence[float]]
    tokens: int

    def body(self, name: str, *, as_base64: bool) -> Mapping[str, Any]:
        """The answer in OpenAI's form."""
        data = [
            {
                "object": "embedding",
                "index": at,
                "embedding": _base64(vector) if as_base64 else vector,
            }
            for at, vector in enumerate(self.vectors)
        ]
        usage = {"prompt_tokens": self.tokens, "total_tokens": self.tokens}
        return {"object": "list", "data": data, "model": name, "usage": usage}


def _base64(vector: Sequence[float]) -> str:
    return base64.b64encode(torch.tensor(vector, dtype=torch.float32).numpy().tobytes()).decode()


class Embedder:
    """Embeds with the weights of a loaded model, beside its batch of answers."""

    def __init__(self, loaded: LoadedModel) -> None:
        """Made before the batch, whose passes change the configuration while they run."""
        self._loaded = loaded
        config = loaded.model.config
        self._copied: dict[int, Any] = {}  # the configuration, and its parts, as they are now
        copy.deepcopy(config, self._copied)
        self._size = int(config.get_text_config().hidden_size)

    @cached_property
    def _model(self) -> Any:
        """The model without its head, which costs as much as the rest.

        Of one with a batch a tree of its own over the same weights, made when it is first needed.
        """
        inner = self._loaded.model.base_model
        if not self._loaded.base.generates:
            return inner
        shared = {id(tensor): tensor for tensor in (*inner.parameters(), *inner.buffers())}
        return copy.deepcopy(inner, self._copied | shared)

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """The vectors of a request; ends between two passes when it is cancelled.

        Raises:
            InvalidRequest: when an input does not fit, or other dimensions are asked for.
        """
        if request.dimensions not in (None, self._size):
            raise InvalidRequest(
                f"This model gives {self._size} dimensions, and no other number.",
                param="dimensions",
            )
        ids = await asyncio.to_thread(self._tokens, request)
        vectors: dict[int, list[float]] = {}
        for places in _passes(ids, self._loaded.plan.max_batch_tokens):
            found = await asyncio.to_thread(self._pass, [ids[place] for place in places])
            vectors |= zip(places, found, strict=True)
        return Embeddings([vectors[place] for place in range(len(ids))], sum(map(len, ids)))

    def _tokens(self, request: EmbeddingRequest) -> list[list[int]]:
        tokenizer = self._loaded.tokenizer
        limit = min(self._loaded.context, tokenizer.model_max_length)
        found = []
        for one in request.inputs:
            ids = [int(id_) for id_ in tokenizer(one)["input_ids"]] if isinstance(one, str) else one
            if not ids or min(ids) < 0 or max(ids) >= self._loaded.vocab_size:
                raise InvalidRequest("An input makes no tokens of this model.", param="input")
            if len(ids) > limit:
                raise InvalidRequest(
                    f"This model takes at most {limit} tokens; an input has {len(ids)}.",
                    code="context_length_exceeded",
                    param="input",
                )
            found.append(ids)
        return found

    def _pass(self, ids: Sequence[Sequence[int]]) -> list[list[float]]:
        cached = {"use_cache": False} if self._loaded.base.generates else {}
        vectors: list[list[float]] = mean_vectors(self._model, ids, **cached).tolist()
        return vectors


@torch.inference_mode()
def mean_vectors(model: Any, ids: Sequence[Sequence[int]], **options: bool) -> torch.Tensor:
    """The normalised mean of the last states of each input, of one pass through a model.

    Shorter inputs are filled up and masked. All tensors are made on the device of the model.
    """
    longest = max(map(len, ids))
    filled = [[*one, *[0] * (longest - len(one))] for one in ids]
    mask = [[1] * len(one) + [0] * (longest - len(one)) for one in ids]
    attended = torch.tensor(mask, device=model.device)
    given = {"input_ids": torch.tensor(filled, device=model.device), "attention_mask": attended}
    states = model(**given, **options).last_hidden_state.float()
    weights = attended.unsqueeze(-1).to(states.dtype)
    means = (states * weights).sum(1) / weights.sum(1)
    return torch.nn.functional.normalize(means, dim=-1)


def _passes(ids: Sequence[Sequence[int]], most: int) -> Iterator[list[int]]:
    """The places of inputs that go through the model together: those of like length."""
    places = sorted(range(len(ids)), key=lambda place: len(ids[place]))
    together: list[int] = []
    for place in places:
        if together and (len(together) + 1) * len(ids[place]) > most:
            yield together
            together = []
        together.append(place)
    if together:
        yield together
