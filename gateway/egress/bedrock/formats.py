"""How requests are written for Amazon Bedrock. The model is in the path, and so is streaming."""

from urllib.parse import quote

import orjson

from gateway.core.errors import UpstreamFailed
from gateway.core.snapshot import Provider
from gateway.dialects.base import Body, ResponseParser
from gateway.egress.bedrock.converse_answer import ConverseParser
from gateway.egress.bedrock.outbound_check import check
from gateway.egress.translator.client import Translator
from gateway.egress.wire import WireFormat, WireRequest

_VERSION = "bedrock-2023-05-31"
_ANTHROPIC = "anthropic."  # in the id of each of its models, and of its inference profiles


class OnBedrock:
    """Anthropic's models in their own dialect, the others by Converse."""

    def __init__(self, anthropic: WireFormat, others: WireFormat) -> None:
        self._anthropic = anthropic
        self._others = others

    async def write(
        self, body: Body, model: str, provider: Provider
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body as this model takes it."""
        wire = self._anthropic if _ANTHROPIC in model else self._others
        return await wire.write(body, model, provider)


class InvokedMessages:
    """A Messages request as the body of InvokeModel."""

    def __init__(self, messages: WireFormat) -> None:
        """``messages`` writes Messages requests."""
        self._messages = messages

    async def write(
        self, body: Body, model: str, provider: Provider
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body without the model, and with the version and features as fields."""
        written, parser = await self._messages.write(body, model, provider)
        sent = orjson.loads(written.body)
        del sent["model"]
        operation = "invoke-with-response-stream" if sent.pop("stream", False) else "invoke"
        sent["anthropic_version"] = _VERSION
        if betas := written.headers.get("anthropic-beta"):
            sent["anthropic_beta"] = betas.split(",")
        return WireRequest(_path(model, operation), orjson.dumps(sent), {}), parser


class ConverseFormat:
    """Chat completions by the Converse API, written by the translator."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    async def write(
        self, body: Body, model: str, provider: Provider
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body as a Converse request; what the translator wrote is checked here.

        Raises:
            InvalidRequest: when the request has no form for this model.
            UpstreamFailed: when it cannot be translated.
        """
        answer = await self._translator.ask({"op": "converse", "body": body, "model": model})
        sent = answer["body"]
        if not isinstance(sent, dict):
            raise UpstreamFailed("The translator wrote no request.")
        check(sent)
        operation = "converse-stream" if body.get("stream") else "converse"
        written = WireRequest(_path(model, operation), orjson.dumps(sent), {})
        return written, ConverseParser(model)


def _path(model: str, operation: str) -> str:
    return f"/model/{quote(model, safe='')}/{operation}"
