"""Rules that hold whatever a bundle says, and how a bundle waives one on record."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gateway.decisions.content_rule import ContentRule, RuleScope

_LEAST_REASON = 10  # characters


def waivers(document: Mapping[str, Any]) -> dict[str, str]:
    """The reasons of ``waive`` by rule.

    Raises:
        ValueError: when an item is not a rule with a reason.
    """
    found: dict[str, str] = {}
    for item in document.get("waive") or ():
        if not isinstance(item, dict) or item.keys() != {"rule", "reason"}:
            raise ValueError("waive must be a list of {rule, reason}")
        reason = str(item["reason"]).strip()
        if len(reason) < _LEAST_REASON:
            raise ValueError(f"waive {item['rule']}: give a reason that a reviewer understands")
        found[str(item["rule"])] = reason
    return found


def with_floor(
    own: Mapping[str, ContentRule], floor: Iterable[ContentRule], waived: Mapping[str, str]
) -> dict[str, ContentRule]:
    """The rules of a bundle with those of a floor, each the stricter of both."""
    rules = dict(own)
    for rule in floor:
        if rule.id not in waived:
            rules[rule.id] = strictest(own.get(rule.id), rule)
    return rules


def strictest(own: ContentRule | None, floor: ContentRule) -> ContentRule:
    """A rule that matches all that either matches, for everybody, with the action of the floor."""
    if own is None:
        return floor
    thresholds = [one.threshold or 0.0 for one in (own, floor) if one.categories]
    patterns = dict.fromkeys([*own.patterns, *floor.patterns])
    return replace(
        own,
        stages=own.stages | floor.stages,
        action=floor.action,
        patterns=own.patterns if set(floor.patterns) <= set(own.patterns) else tuple(patterns),
        categories=own.categories | floor.categories,
        threshold=min(thresholds, default=0.0) or None,
        positions=own.positions | floor.positions,
        scope=RuleScope(),
        languages=frozenset(),
    )
