"""How a request is written for a provider: by the caller's dialect and the kind of provider."""

import hashlib
from collections.abc import Mapping
from typing import Protocol

import msgspec

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
        self, body: Body, model: str, *, api_key: str | None
    ) -> tuple[WireRequest, ResponseParser]:
        """The departure for a checked body, and the parser of its answer."""
        ...


WireFormats = Mapping[tuple[str, str], WireFormat]  # by name of the dialect and kind of provider


class NativeFormat:
    """For providers that speak the caller's dialect themselves."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    async def write(
        self, body: Body, model: str, *, api_key: str | None
    ) -> tuple[WireRequest, ResponseParser]:
        """Writes the body anew, with the provider's name of the model."""
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        written = self._dialect.write(body, model)
        return WireRequest(self._dialect.upstream_path, written, headers), self._dialect
