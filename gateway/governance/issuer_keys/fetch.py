"""Fetches the signing keys that an issuer publishes (OpenID Connect Discovery, RFC 7517)."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from gateway.core.snapshot import Issuer
from gateway.core.system.authorities import system_authorities
from gateway.identity import looks_like_token

MAX_DOCUMENT = 256 * 1024  # bytes
MAX_KEYS = 50
FAULTS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    msgspec.MsgspecError,
    ValueError,
    RecursionError,
    OSError,
)
_TIMEOUT_S = 5  # of each step
_IN_ALL_S = 15  # a provider that sends byte by byte holds up no sign-in longer
_DISCOVERY = "/.well-known/openid-configuration"
_Jwk = dict[str, str | int | float | bool | list[str] | None]
T = TypeVar("T")


class FetchedKeys(msgspec.Struct, frozen=True):
    """A JWK set, and the algorithms that the discovery document names."""

    keys: dict[str, Any]
    published: list[str] = []


class Discovered(msgspec.Struct):
    """The fields of a discovery document that are used."""

    issuer: str
    jwks_uri: str
    id_token_signing_alg_values_supported: list[str] = []
    authorization_endpoint: str = ""
    token_endpoint: str = ""


class _KeySet(msgspec.Struct):
    """A JWK set."""

    keys: list[msgspec.Raw]


async def fetch(issuer: Issuer) -> FetchedKeys:
    """The keys of an issuer now.

    Raises:
        Exception: one of ``FAULTS``, when they cannot be read or are too many.
    """
    async with asyncio.timeout(_IN_ALL_S):
        return await _fetched(issuer)


async def discover(issuer: Issuer) -> Discovered:
    """The discovery document of an issuer.

    Raises:
        Exception: one of ``FAULTS``, when it cannot be read or is of another issuer.
    """
    async with asyncio.timeout(_IN_ALL_S), _client(issuer) as client:
        return await _discovered(client, issuer)


def connection_of(issuer: Issuer) -> dict[str, Any]:
    """How an issuer is reached, as arguments of an HTTP client."""
    own = issuer.ca
    return {
        "timeout": _TIMEOUT_S,
        "follow_redirects": False,
        "trust_env": False,
        "verify": ssl.create_default_context(cafile=own) if own else system_authorities(),
        "proxy": issuer.proxy or None,
    }


def _client(issuer: Issuer) -> httpx.AsyncClient:
    headers = {"accept": "application/json"}
    if issuer.bearer_file:
        headers["authorization"] = f"Bearer {_bearer(Path(issuer.bearer_file))}"
    return httpx.AsyncClient(headers=headers, **connection_of(issuer))


async def _discovered(client: httpx.AsyncClient, issuer: Issuer) -> Discovered:
    found = await _read(client, issuer.issuer.rstrip("/") + _DISCOVERY, Discovered)
    if found.issuer != issuer.issuer:
        raise ValueError("the discovery document names another issuer")
    return found


async def _fetched(issuer: Issuer) -> FetchedKeys:
    async with _client(issuer) as client:
        if issuer.jwks_uri:
            return FetchedKeys(await _jwks(client, issuer.jwks_uri))
        found = await _discovered(client, issuer)
        if issuer.bearer_file and urlsplit(found.jwks_uri)[:2] != urlsplit(issuer.issuer)[:2]:
            raise ValueError(
                "the keys are on another host, which must not get the bearer: say jwks_uri"
            )
        return FetchedKeys(
            await _jwks(client, found.jwks_uri), found.id_token_signing_alg_values_supported
        )


def _bearer(path: Path) -> str:
    token = path.read_text(encoding="ascii").strip()
    if not looks_like_token(token):
        raise ValueError("bearer_file holds no token")
    return token


async def _jwks(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    listed = (await _read(client, url, _KeySet)).keys
    if len(listed) > MAX_KEYS:
        raise ValueError(f"more than {MAX_KEYS} keys")
    keys = []
    for one in listed:
        with suppress(msgspec.MsgspecError):  # skip what is not a key of a known standard
            keys.append(msgspec.json.decode(one, type=_Jwk))
    return {"keys": keys}


async def _read(client: httpx.AsyncClient, url: str, kind: type[T]) -> T:
    body = bytearray()
    async with client.stream("GET", url) as answer:
        answer.raise_for_status()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > MAX_DOCUMENT:
                raise ValueError(f"a document of more than {MAX_DOCUMENT} bytes")
    return msgspec.json.decode(bytes(body), type=kind)
