"""Resolves a provider's host and checks its addresses. Only checked addresses are connected to."""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import msgspec

from gateway.core.errors import UpstreamFailed
from gateway.core.level import Zone
from gateway.core.snapshot import Provider

logger = logging.getLogger(__name__)
_TTL_S = 60.0
_MIN_REFRESH_S = 1.0
_LOOKUP_TIMEOUT_S = 3.0  # of one caller's wait for a name service that hangs
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ProviderRefused(Exception):
    """This provider cannot be used as configured; the message says what to change."""


class Unresolved(ProviderRefused):
    """The provider's host does not resolve now."""


@dataclass(frozen=True, slots=True)
class ResolvedHost:
    """Host, port and the checked addresses."""

    host: str
    port: int
    addresses: tuple[str, ...]


def base_url_of(provider: Provider) -> SplitResult:
    """Returns the parts of a provider's ``base_url``.

    Raises:
        ProviderRefused: when it is not a URL.
    """
    try:
        url = urlsplit(provider.base_url)
        url.port  # noqa: B018 - the property raises for a port that is not a number
    except ValueError as error:
        raise ProviderRefused(f"provider {provider.name}: base_url is no address") from error
    return url


def resolve(provider: Provider, internal: list[Network]) -> ResolvedHost:
    """Resolves a provider's host and checks every address it resolves to. Blocks.

    An ``internal`` provider must lie in the internal networks. Link-local addresses (cloud
    metadata) are refused everywhere. Plain http is for loopback, and for internal engines that
    state it. A provider outside has no private address unless that is stated.

    Raises:
        ProviderRefused: says what to change.
    """
    url = base_url_of(provider)
    host, tls = url.hostname or "", url.scheme == "https"
    port = url.port or (443 if tls else 80)
    addresses = _resolve(host, port, provider.name)
    for address in addresses:
        _check_address(address, provider, internal, tls=tls)
    return ResolvedHost(host, port, tuple(map(str, addresses)))


def resolve_proxy(provider: Provider) -> ResolvedHost:
    """Resolves the host of the proxy of a provider. Blocks.

    Raises:
        ProviderRefused: when it has no address, or one that is never a proxy.
    """
    url = base_url_of(msgspec.structs.replace(provider, base_url=provider.proxy or ""))
    host, port = url.hostname or "", url.port or 80
    addresses = _resolve(host, port, provider.name)
    for address in addresses:
        _refuse_special(address, provider)
    return ResolvedHost(host, port, tuple(map(str, addresses)))


class HostResolver:
    """The resolved host of one provider, resolved again after a minute."""

    def __init__(
        self, resolve_host: Callable[[], ResolvedHost], *, clock: Callable[[], float]
    ) -> None:
        """``resolve_host`` resolves, checks and blocks; ``clock`` is monotonic seconds."""
        self._resolve_host = resolve_host
        self._clock = clock
        self._resolved: ResolvedHost | None = None
        self._resolved_at: float | None = None
        self._refreshing: asyncio.Future[None] | None = None

    @property
    def refused(self) -> bool:
        """Whether the latest resolution, within the last minute, gave no allowed address."""
        return self._resolved is None and not self._is_stale()

    def refresh(self) -> None:
        """Resolves the host now. Blocks.

        A host that no longer resolves keeps its last addresses.
        """
        try:
            self._resolved = self._resolve_host()
        except ProviderRefused as refusal:
            if not isinstance(refusal, Unresolved):
                self._resolved = None
            logger.warning(
                "egress:provider:refused correct the provider in sluis.yaml, or what it names",
                extra={"reason": str(refusal)},
            )
        self._resolved_at = self._clock()

    def invalidate(self) -> None:
        """Marks the addresses as unreachable: the next caller resolves, at most once a second."""
        if self._resolved_at is not None and self._clock() - self._resolved_at > _MIN_REFRESH_S:
            self._resolved_at = None

    async def resolved(self) -> ResolvedHost:
        """Returns the resolved host.

        Raises:
            UpstreamFailed: when it has no address, or one that is not allowed.
        """
        if self._is_stale():
            await self._refresh_once()
        if self._resolved is None:
            raise provider_unusable()
        return self._resolved

    async def _refresh_once(self) -> None:
        """Resolves once for all callers; one whose wait times out goes on with the last result."""
        refreshing = self._refreshing = self._refreshing or asyncio.ensure_future(
            asyncio.to_thread(self.refresh)
        )
        done, _ = await asyncio.wait([refreshing], timeout=_LOOKUP_TIMEOUT_S)
        if done:
            self._refreshing = None
            refreshing.result()

    def _is_stale(self) -> bool:
        return self._resolved_at is None or self._clock() - self._resolved_at > _TTL_S


def provider_unusable() -> UpstreamFailed:
    """Returns the error that a caller gets for a refused provider."""
    return UpstreamFailed("This provider cannot be used as configured; see the gateway's log.")


def _resolve(
    host: str, port: int, name: str
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise Unresolved(f"provider {name}: host {host!r} cannot be resolved") from error
    addresses = []
    for *_, sockaddr in results:
        address = ipaddress.ip_address(str(sockaddr[0]).split("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        addresses.append(mapped or address)
    return addresses


def _check_address(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
    provider: Provider,
    internal: list[Network],
    *,
    tls: bool,
) -> None:
    _refuse_special(address, provider)
    if provider.zone is Zone.INTERNAL and not any(address in network for network in internal):
        raise ProviderRefused(
            f"provider {provider.name} is internal, but {address} is in none of "
            "internal_networks; add its network there or correct base_url"
        )
    if provider.zone is not Zone.INTERNAL and _is_refused_as_private(address, provider):
        raise ProviderRefused(
            f"provider {provider.name}: {address} is a private address; if it is a private "
            "endpoint of that provider, state private_address: true"
        )
    if not (tls or address.is_loopback or (provider.plain_http and provider.zone is Zone.INTERNAL)):
        raise ProviderRefused(
            f"provider {provider.name}: http is for loopback only; use https for {address}, or "
            "state plain_http: true for an internal engine"
        )


def _refuse_special(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, provider: Provider
) -> None:
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        raise ProviderRefused(f"provider {provider.name}: {address} is never an upstream")


def _is_refused_as_private(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, provider: Provider
) -> bool:
    """A commercial provider at a private address is a mistake, unless it is stated.

    Private endpoints (AWS PrivateLink, Azure Private Link) have such addresses. What was in force
    before it was asked stays.
    """
    return address.is_private and not address.is_loopback and provider.private_address is False
