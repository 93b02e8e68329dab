"""A content rule and its cases as YAML in the files of a draft, whose other lines stay."""

from collections.abc import Mapping
from typing import Any

import yaml

CONTENT, CASES = "content.yaml", "tests/content.yaml"
_REFUSING = {"refuse": "internal", "inside": "eu"}  # actions by the zone in which they refuse
_TAKING_OUT = "redact"
_SURE = 0.99  # the score of a category in a case, unless the rule asks for more
Rule = dict[str, Any]


class NotARuleFile(ValueError):
    """A file has another form than a list of rules."""


def rules_of(text: str) -> list[Rule]:
    """The content rules of a file; none when it cannot be read."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return []
    rules = found.get("rules") if isinstance(found, dict) else None
    return [rule for rule in rules or () if isinstance(rule, dict) and "id" in rule]


def with_rule(text: str, rule: Mapping[str, Any]) -> str:
    """The file with this rule: in the place of the one with its id, else at the end of the list.

    Raises:
        NotARuleFile: when there is no list of rules.
    """
    sequence = _rules_node(text)
    items = [node for node in sequence.value if isinstance(node, yaml.MappingNode)]
    place = next((item for item in items if _id_of(item) == rule["id"]), None)
    lines = text.splitlines()
    indent = sequence.start_mark.column if items else 2
    written = _item(rule, indent)
    if place is not None:
        first, last = _span(place, lines)
        return _joined([*lines[:first], *written, *lines[last:]])
    last = _span(items[-1], lines)[1] if items else len(lines)
    return _joined([*lines[:last], "", *written, *lines[last:]])


def without_rule(text: str, identity: str) -> str:
    """The file without a rule.

    Raises:
        NotARuleFile: when there is no list of rules.
    """
    lines = text.splitlines()
    for item in _rules_node(text).value:
        if _id_of(item) == identity:
            first, last = _span(item, lines)
            return _joined([*lines[:first], *lines[last:]])
    return text


def with_cases(text: str, cases: list[dict[str, Any]]) -> str:
    """A file of cases with some more at its end; a name that is taken gets a number."""
    taken = _names_in(text)
    written = [line for case in cases for line in _item(_named_apart(case, taken), 0)]
    return _joined([*text.rstrip().splitlines(), "", *written] if text.strip() else written)


def _names_in(text: str) -> set[str]:
    """The names of the cases of a file; none when it cannot be read."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return set()
    return {str(case.get("name")) for case in found or () if isinstance(case, dict)}


def _named_apart(case: dict[str, Any], taken: set[str]) -> dict[str, Any]:
    name, number = case["name"], 1
    while name in taken:
        number += 1
        name = f"{case['name']} {number}"
    taken.add(name)
    return {**case, "name": name}


def cases_of(rule: Mapping[str, Any], matching: str, passing: str) -> list[dict[str, Any]]:
    """A case in which the rule takes part, and one in which it does not, for the texts given."""
    matches = str(rule["action"]) in _REFUSING
    cases = []
    if matching:
        takes_out = rule["action"] == _TAKING_OUT and "input" in rule["stages"]
        passes = "redact" if takes_out else "allow"
        expect = {"decision": "refuse" if matches else passes, "rules": [rule["id"]]}
        cases.append(_case(rule, f"{rule['id']} takes part", matching, expect, sure=True))
    if passing:
        expect = {"decision": "allow", "rules": [], "without": [rule["id"]]}
        cases.append(_case(rule, f"{rule['id']} passes a text like it", passing, expect))
    return cases


def _case(
    rule: Mapping[str, Any], name: str, text: str, expect: dict[str, Any], *, sure: bool = False
) -> dict[str, Any]:
    scope = rule.get("scope") or {}
    who = {
        part: scope[name][0]
        for name, part in (("teams", "team"), ("keys", "key"), ("use_cases", "use_case"))
        if scope.get(name)
    }
    level = (scope.get("levels") or ["internal"])[0]
    case: dict[str, Any] = {"name": name, **({"who": who} if who else {})}
    case["what"] = {"level": level, **_said(rule, text, sure=sure)}
    zones = scope.get("zones") or [_REFUSING.get(rule["action"], "internal")]
    case["where"] = {"zone": zones[0]}
    return {**case, "expect": expect}


def _said(rule: Mapping[str, Any], text: str, *, sure: bool) -> dict[str, Any]:
    """The text where the rule looks, with what the classifier would say of it."""
    if list(rule["stages"]) == ["output"]:
        return {"texts": ["…"], "answer": text}
    said: dict[str, Any] = {"text": text}
    positions = rule.get("positions") or ["newest"]
    if "newest" not in positions:
        said["position"] = positions[0]
    if sure and rule.get("categories") and not rule.get("patterns"):
        said["categories"] = {rule["categories"][0]: max(_SURE, rule.get("threshold") or 0)}
    return {"texts": [said if len(said) > 1 else text]}


def _rules_node(text: str) -> yaml.SequenceNode:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise NotARuleFile(str(error)) from error
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == "rules" and isinstance(value, yaml.SequenceNode) and not value.flow_style:
            return value
    raise NotARuleFile


def _id_of(item: yaml.Node) -> str:
    pairs = item.value if isinstance(item, yaml.MappingNode) else ()
    return next((str(value.value) for key, value in pairs if key.value == "id"), "")


def _span(item: yaml.Node, lines: list[str]) -> tuple[int, int]:
    """The lines of an item, without the empty lines and comments after it."""
    first, last = item.start_mark.line, item.end_mark.line
    last = min(max(last, first + 1), len(lines))
    while last > first + 1 and (not lines[last - 1].strip() or _is_comment(lines[last - 1])):
        last -= 1
    return first, last


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _item(value: Mapping[str, Any], indent: int) -> list[str]:
    """The lines of an item of a list."""
    text = yaml.safe_dump([dict(value)], sort_keys=False, allow_unicode=True, width=96)
    return [f"{' ' * indent}{line}" for line in text.splitlines()]


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
