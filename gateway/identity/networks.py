"""Networks from which a key may be used."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network


@lru_cache(maxsize=1024)  # many keys name the same few
def network_of(text: str) -> IPv4Network | IPv6Network:
    """Returns a network in CIDR notation.

    Raises:
        ValueError: when it is none.
    """
    return ip_network(text)


def lies_in(networks: Iterable[IPv4Network | IPv6Network], address: str | None) -> bool:
    """Returns whether an address lies in one of the networks; one that is not known does not.

    An IPv4 address that a dual-stack socket writes as IPv6 counts as IPv4.
    """
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)
