"""The hosts and links that the texts of a request name, so that an answer may name them too."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote

from gateway.core.origin import Origin
from gateway.core.text.links import Link, host_of
from gateway.core.text.patterns import Pattern, Patterns

_APPLICATION = frozenset({Origin.SYSTEM, Origin.TOOL_DEFINITION})
_MOST = 2_000  # hosts and links that are kept; more are as if they were not named
_SHORTEST_VALUE = 6  # letters and figures of a value that a link may not carry
_PLACES = Patterns([
    Pattern("host", r"[A-Za-z0-9_-]\.[A-Za-z]{2}"),
    Pattern("address", r"[0-9]\.[0-9]{1,3}\.[0-9]"),
])
_LONGEST_LABELS = 96  # characters of a host before its first dot that is found
_OF_A_HOST = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
_ADDRESS = re.compile(r"([A-Za-z0-9._-]+)(?::[0-9]{1,5})?([^\s<>\"'`]{0,2048})")
_NOT_PLAIN = re.compile(r"[\W_]+")


class NamedBy(StrEnum):
    """Who names a host."""

    APPLICATION = "application"
    USER = "user"
    OTHERS = "others"  # tools, and models


@dataclass(frozen=True, slots=True)
class NamedLinks:
    """What a request names: ``hosts`` by who names them, by host the ``addresses`` in order.

    An address is host and rest, whoever named it. ``values`` are those that detectors found, by
    type, in letters and figures only.
    """

    hosts: Mapping[NamedBy, frozenset[str]] = field(default_factory=dict)
    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def shared(self, link: Link) -> int:
        """How much of a link is the beginning of a link of the request, in characters."""
        known = self.addresses.get(link.host)
        if not known:
            return 0
        at = bisect_left(known, link.address)
        near = known[max(0, at - 1) : at + 1]
        return max(_shared(one, link.address) for one in near)

    def carried(self, text: str, types: Iterable[str]) -> bool:
        """Whether a part of a link holds a value of one of these types."""
        if not self.values:
            return False
        plain = _plain(unquote(text))
        return any(value in plain for kind in types for value in self.values.get(kind, ()))


NOTHING_NAMED = NamedLinks()
_NAMED_BY = tuple(NamedBy)


def named_by(origins: Collection[Origin]) -> NamedBy:
    """Who names what is in a text of these origins."""
    if not _APPLICATION.isdisjoint(origins):
        return NamedBy.APPLICATION
    return NamedBy.USER if Origin.NEWEST in origins else NamedBy.OTHERS


def named_links(
    texts: Iterable[tuple[str, NamedBy]], values: Iterable[tuple[str, str]] = ()
) -> NamedLinks:
    """What texts name; ``values`` are types and values."""
    hosts: dict[NamedBy, set[str]] = {by: set() for by in _NAMED_BY}
    addresses: dict[str, set[str]] = {}
    left = _MOST
    for text, by in texts:
        for host, rest in _addresses_in(text):
            left -= 1
            if left < 0:
                break
            addresses.setdefault(host, set()).add(host + rest)
            hosts[by].add(host)
    by_type: dict[str, set[str]] = {}
    for kind, value in values:
        plain = _plain(value)
        if len(plain) >= _SHORTEST_VALUE and len(by_type.setdefault(kind, set())) < _MOST:
            by_type[kind].add(plain)
    return NamedLinks(
        {by: frozenset(found) for by, found in hosts.items()},
        {host: sorted(found) for host, found in addresses.items()},
        {kind: frozenset(found) for kind, found in by_type.items() if found},
    )


def _addresses_in(text: str) -> Iterator[tuple[str, str]]:
    """Host and rest of what may be a link, with a scheme or without."""
    done = 0
    for start, _, _ in _PLACES.places(text):
        if start < done:
            continue
        ahead = text[max(0, start - _LONGEST_LABELS) : start + 1]
        address = _ADDRESS.match(text, start + 1 - len(ahead) + len(ahead.rstrip(_OF_A_HOST)))
        if address:
            done = address.end()
            yield host_of(address[1]), address[2]


def _shared(one: str, other: str) -> int:
    """The length of the longest beginning of both, by halves."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _plain(text: str) -> str:
    return _NOT_PLAIN.sub("", text).lower()
