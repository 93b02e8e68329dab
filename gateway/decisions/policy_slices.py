"""The Cedar policies that can concern a request, so that a decision does not evaluate them all.

Most policies of a large bundle begin with whom or what they are about, such as
``principal.team == "sales"``. A policy with such a beginning that does not hold is not satisfied,
and nothing after it is evaluated, so it cannot fail either: leaving it out changes no decision.
Cedar's own authors describe the same for the head of a policy ("policy slicing", Cutler et al.,
Cedar: A New Language for Expressive, Fast, Safe, and Analyzable Authorization, 2024).
"""

import json
import re
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import cedarpy

# What is known of every request, and cannot fail to evaluate: the schema requires it, as a string.
_KNOWN = frozenset({
    ("principal", "kind"),
    ("principal", "team"),
    ("resource", "zone"),
    ("resource", "provider"),
    ("context", "purpose"),
    ("context", "risk"),
})
_NUMBER = re.compile(r"\bpolicy\d+\b")
_HEADS = ("principal", "resource")
_SETS = 256  # that are kept
Facts = Mapping[tuple[str, str], str]
"""What is known of a request: variable and attribute, with the attribute "" for its own id."""


class PolicySlices:
    """The policies of a bundle, by what they are about."""

    def __init__(self, policies: str) -> None:
        """Reads policies in Cedar's language.

        Raises:
            ValueError: when they are not valid.
        """
        self._policies = json.loads(cedarpy.policies_to_json_str(policies))["staticPolicies"]
        self._general: list[str] = []
        self._about: dict[tuple[tuple[str, str], str], list[str]] = defaultdict(list)
        for name, policy in self._policies.items():
            about = next(_beginnings(policy), None)
            if about is None:
                self._general.append(name)
                continue
            fact, values = about
            for value in values:
                self._about[fact, value].append(name)
        self._facts = sorted({fact for fact, _ in self._about})
        self._sets: OrderedDict[tuple[str, ...], cedarpy.PolicySet] = OrderedDict()

    def of(self, facts: Facts) -> cedarpy.PolicySet:
        """The policies that can be satisfied by, or fail for, a request with these facts."""
        names = tuple(
            name for fact in self._facts for name in self._about.get((fact, facts[fact]), ())
        )
        found = self._sets.get(names)
        if found is None:
            found = self._sets[names] = self._set(names)
            if len(self._sets) > _SETS:
                self._sets.popitem(last=False)
        return found

    def named(self, error: str) -> str:
        """An error of Cedar with the ``@id`` of a policy for the number that Cedar gives it."""
        return _NUMBER.sub(lambda found: self._id(found[0]), error)

    def _id(self, number: str) -> str:
        notes = self._policies.get(number, {}).get("annotations", {})
        return str(notes.get("id", number))

    def _set(self, names: tuple[str, ...]) -> cedarpy.PolicySet:
        chosen = {name: self._policies[name] for name in (*self._general, *names)}
        whole = {"templates": {}, "staticPolicies": chosen, "templateLinks": []}
        return cedarpy.PolicySet.from_json_str(json.dumps(whole))


def _beginnings(policy: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    """The facts that a policy asks for before anything else, with the values that it takes."""
    for head in _HEADS:
        if policy[head]["op"] == "==" and "entity" in policy[head]:
            yield (head, ""), frozenset({policy[head]["entity"]["id"]})
    conditions = policy["conditions"]
    if conditions and conditions[0]["kind"] == "when":
        first = conditions[0]["body"]
        while "&&" in first:
            first = first["&&"]["left"]
        if (found := _fact(first)) is not None:
            yield found


def _fact(expression: Mapping[str, Any]) -> tuple[tuple[str, str], frozenset[str]] | None:
    """What ``variable.attribute == "value"`` or ``["a", "b"].contains(...)`` asks for."""
    if "==" in expression:
        left, right = expression["=="]["left"], expression["=="]["right"]
        fact, value = (_attribute(left), right) if "." in left else (_attribute(right), left)
        values = [value]
    elif "contains" in expression:
        fact = _attribute(expression["contains"]["right"])
        values = expression["contains"]["left"].get("Set", [None])
    else:
        return None
    literals = [one.get("Value") if isinstance(one, dict) else None for one in values]
    texts = frozenset(one for one in literals if isinstance(one, str))
    if fact not in _KNOWN or None in literals or len(texts) < len(set(literals)):
        return None
    return fact, texts


def _attribute(expression: Mapping[str, Any]) -> tuple[str, str] | None:
    read = expression.get(".")
    if not isinstance(read, dict) or "Var" not in read["left"]:
        return None
    return read["left"]["Var"], read["attr"]
