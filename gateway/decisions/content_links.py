"""What a link in an answer may carry, and to whom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.text import yaml_text
from gateway.core.text.links import DATA, Link, LinkKind, LinkReader, LinkSeen, encoded_length
from gateway.core.text.named_links import NamedBy, NamedLinks
from gateway.decisions.text_reader import HELD, FoundPart

_LARGEST = 4_096
_MEDIA = ("image/", "font/", "audio/", "video/")
_TRUSTED = frozenset({NamedBy.APPLICATION, NamedBy.USER})
_SMALL_DATA = 64  # characters of a link that is its own data


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """The ``links`` of a rule: its match is a link that carries more than these, in characters.

    ``length`` is what follows the host, ``query`` the query with the fragment, ``encoded`` words
    that read as data; ``values`` are types of detectors of which a value of the request may not be
    in it. Links to ``hosts``, and to those that ``named`` say in the request, may carry anything.
    Of a link of the request only what was added to it counts.
    """

    kinds: frozenset[LinkKind] = frozenset(LinkKind)
    hosts: frozenset[str] = frozenset()
    named: frozenset[NamedBy] = _TRUSTED
    length: int = 512
    query: int = 256
    encoded: int = 48
    values: frozenset[str] = frozenset()

    @classmethod
    def of(cls, node: Any) -> "LinkLimits":
        """The limits that a node of ``content.yaml`` describes.

        Raises:
            ValueError: says what is wrong.
        """
        if not isinstance(node, Mapping) or node.keys() - cls.__dataclass_fields__.keys():
            raise ValueError(f"links may have {', '.join(cls.__dataclass_fields__)}")
        sizes = {name: node[name] for name in ("length", "query", "encoded") if name in node}
        for name, size in sizes.items():
            if type(size) is not int or not 0 <= size <= _LARGEST:
                raise ValueError(f"{name} of links must be a number from 0 to {_LARGEST}")
        hosts = frozenset(
            host.lower().removeprefix("www.") for host in yaml_text.words(node, "hosts")
        )
        if wrong := sorted(host for host in hosts if "*" in host.removeprefix("*.")):
            raise ValueError(f"hosts of links may begin with '*.', not {wrong[0]!r}")
        kinds = frozenset(map(LinkKind, yaml_text.words(node, "kinds", LinkKind)))
        named = frozenset(map(NamedBy, yaml_text.words(node, "named", _TRUSTED)))
        values = frozenset(yaml_text.words(node, "values"))
        return cls(kinds, hosts, named, values=values, **sizes)

    @property
    def least(self) -> int:
        """A link of no more characters exceeds none but by a value, which ends with it."""
        return min(self.length, self.query, self.encoded)

    def spares(self, link: Link, named: NamedLinks) -> bool:
        """Whether a link may carry anything, as its host is now complete."""
        host = link.host
        if link.kind not in self.kinds:
            return True
        if host == DATA:
            return False
        own = "." not in host and not host.isdigit() and not host.startswith(("0x", "["))
        if own or host in self.hosts or any(host in named.hosts.get(by, ()) for by in self.named):
            return True
        labels = host.split(".")
        return any(f"*.{'.'.join(labels[at:])}" in self.hosts for at in range(1, len(labels)))

    def exceeded(self, link: Link, named: NamedLinks) -> bool:
        """Whether a link carries more than it may."""
        if link.host == DATA:
            return len(link.rest) > _SMALL_DATA and not link.rest.lower().startswith(_MEDIA)
        shared = named.shared(link)
        rest = link.address[max(shared, len(link.host)) :]
        before = link.address[len(link.host) : shared]
        query = rest if "?" in before or "#" in before else _query_of(rest)
        if len(rest) > self.length or len(query) > self.query:
            return True
        added = link.address[shared:]
        if len(added) > self.encoded and encoded_length(added) > self.encoded:
            return True
        return named.carried(rest, self.values)


def _query_of(rest: str) -> str:
    begins = [at for at in (rest.find("?"), rest.find("#")) if at >= 0]
    return rest[min(begins) + 1 :] if begins else ""


class LimitedLinks:
    """Judges the links of one text as it streams, by the rules that apply to it."""

    def __init__(
        self, rules: Mapping[str, LinkLimits], named: NamedLinks, *, json: bool = False
    ) -> None:
        self._rules = rules
        self._named = named
        least = min((one.least for one in rules.values()), default=0)
        self._reader = LinkReader(json=json, least=least)
        self._host: tuple[str, LinkKind] | None = None  # of the last link, with
        self._judged: list[str] = []  # the rules that do not spare it
        self._size = 0

    def feed(self, text: str) -> Iterator[FoundPart]:
        """The links that exceed their limits; the text is read as far as the iteration goes."""
        self._size += len(text)
        for seen in self._reader.feed(text):
            yield from self._exceeding(seen)

    def finish(self) -> Iterator[FoundPart]:
        """The same for the link with which the text ends."""
        seen = self._reader.finish()
        if seen:
            yield from self._exceeding(seen)

    @property
    def free(self) -> int:
        """How many characters of the text no link holds back."""
        start = self._reader.start
        return self._size if start is None else max(start, self._size - HELD)

    def _exceeding(self, seen: LinkSeen) -> Iterator[FoundPart]:
        link = seen.link
        if not link.known:
            return
        if self._host != (link.host, link.kind):
            self._host = (link.host, link.kind)
            self._judged = [
                name for name, one in self._rules.items() if not one.spares(link, self._named)
            ]
        if not self._judged:
            self._reader.spare()
        for name in self._judged:
            if self._rules[name].exceeded(link, self._named):
                yield FoundPart(name, seen.at, max(seen.start, seen.at - HELD))
