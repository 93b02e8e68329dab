"""The authorisation rules of a bundle, and the names that they mention."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cedarpy

_RULE = re.compile(r"^[ \t]*(?:permit|forbid)\s*\(", re.MULTILINE)
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
ATTRIBUTES = tuple(_NAMED.values())


@dataclass(frozen=True, slots=True)
class CedarRule:
    """A rule as Cedar's JSON, with its annotations and where it is written."""

    body: Mapping[str, Any]
    notes: Mapping[str, str]
    file: str
    line: int

    @property
    def id(self) -> str:
        """Its ``@id``; empty without one."""
        return self.notes.get("id", "")

    @property
    def by_pattern(self) -> bool:
        """Whether it is a pattern of names, which then cannot be listed."""
        return any("like" in node for node in _nodes(self.body))

    def names(self) -> Iterator[tuple[str, str]]:
        """The attributes for which it mentions a name, with the names."""
        for node in _nodes(self.body):
            yield from _named_in(node)


def cedar_rules(files: Mapping[str, str]) -> list[CedarRule]:
    """The authorisation rules of a bundle in the order of its files.

    Raises:
        ValueError: when a file is not valid Cedar.
    """
    found = []
    for path, text in sorted(files.items()):
        if not path.endswith(".cedar"):
            continue
        parsed = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
        ordered = sorted(parsed.items(), key=lambda item: int(item[0].removeprefix("policy")))
        lines = [text.count("\n", 0, match.start()) + 1 for match in _RULE.finditer(text)]
        for index, (_, body) in enumerate(ordered):
            line = lines[index] if index < len(lines) else 1
            found.append(CedarRule(body, body.pop("annotations", {}), path, line))
    return found


def without_rule(files: Mapping[str, str], rule: str) -> dict[str, str]:
    """The files of a bundle, authorisation rules as one file that lacks this rule."""
    kept = {
        f"policy{index}": {**one.body, "annotations": one.notes}
        for index, one in enumerate(cedar_rules(files))
        if one.id != rule
    }
    document = {"templates": {}, "staticPolicies": kept, "templateLinks": []}
    others = {path: text for path, text in files.items() if not path.endswith(".cedar")}
    text = cedarpy.policies_from_json_str(json.dumps(document))
    return {**others, "authorisation/mutant.cedar": text}


def _nodes(node: Any) -> Iterator[Mapping[str, Any]]:
    """All objects of a document."""
    if isinstance(node, Mapping):
        yield node
    if isinstance(node, Mapping | list):
        for one in node.values() if isinstance(node, Mapping) else node:
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
