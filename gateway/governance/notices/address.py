"""Resolves the host of a channel. Only checked addresses are connected to."""

import ipaddress
import socket

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NoticeFailed(Exception):
    """A channel did not take a message; the message is the reason, without content."""


def checked_address(host: str, port: int, *, private: bool) -> str:
    """An address of a host. Blocks.

    Link-local addresses (cloud metadata) are refused always, those that are not public unless
    ``private`` states them.

    Raises:
        NoticeFailed: when it has no address, or one that is refused.
    """
    try:
        results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise NoticeFailed("the host cannot be resolved") from error
    addresses = [_address(str(sockaddr[0])) for *_, sockaddr in results]
    for address in addresses:
        if address.is_link_local or address.is_multicast or address.is_unspecified:
            raise NoticeFailed("the address is never a receiver")
        if not (private or address.is_global):
            raise NoticeFailed("the address is private: state private_address: true")
    return str(addresses[0])


def _address(text: str) -> _Address:
    address = ipaddress.ip_address(text.split("%", maxsplit=1)[0])
    return getattr(address, "ipv4_mapped", None) or address
