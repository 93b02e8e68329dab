"""The OpenAI embeddings dialect, towards callers and towards providers."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import orjson

from gateway.core.errors import InvalidRequest, Refusal, UpstreamFailed
from gateway.core.fields import Path
from gateway.core.http_errors import body_of
from gateway.core.origin import Origin
from gateway.core.usage import Usage
from gateway.dialects.base import AnswerTexts, Body, DocumentPart, RequestFacts, usage_of
from gateway.dialects.openai_embeddings.answer import read_embeddings

_MOST_INPUTS = 2048  # of one request, as OpenAI has it
_NOT_STREAMED = "Embeddings are not streamed."


class EmbeddingsAnswer:
    """Vectors hold no text, so that there is nothing to govern or to restore."""

    def mark(self, fields: Body) -> None:
        """Vectors carry none."""

    def whole(self, answer: Body) -> Body:
        """The answer as it was read."""
        return answer

    def chunk(self, chunk: Body) -> Iterator[Body]:
        """Never called: ``facts`` refuses streams."""
        raise NotImplementedError(_NOT_STREAMED)

    def end(self, usage: Usage | None) -> Iterator[Body]:
        """Never called: ``facts`` refuses streams."""
        raise NotImplementedError(_NOT_STREAMED)

    def last_frame(self, refusal: Refusal | None) -> bytes:
        """There are no streams in this dialect."""
        raise NotImplementedError(_NOT_STREAMED)


class OpenAIEmbeddings:
    """Embeddings; native for OpenAI and vLLM. Never streamed."""

    name = "embeddings"
    path = "/v1/embeddings"
    upstream_path = "/embeddings"
    native_kinds = frozenset({"openai", "azure", "vllm", "worker"})
    operation = "embeddings"
    header_fields: Mapping[str, str] = {}
    conversations = None

    def facts(self, body: Body) -> RequestFacts:
        """Facts of a clean body. Vectors of another model cannot stand in for those of this one.

        Raises:
            InvalidRequest: names the field at fault in ``param``.
        """
        if not isinstance(body.get("model"), str):
            raise InvalidRequest("'model' is required.", param="model")
        if body.get("stream"):
            raise InvalidRequest(f"{_NOT_STREAMED} Leave 'stream' out.", param="stream")
        _check_input(body.get("input"))
        return RequestFacts(
            model=body["model"], streams=False, wants_usage=False, most_output=0, only_model=True
        )

    def origin_of(self, body: Body) -> Callable[[Path], Origin]:
        """An embedded text is part of no conversation."""
        return lambda _: Origin.OTHER

    def by_model(self, body: Body) -> Callable[[Path], bool]:
        """No text of it."""
        del body
        return lambda _: False

    def conversation(self, body: Body) -> str | None:
        """The same for all requests: equal values need equal placeholders in one index."""
        return "embeddings"

    def input_size(self, body: Body) -> int:
        """Bytes of all inputs."""
        return len(orjson.dumps(body["input"]))

    def document(self, body: Body, path: Path) -> DocumentPart:
        """There are no files in this dialect."""
        raise NotImplementedError

    def write(self, body: Body, model: str) -> bytes:
        """The body with the provider's name of the model, without what only streams have."""
        sent = {**body, "model": model}
        sent.pop("stream", None)
        return orjson.dumps(sent)

    async def read_answer(self, data: bytes) -> Body:
        """The vectors, in the order of the inputs.

        Raises:
            UpstreamFailed: when it is an error or has an unknown form.
        """
        return read_embeddings(data)

    def read_stream(self, events: AsyncIterator[bytes]) -> AsyncIterator[Body]:
        """There are no streams in this dialect."""
        raise UpstreamFailed(_NOT_STREAMED)

    def usage(self, answer: Body) -> Usage | None:
        """Input tokens only: vectors have none."""
        usage = answer.get("usage")
        return usage_of(usage["prompt_tokens"], 0) if usage else None

    def walker(self, texts: AnswerTexts) -> EmbeddingsAnswer:
        """A walker, which has nothing to walk over."""
        return EmbeddingsAnswer()

    def error_body(self, refusal: Refusal) -> Body:
        """OpenAI's error object."""
        return body_of(refusal)

    def frame(self, event: Body) -> bytes:
        """There are no streams in this dialect."""
        raise NotImplementedError(_NOT_STREAMED)


def _check_input(given: Any) -> None:
    """Whether the input is a text, token ids, or a list of either.

    Raises:
        InvalidRequest: when it is empty, mixed, nested more deeply or too long.
    """
    if not given:
        raise InvalidRequest(
            "'input' must be a text, a list of texts, token ids, or a list of token ids.",
            param="input",
        )
    if isinstance(given, str) or _are_ids(given):
        return
    if not (all(isinstance(one, str) for one in given) or all(map(_are_ids, given))):
        raise InvalidRequest(
            "'input' must hold texts only, or lists of token ids only.", param="input"
        )
    if len(given) > _MOST_INPUTS:
        raise InvalidRequest(
            f"'input' has more than {_MOST_INPUTS} inputs. Send several requests.",
            code="request_too_complex",
            param="input",
        )


def _are_ids(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(type(one) is int for one in given)
