"""IP addresses: public ones are personal data, those of internal and example networks are not."""

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network

from gateway.privacy.level import IMPERSONAL_SUFFIX
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

# Private networks (RFC 1918, RFC 4193), carrier-grade NAT (RFC 6598), link-local addresses, and the
# networks of examples in documentation (RFC 5737, RFC 3849).
_IMPERSONAL_V4 = tuple(
    map(
        IPv4Network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "192.0.2.0/24",
            "198.51.100.0/24",
            "203.0.113.0/24",
        ),
    )
)
_IMPERSONAL_V6 = tuple(map(IPv6Network, ("fc00::/7", "fe80::/10", "2001:db8::/32")))
RESERVED_RULE = "rule:ip_address" + IMPERSONAL_SUFFIX
_USER = re.compile(
    r"(?:^|[\s=\[(])[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)*/$"
)  # j.jansen/192.0.2.7:51820
# The look-aheads name the signs with which a word can begin: they save time in lists of numbers.
_IS_ADDRESS = re.compile(
    r"(?<![a-z])(?=[a-z])(?:ip|ip-adres|ipv4|adres|address|host|server|router|dns|login|logged|ingelogd"
    r"|inlog|src|dst|peer|remote|ping|vpn|subnet|request|from|vanaf|listen|gateway|connect"
    r"|connection|verbinding|firewall|blocked|geblokkeerd|user|sshd|nginx|bron|source|aanmelding"
    r"|poging|attempt|session|sessie|bezoeker|addr|via|endpoint|inet|forwarded|node"
    r"|client)(?![a-z])"
)
_IS_VERSION = re.compile(
    r"(?<![a-z])(?=[a-z§])(?:versies?|versions?|releases?|firmware|builds?|bouw|kernel|upgrade[nd]?|updates?"
    r"|patch|driver|bios|fw|(?<!/)v|package|pip|changelog|hotfix|regression|rollback|sdk|plugin"
    r"|paragraaf|artikel|hoofdstuk|section|chapter|§|bijgewerkt|installer|software|runtime|schema"
    r"|branch|tag|semver)(?![a-z])"
)


def _ip(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    raw = view.text[start:end]
    hosted = view.text.startswith("//", start - 2) or _USER.search(
        view.text[max(0, start - 24) : start]
    )
    cut = view.at(end) == "/" and raw.count(".") == 3
    if not (view.stands_alone(start, end) or cut or hosted):
        return ()
    if ":" in raw and (view.at(start - 1) == ":" or view.at(end) == ":"):
        return ()
    try:
        address = IPv6Address(raw) if ":" in raw else IPv4Address(raw)
    except AddressValueError:
        return ()
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return ()
    if ":" not in raw and not hosted and _is_version(view, start, end):
        return ()
    rule = RESERVED_RULE if _is_impersonal(address) else "rule:ip_address"
    return (RuleMatch("IP_ADDRESS", start, end, rule, Strength.CONTEXT, 0.95),)


def _is_impersonal(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return any(address in network for network in _IMPERSONAL_V4)
    return any(address in network for network in _IMPERSONAL_V6)


def _is_version(view: NormalizedText, start: int, end: int) -> bool:
    """Whether four numbers are a version; the nearest word decides."""
    left = view.lower[max(0, start - 60) : start].rpartition("\n")[2]
    versions = [match.end() for match in _IS_VERSION.finditer(left)]
    addresses = [match.end() for match in _IS_ADDRESS.finditer(left)]
    if versions or addresses:
        return max(versions, default=-1) > max(addresses, default=-1)
    right = view.lower[end : end + 30].partition("\n")[0]
    if _IS_VERSION.search(right):
        return True
    if view.at(end) in (":", "/") or _IS_ADDRESS.search(right):
        return False
    begin, stop = start - 400, end + 400
    about = len(view.words(_IS_VERSION, begin, stop)) - len(view.words(_IS_ADDRESS, begin, stop))
    small = max(int(part) for part in view.text[start:end].split(".")[:3]) < 32
    return about > 0 or (small and not view.text[start:end].startswith("10."))


RULES: tuple[Rule, ...] = (
    Rule(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", False, _ip),
    Rule(r"\b[0-9a-f]{1,4}:(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{1,4}\b", True, _ip),
)
