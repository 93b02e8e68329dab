"""What the authorisation rules of two bundles decide differently, over all that they mention.

The lattice is every combination of level, zone, clearance, zones of the use case and kind of
caller, and of each team, role, purpose, risk class, provider, principal and deployment that a rule
of either bundle names, with one that no rule names.
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import cedarpy

from gateway.core.clearance import effective
from gateway.core.level import Level, Zone
from gateway.decisions import AuthorisationRequest, Authoriser

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
_NAMED = {  # the names that a rule gives an attribute, by the variable and attribute of Cedar
    ("principal", "uid"): "principal",
    ("resource", "uid"): "deployment",
    ("principal", "roles"): "roles",
    ("resource", "provider"): "provider",
    ("context", "risk"): "risk",
    ("context", "purpose"): "purpose",
    ("principal", "team"): "team",
    ("principal", "kind"): "kind",
}
DIMENSIONS = (*_FIXED, *dict.fromkeys([*_NAMED.values(), *_LAST]))


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
        old, new = _outcome(before, request), _outcome(after, request)
        count += 1
        if old != new:
            key = tuple(frozenset([point[name]]) for name in DIMENSIONS if name in domains)
            changed[key] = (old, new)
    return LatticeDifference(_boxes(changed, domains), count, whole)


def cedar_rules(files: Mapping[str, str]) -> list[dict[str, Any]]:
    """The authorisation rules of a bundle as Cedar's JSON, without their positions."""
    text = "\n".join(text for path, text in sorted(files.items()) if path.endswith(".cedar"))
    return list(json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values())


def _outcome(authoriser: Authoriser, request: AuthorisationRequest) -> str:
    decision = authoriser.decide(request)
    return ("redact" if decision.redact else "allow") if decision.allowed else "refuse"


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
    def named(name: str) -> str:
        value = point.get(name, _OTHER)
        return "" if value == _OTHER else value

    zone = Zone(point["zone"])
    return AuthorisationRequest(
        principal_id=named("principal") or "k_any",
        kind=point["kind"],
        team=named("team"),
        roles=frozenset(filter(None, [named("roles")])),
        clearance=Level.parse(point["clearance"]),
        level=Level.parse(point["level"]),
        purpose=named("purpose"),
        risk=named("risk") or "none",
        zones=tuple(point["use_case_zones"].split()),
        deployment=named("deployment") or f"any-{zone.value}",
        provider=named("provider") or "any",
        zone=zone,
        cleared=effective(zone, None),
    )


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
    """The names that rules mention by attribute; False where a pattern stands for names."""
    found: dict[str, set[str]] = {}
    whole = True
    for rule in itertools.chain.from_iterable(map(cedar_rules, files)):
        for node in _nodes(rule):
            whole &= "like" not in node
            for key, value in _named_in(node):
                found.setdefault(key, set()).add(value)
    return {name: (_OTHER, *sorted(values)) for name, values in sorted(found.items())}, whole


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    """All objects of a document."""
    if isinstance(node, dict):
        yield node
    if isinstance(node, dict | list):
        for one in node.values() if isinstance(node, dict) else node:
            yield from _nodes(one)


def _named_in(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The names in one comparison of a condition, or in the scope of a rule, by attribute."""
    for variable, name in (("principal", "principal"), ("resource", "deployment")):
        scope = node.get(variable)
        if isinstance(scope, dict) and "op" in scope:
            entities = [scope["entity"]] if "entity" in scope else scope.get("entities", ())
            yield from ((name, one["id"]) for one in entities)
    if isinstance(node.get("left"), dict) and isinstance(node.get("right"), dict):
        for one, other in (("left", "right"), ("right", "left")):
            attribute = _NAMED.get(_attribute(node[one]))
            if attribute:
                yield from ((attribute, value) for value in _literals(node[other]))


def _attribute(node: Mapping[str, Any]) -> tuple[str, str]:
    if "Var" in node:
        return str(node["Var"]), "uid"
    access = node.get(".")
    if isinstance(access, dict) and "Var" in access["left"]:
        return str(access["left"]["Var"]), str(access["attr"])
    return "", ""


def _literals(node: Mapping[str, Any]) -> Iterator[str]:
    value = node.get("Value")
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and "__entity" in value:
        yield str(value["__entity"]["id"])
    for one in node.get("Set", ()):
        yield from _literals(one)
