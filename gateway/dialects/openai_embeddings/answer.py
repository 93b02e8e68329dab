"""The form of an answer with embeddings. It holds no text: what is no vector does not pass."""

import binascii
from typing import Any

import msgspec

from gateway.core.errors import UpstreamFailed
from gateway.dialects.base import Body

_FLOAT_BYTES = 4  # base64 holds float32, little-endian


class _Embedding(msgspec.Struct):
    embedding: list[float] | str
    index: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int
    total_tokens: int | None = None


class _Answer(msgspec.Struct):
    data: list[_Embedding] | None = None
    model: str = ""
    usage: _Usage | None = None
    error: Any = None
    detail: Any = None


_DECODER = msgspec.json.Decoder(_Answer)


def read_embeddings(data: bytes) -> Body:
    """The answer with its known fields only, the vectors in the order of the inputs.

    Raises:
        UpstreamFailed: when it is an error, holds no vectors, or has another form.
    """
    try:
        answer = _DECODER.decode(data)
    except msgspec.DecodeError as error:
        raise UpstreamFailed("The provider's answer holds no embeddings.") from error
    if answer.error is not None or answer.detail is not None:
        raise UpstreamFailed("The provider reported an error.")
    body: Body = {"object": "list", "data": _in_order(answer.data or []), "model": answer.model}
    if answer.usage is not None:
        prompt = answer.usage.prompt_tokens
        total = answer.usage.total_tokens
        body["usage"] = {
            "prompt_tokens": prompt,
            "total_tokens": prompt if total is None else total,
        }
    return body


def _in_order(embeddings: list[_Embedding]) -> list[Body]:
    """Clients match vectors with inputs by their place, so every index must be there once."""
    by_index: dict[int, Body] = {}
    for place, given in enumerate(embeddings):
        index = place if given.index is None else given.index
        if not given.embedding or (
            isinstance(given.embedding, str) and not _is_vector(given.embedding)
        ):
            raise UpstreamFailed("An embedding of the provider's answer is no vector.")
        by_index[index] = {"object": "embedding", "index": index, "embedding": given.embedding}
    if not embeddings or by_index.keys() != set(range(len(embeddings))):
        raise UpstreamFailed("The provider's answer lacks an embedding of an input.")
    return [by_index[index] for index in range(len(embeddings))]


def _is_vector(text: str) -> bool:
    """Whether a text is base64 of whole numbers of float32."""
    try:
        return len(binascii.a2b_base64(text, strict_mode=True)) % _FLOAT_BYTES == 0
    except ValueError:
        return False
