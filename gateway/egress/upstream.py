"""A provider that is ready to be called: checked address, trusted certificates, credential."""

import ipaddress
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from gateway.core.snapshot import AwsSignOn, EntraSignOn, Provider
from gateway.core.system.credentials import AwsCredentials
from gateway.egress.address import HostResolver, Network, ProviderRefused, base_url_of, resolve
from gateway.egress.connection_pool import ConnectionPool, tls_context
from gateway.egress.credentials import (
    AwsSignature,
    EntraToken,
    HeaderKey,
    ProviderCredential,
    TokenEndpoint,
    key_header,
)

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
    references = [provider.api_key, entra.secret if entra else None]
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
    pool, resolver = _pool(material, provider.base_url)
    return Upstream(material, pool, resolver, base, _credential(material))


def _pool(material: Material, address: str) -> tuple[ConnectionPool, HostResolver]:
    """Connections to an address, under the rules for this provider."""
    provider = msgspec.structs.replace(material.provider, base_url=address)
    url = base_url_of(provider)
    tls = _trusted(provider) if url.scheme == "https" else None
    internal: list[Network] = [ipaddress.ip_network(network) for network in material.networks]
    resolver = HostResolver(partial(resolve, provider, internal), clock=time.monotonic)
    resolver.refresh()
    return ConnectionPool(url.netloc.rpartition("@")[2], resolver, tls=tls), resolver


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


def _trusted(provider: Provider) -> ssl.SSLContext:
    try:
        return tls_context(provider.ca)
    except OSError as error:  # errors of TLS are OSErrors
        raise ProviderRefused(
            f"provider {provider.name}: the certificates in {provider.ca} cannot be used"
        ) from error
