"""What the authorisation rules of two bundles decide differently, over all that they mention.

The lattice is every combination of level, zone, clearance, zones of the use case and kind of
caller, and of each team, role, purpose, risk class, provider, principal and deployment that a rule
of either bundle names, with one that no rule names.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from gateway.core.level import Level, Zone
from gateway.decisions import AuthorisationRequest, Authoriser
from gateway.decisions.cedar_rules import ATTRIBUTES, cedar_rules
from gateway.governance.policies.probe import Probe, Where, Who, outcome_of

Point = dict[str, str]
Domains = Mapping[str, tuple[str, ...]]
OUTCOMES = ("refuse", "redact", "allow")  # the later, the more may leave
MOST_POINTS = 4096
_OTHER = "*"  # what no rule names
_ALL_ZONES = tuple(zone.value for zone in Zone)
_FIXED: dict[str, tuple[str, ...]] = {
    "clearance": tuple(level.label for level in Level),
    "use_case_zones": ("internal", "internal eu", " ".join(_ALL_ZONES)),
}
_LAST: dict[str, tuple[str, ...]] = {
    "kind": ("app", "person"),
    "level": tuple(level.label for level in Level),
    "zone": _ALL_ZONES,
}
DIMENSIONS = (*_FIXED, *dict.fromkeys([*ATTRIBUTES, *_LAST]))


@dataclass(frozen=True, slots=True)
class LatticeBox:
    """Combinations with one change; ``only`` has the attributes that matter, with their values."""

    before: str
    after: str
    only: Mapping[str, tuple[str, ...]]

    @property
    def wider(self) -> bool:
        """Whether more may leave than before."""
        return OUTCOMES.index(self.after) > OUTCOMES.index(self.before)


@dataclass(frozen=True, slots=True)
class LatticeDifference:
    """What changed; ``whole`` unless attributes were only varied one at a time."""

    boxes: Sequence[LatticeBox]
    combinations: int
    whole: bool


def compare(
    before: Authoriser, after: Authoriser, files: Iterable[Mapping[str, str]]
) -> LatticeDifference:
    """What two authorisers decide differently; ``files`` are those of both bundles."""
    mentioned, whole = _mentioned(files)
    kinds = dict.fromkeys([*_LAST["kind"], *mentioned.pop("kind", ())[1:]])
    domains = {**_FIXED, **mentioned, **_LAST, "kind": tuple(kinds)}
    if prod(map(len, domains.values())) > MOST_POINTS:
        points, whole = _one_at_a_time(domains, mentioned), False
    else:
        points = _products(domains)
    changed: dict[tuple[frozenset[str], ...], tuple[str, str]] = {}
    count = 0
    for point in points:
        request = _request(point)
        old, new = (outcome_of(one.decide(request)) for one in (before, after))
        count += 1
        if old != new:
            key = tuple(frozenset([point[name]]) for name in DIMENSIONS if name in domains)
            changed[key] = (old, new)
    return LatticeDifference(_boxes(changed, domains), count, whole)


def _products(domains: Domains) -> Iterator[Point]:
    for values in itertools.product(*domains.values()):
        yield dict(zip(domains, values, strict=True))


def _one_at_a_time(domains: Domains, mentioned: Domains) -> Iterator[Point]:
    """The fixed part of the lattice for each name that a rule mentions, all others unnamed."""
    plain = dict.fromkeys(mentioned, (_OTHER,))
    yield from _products({**domains, **plain})
    for name in plain:
        yield from _products({**domains, **plain, name: domains[name][1:]})


def _request(point: Point) -> AuthorisationRequest:
    def named(name: str, other: str = "") -> str:
        value = point.get(name, _OTHER)
        return other if value == _OTHER else value

    zone = Zone(point["zone"])
    who = Who(
        id=named("principal", "k_any"),
        kind=point["kind"],
        team=named("team"),
        roles=tuple(filter(None, [named("roles")])),
        clearance=point["clearance"],
        use_case=named("purpose"),
        risk=named("risk", "none"),
        zones=tuple(map(Zone, point["use_case_zones"].split())),
    )
    where = Where(zone, named("provider", "any"), named("deployment"))
    return Probe(where, who).request(Level.parse(point["level"]))


def _boxes(
    changed: Mapping[tuple[frozenset[str], ...], tuple[str, str]], domains: Domains
) -> list[LatticeBox]:
    """The changed combinations, joined where they differ in one attribute only."""
    names = [name for name in DIMENSIONS if name in domains]
    found = dict(changed)
    for index, name in enumerate(names):
        groups: dict[tuple[Any, ...], frozenset[str]] = {}
        for key, change in found.items():
            group = (key[:index], key[index + 1 :], change)
            groups[group] = groups.get(group, frozenset()) | key[index]
        found = {}
        for (head, tail, change), values in groups.items():
            alone = dict(zip(names, (*head, values, *tail), strict=True))
            covers = _covers(name, values, alone, domains)
            found[*head, frozenset(domains[name]) if covers else values, *tail] = change
    boxes = []
    for key, (old, new) in found.items():
        only = {
            name: tuple(value for value in domains[name] if value in values)
            for name, values in zip(names, key, strict=True)
            if values != frozenset(domains[name]) or name in {"level", "zone"}
        }
        boxes.append(LatticeBox(old, new, only))
    return sorted(boxes, key=lambda box: (not box.wider, str(box.only)))


def _covers(
    name: str, values: frozenset[str], alone: Mapping[str, frozenset[str]], domains: Domains
) -> bool:
    """Whether these are all values with which anything could be allowed."""
    possible: Iterable[str] = domains[name]
    if name == "clearance":  # level and zone are single, until they are joined themselves
        (level,) = alone["level"]
        possible = [one for one in possible if Level.parse(one) >= Level.parse(level)]
    elif name == "use_case_zones":
        (zone,) = alone["zone"]
        possible = [one for one in possible if zone in one.split()]
    return values.issuperset(possible)


def _mentioned(files: Iterable[Mapping[str, str]]) -> tuple[dict[str, tuple[str, ...]], bool]:
    """The names that rules mention by attribute; False where one is a pattern."""
    found: dict[str, set[str]] = {}
    rules = list(itertools.chain.from_iterable(map(cedar_rules, files)))
    for rule in rules:
        for attribute, name in rule.names():
            found.setdefault(attribute, set()).add(name)
    whole = not any(rule.by_pattern for rule in rules)
    return {name: (_OTHER, *sorted(values)) for name, values in sorted(found.items())}, whole
