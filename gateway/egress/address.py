"""Where an upstream really is: resolved, judged, and then connected to exactly there."""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from gateway.core.errors import UpstreamFailed
from gateway.core.level import Zone
from gateway.core.snapshot import Provider

logger = logging.getLogger(__name__)
_GOOD_FOR_S = 60.0
_NOT_BEFORE_S = 1.0
_PATIENCE_S = 3.0  # with a name service that hangs
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ProviderRefused(Exception):
    """This upstream cannot be used as it is configured; says what to change."""


class Unresolved(ProviderRefused):
    """Its host has no address now."""


@dataclass(frozen=True, slots=True)
class ResolvedHost:
    """Host, port and the addresses that may be connected to."""

    host: str
    port: int
    addresses: tuple[str, ...]


def address_of(provider: Provider) -> SplitResult:
    """The parts of a provider's address.

    Raises:
        ProviderRefused: when it is none.
    """
    try:
        url = urlsplit(provider.base_url)
        url.port  # noqa: B018 - it is read when it is asked for
    except ValueError as error:
        raise ProviderRefused(f"provider {provider.name}: base_url is no address") from error
    return url


def resolve(provider: Provider, internal: list[Network]) -> ResolvedHost:
    """Resolves a provider's host and checks every address it resolves to. Blocks.

    An ``internal`` provider must lie in the internal networks. Link-local addresses (cloud
    metadata) are refused everywhere. Plain http is for loopback only.

    Raises:
        ProviderRefused: with what to change.
    """
    url = address_of(provider)
    host, tls = url.hostname or "", url.scheme == "https"
    port = url.port or (443 if tls else 80)
    addresses = _resolve(host, port, provider.name)
    for address in addresses:
        _judge(address, provider, internal, tls=tls)
    return ResolvedHost(host, port, tuple(map(str, addresses)))


class HostResolver:
    """Where one provider is: it may move, so it is looked for again now and then."""

    def __init__(
        self, resolve_host: Callable[[], ResolvedHost], *, clock: Callable[[], float]
    ) -> None:
        """``resolve_host`` resolves and judges, and blocks; ``clock`` is monotonic seconds."""
        self._resolve_host = resolve_host
        self._clock = clock
        self._place: ResolvedHost | None = None
        self._resolved_at: float | None = None
        self._refreshing: asyncio.Future[None] | None = None

    @property
    def refused(self) -> bool:
        """Whether it was not where it may be when it was last looked for, a moment ago."""
        return self._place is None and not self._is_stale()

    def refresh(self) -> None:
        """Looks for it now. Blocks.

        A host that has no address any more is still where it was, as far as anybody knows.
        """
        try:
            self._place = self._resolve_host()
        except ProviderRefused as refusal:
            if not isinstance(refusal, Unresolved):
                self._place = None
            logger.warning("egress:provider:refused", extra={"reason": str(refusal)})
        self._resolved_at = self._clock()

    def invalidate(self) -> None:
        """It could not be reached there: the next to ask looks again, though not again and again."""
        if self._resolved_at is not None and self._clock() - self._resolved_at > _NOT_BEFORE_S:
            self._resolved_at = None

    async def place(self) -> ResolvedHost:
        """Where it is.

        Raises:
            UpstreamFailed: it has no address, or one where it may not be.
        """
        if self._is_stale():
            await self._refresh_together()
        if self._place is None:
            raise unusable()
        return self._place

    async def _refresh_together(self) -> None:
        """One look for all who ask; who has waited long enough goes on with what was known."""
        refreshing = self._refreshing = self._refreshing or asyncio.ensure_future(
            asyncio.to_thread(self.refresh)
        )
        done, _ = await asyncio.wait([refreshing], timeout=_PATIENCE_S)
        if done:
            self._refreshing = None
            refreshing.result()

    def _is_stale(self) -> bool:
        return self._resolved_at is None or self._clock() - self._resolved_at > _GOOD_FOR_S


def unusable() -> UpstreamFailed:
    """What a caller is told of a provider that was refused."""
    return UpstreamFailed("This provider cannot be used as configured; see the gateway's log.")


def _resolve(
    host: str, port: int, name: str
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise Unresolved(f"provider {name}: host {host!r} cannot be resolved") from error
    addresses = []
    for *_, where in found:
        address = ipaddress.ip_address(str(where[0]).split("%")[0])
        mapped = getattr(address, "ipv4_mapped", None)
        addresses.append(mapped or address)
    return addresses


def _judge(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
    provider: Provider,
    internal: list[Network],
    *,
    tls: bool,
) -> None:
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        raise ProviderRefused(f"provider {provider.name}: {address} is never an upstream")
    if provider.zone is Zone.INTERNAL and not any(address in network for network in internal):
        raise ProviderRefused(
            f"provider {provider.name} is internal, but {address} is in none of "
            "internal_networks; add its network there or correct base_url"
        )
    if not tls and not address.is_loopback:
        raise ProviderRefused(
            f"provider {provider.name}: http is for loopback only; use https for {address}"
        )
