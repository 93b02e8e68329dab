"""How a request is written for a provider: by the caller's dialect and the kind of provider."""

import hashlib
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote

import msgspec

from gateway.core.snapshot import Provider
from gateway.dialects.base import Body, Dialect, ResponseParser


class WireRequest(msgspec.Struct, frozen=True):
    """The exact bytes of one departure, their path below the base URL, and extra headers."""

    path: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of the body, in hex, as the intent records it."""
        return hashlib.sha256(self.body).hexdigest()


class WireFormat(Protocol):
    """Writes bodies of one dialect for providers of one kind."""

    async def write(
        self, body: Body, model: str, provider: Provider
    ) -> tuple[WireRequest, ResponseParser]:
        """The departure for a checked body, and the parser of its answer."""
        ...


WireFormats = Mapping[tuple[str, str], WireFormat]  # by name of the dialect and kind of provider


class NativeFormat:
    """For providers that speak the caller's dialect themselves."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    async def write(
        self, body: Body, model: str, provider: Provider
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body anew, with the provider's name of the model."""
        path = _path_at(provider, self._dialect.upstream_path, model)
        return WireRequest(path, self._dialect.write(body, model), {}), self._dialect


def with_its_limit(chat: Body, provider: Provider) -> Body:
    """A chat completion request with the limit of output under the name that a provider knows.

    Reasoning models of OpenAI refuse ``max_tokens``; many servers of its dialect know no other.
    """
    if "max_tokens" not in chat or not (provider.is_openai or provider.kind == "azure"):
        return chat
    renamed = {name: value for name, value in chat.items() if name != "max_tokens"}
    return {**renamed, "max_completion_tokens": chat["max_tokens"]}


def _path_at(provider: Provider, path: str, model: str) -> str:
    """The path of an operation below a provider's base URL.

    Source: Azure OpenAI in Foundry Models REST API, for its v1 API and for dated versions.
    """
    if provider.kind != "azure":
        return path
    if provider.api_version is None:
        return f"/openai/v1{path}"
    deployment = quote(model, safe="")
    return f"/openai/deployments/{deployment}{path}?api-version={provider.api_version}"
