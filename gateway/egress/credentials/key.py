"""The port of credentials, and the one that needs no other party: a key in a header."""

from collections.abc import Mapping
from typing import Protocol

_BEARER = ("authorization", "Bearer ")
_HEADERS = {"anthropic": ("x-api-key", ""), "azure": ("api-key", "")}


class ProviderCredential(Protocol):
    """Makes the headers that prove who sends one request."""

    async def headers(self, target: str, body: bytes) -> Mapping[str, str]:
        """The headers for a body to a path, with its query.

        Raises:
            UpstreamFailed: when there is no credential now.
        """
        ...

    async def close(self) -> None:
        """Closes the connections to whoever issues it."""
        ...


class HeaderKey:
    """The same headers for every request; none without a key."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    async def headers(self, target: str, body: bytes) -> Mapping[str, str]:
        """The header with the key."""
        return self._headers

    async def close(self) -> None:
        """Nothing is open."""


def key_header(kind: str, key: str | None) -> dict[str, str]:
    """The header in which providers of a kind expect a key."""
    if not key:
        return {}
    name, prefix = _HEADERS.get(kind, _BEARER)
    return {name: prefix + key}
