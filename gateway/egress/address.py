"""Where an upstream really is: resolved once, judged, and then connected to exactly there."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.core.level import Zone
from gateway.core.snapshot import Provider

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class AddressRefused(Exception):
    """This upstream's address is not where its zone says that it may be."""


@dataclass(frozen=True, slots=True)
class Place:
    """Host, port and the one address that is connected to; ``authority`` is the host header."""

    host: str
    port: int
    address: str
    authority: str


def locate(provider: Provider, internal: list[Network]) -> Place:
    """Resolves a provider's host and checks every address it resolves to.

    An ``internal`` provider must lie in the internal networks. Link-local addresses (cloud
    metadata) are refused everywhere. Plain http is for loopback only.

    Raises:
        AddressRefused: with what to change.
    """
    url = urlsplit(provider.base_url)
    host, tls = url.hostname or "", url.scheme == "https"
    port = url.port or (443 if tls else 80)
    addresses = _resolve(host, port, provider.name)
    for address in addresses:
        _judge(address, provider, internal, tls=tls)
    return Place(host, port, str(addresses[0]), url.netloc.rpartition("@")[2])


def _resolve(
    host: str, port: int, name: str
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"provider {name}: host {host!r} cannot be resolved") from error
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
        raise AddressRefused(f"provider {provider.name}: {address} is never an upstream")
    if provider.zone is Zone.INTERNAL and not any(address in network for network in internal):
        raise AddressRefused(
            f"provider {provider.name} is internal, but {address} is in none of "
            "internal_networks; add its network there or correct base_url"
        )
    if not tls and not address.is_loopback:
        raise AddressRefused(
            f"provider {provider.name}: http is for loopback only; use https for {address}"
        )
