"""A provider that is ready to be called: checked address, trusted certificates, credential."""

import ipaddress
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import msgspec

from gateway.core.snapshot import AwsSignOn, EntraSignOn, Provider
from gateway.core.system.credentials import AwsCredentials
from gateway.egress.address import (
    HostResolver,
    Network,
    ProviderRefused,
    base_url_of,
    resolve,
    resolve_proxy,
)
from gateway.egress.connection_pool import ConnectionPool, tls_context
from gateway.egress.credentials import (
    AwsSignature,
    EntraToken,
    HeaderKey,
    ProviderCredential,
    TokenEndpoint,
    key_header,
)
from gateway.egress.served_names import ServedNames
from gateway.egress.tunnel import Tunnel

_AZURE_V1 = "/openai/v1"  # the documented base URL has it; the path of a request adds it


@dataclass(frozen=True, slots=True, repr=False)  # it holds secrets
class Material:
    """All that connections to a provider are made of; equal material, equal connections.

    ``secrets`` are the values of ``env:NAME`` references, None for a variable that is not set.
    ``ca_changed`` is when the file of certificates was changed.
    """

    provider: Provider
    networks: tuple[str, ...]
    secrets: Mapping[str, str | None]
    worker_token: str | None
    ca_changed: int


@dataclass(frozen=True, slots=True, repr=False)
class Upstream:
    """Connections to one provider, below the path ``base``."""

    material: Material
    pool: ConnectionPool
    resolver: HostResolver
    base: str
    credential: ProviderCredential
    served: ServedNames = field(default_factory=ServedNames)

    @property
    def proxy(self) -> str | None:
        """Host and port of the proxy on the way, or None."""
        return urlsplit(self.material.provider.proxy or "").netloc or None

    async def close(self) -> None:
        """Closes all connections."""
        await self.pool.close()
        await self.credential.close()


def material_of(
    provider: Provider,
    networks: tuple[str, ...],
    secret: Callable[[str], str | None],
    worker_token: str,
) -> Material:
    """What a provider's connections would be made of now."""
    entra, aws = provider.entra, provider.aws
    references = [provider.api_key, provider.proxy_auth, entra.secret if entra else None]
    if aws:
        references += [aws.access_key, aws.secret_key, aws.session_token]
    return Material(
        provider,
        networks,
        {reference: secret(reference) for reference in references if reference},
        worker_token if provider.kind == "worker" else None,
        _changed(provider.ca),
    )


def prepare(material: Material) -> Upstream:
    """Blocks while the hosts are resolved.

    Raises:
        ProviderRefused: when the provider's configuration cannot be used.
    """
    provider = material.provider
    base = base_url_of(provider).path.rstrip("/")
    if provider.kind == "azure":
        base = base.removesuffix(_AZURE_V1)
    pool, resolver = _pool(material, provider.base_url, content=True)
    return Upstream(material, pool, resolver, base, _credential(material))


def _pool(
    material: Material, address: str, *, content: bool = False
) -> tuple[ConnectionPool, HostResolver]:
    """Connections to an address, under the rules for this provider.

    Where ``content`` goes, pins hold, and behind a proxy no authority but the provider's own.
    """
    provider = msgspec.structs.replace(material.provider, base_url=address)
    url, tunnel = base_url_of(provider), None
    internal: list[Network] = [ipaddress.ip_network(network) for network in material.networks]
    find = partial(resolve, provider, internal)
    if provider.proxy:
        tunnel, find = _tunnel(material, url), partial(resolve_proxy, provider)
    resolver = HostResolver(find, clock=time.monotonic)
    resolver.refresh()
    tls = _trusted(provider, only=content and tunnel is not None)
    pool = ConnectionPool(
        url.netloc.rpartition("@")[2],
        resolver,
        tls=tls if url.scheme == "https" else None,
        tunnel=tunnel,
        pins=provider.pins if content else (),
    )
    return pool, resolver


def _tunnel(material: Material, url: SplitResult) -> Tunnel:
    """The way through the provider's proxy."""
    provider = material.provider
    if url.scheme != "https":
        raise ProviderRefused(f"provider {provider.name}: a proxy needs https")
    proxy = urlsplit(provider.proxy or "").netloc
    credential = _secret(material, provider.proxy_auth)
    return Tunnel(proxy, url.hostname or "", url.port or 443, credential)


def _credential(material: Material) -> ProviderCredential:
    provider = material.provider
    if provider.entra:
        return _entra(material, provider.entra)
    if provider.aws:
        return _aws(material, provider.aws)
    key = _secret(material, provider.api_key) or material.worker_token
    return HeaderKey(key_header(provider.kind, key))


def _entra(material: Material, sign_on: EntraSignOn) -> ProviderCredential:
    path = f"/{sign_on.tenant}/oauth2/v2.0/token"
    endpoint = _endpoint(material, sign_on.authority.rstrip("/") + path)
    return EntraToken(sign_on, _secret(material, sign_on.secret), endpoint)


def _aws(material: Material, sign_on: AwsSignOn) -> ProviderCredential:
    own, sts = None, None
    key_id, secret = _secret(material, sign_on.access_key), _secret(material, sign_on.secret_key)
    if key_id and secret:
        token = _secret(material, sign_on.session_token) or ""
        own = AwsCredentials(key_id, secret, token)
    if sign_on.role:
        address = sign_on.sts or f"https://sts.{sign_on.region}.amazonaws.com/"
        sts = _endpoint(material, address), _host(material, address)
    return AwsSignature(sign_on, own, host=_host(material, material.provider.base_url), sts=sts)


def _endpoint(material: Material, address: str) -> TokenEndpoint:
    url = base_url_of(msgspec.structs.replace(material.provider, base_url=address))
    return TokenEndpoint(_pool(material, address)[0], url.path or "/")


def _host(material: Material, address: str) -> str:
    url = base_url_of(msgspec.structs.replace(material.provider, base_url=address))
    return url.netloc.rpartition("@")[2]


def _secret(material: Material, reference: str | None) -> str | None:
    """The value of a reference.

    Raises:
        ProviderRefused: when it does not fit into a header.
    """
    value = material.secrets.get(reference) if reference else None
    if value and not (value.isascii() and value.isprintable()):
        name = material.provider.name
        raise ProviderRefused(f"provider {name}: {reference} does not fit into a header")
    return value


def _changed(path: str | None) -> int:
    """When a file of certificates was changed: it may hold others then. 0 without one."""
    try:
        return Path(path).stat().st_mtime_ns if path else 0
    except OSError:
        return 0


def _trusted(provider: Provider, *, only: bool) -> ssl.SSLContext:
    try:
        return tls_context(provider.ca, only=only)
    except OSError as error:  # errors of TLS are OSErrors
        raise ProviderRefused(
            f"provider {provider.name}: the certificates in {provider.ca} cannot be used"
        ) from error
