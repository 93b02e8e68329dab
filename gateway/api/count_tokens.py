"""``POST /v1/messages/count_tokens``: how many tokens a request would have, as it is metered."""

from gateway.api.asgi import Send, send_json
from gateway.api.headers import headers_of
from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import InvalidRequest, UnknownModel
from gateway.core.fields import BodyLimits
from gateway.core.principal import Principal
from gateway.core.system.off_loop import off_loop
from gateway.dialects.base import Dialect
from gateway.request.context import IncomingRequest
from gateway.request.departure import tokens_of
from gateway.request.pipeline import Pipeline


class CountTokensEndpoint:
    """An estimate from the size of the input; no provider is asked."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def __call__(self, incoming: IncomingRequest, send: Send) -> None:
        """``{"model", "messages", ...}`` to ``{"input_tokens"}``.

        Raises:
            Refusal: when the caller or the model is not known, or the body is not as it should be.
        """
        async with self._pipeline.recorded(incoming, "messages:tokens:count") as admitted:
            data = await incoming.read()
            model, counted = await off_loop(len(data), _counted, data, incoming.dialect, *admitted)
            incoming.record.note(model=model)
        await send_json(
            send, 200, {"input_tokens": counted}, headers_of(incoming.record, on_record=True)
        )


def _counted(
    data: bytes, dialect: Dialect, compiled: CompiledSnapshot, principal: Principal
) -> tuple[str, int]:
    """The model of a body within the limits of its dialect, and its tokens.

    Raises:
        InvalidRequest: when it lacks a field, or policy does not offer the dialect.
        UnknownModel: when the caller may not use the model.
    """
    if dialect.name not in compiled.policy.fields:
        raise InvalidRequest("Policy does not offer this endpoint.", code="not_found")
    body = (compiled.policy.limits.get(dialect.name) or BodyLimits()).parse(data)
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        raise InvalidRequest("'messages' must be a list.", param="messages")
    model = body.get("model")
    if not isinstance(model, str) or model not in compiled.catalogue.names(principal):
        raise UnknownModel("This model does not exist or your key may not use it.", param="model")
    return model, tokens_of(dialect, body)
