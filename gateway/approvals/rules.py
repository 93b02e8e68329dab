"""Which change of which field widens what may leave or who may do what.

The declarations of the fields say it (``gateway.core.objects``). A field that declares nothing
widens with every change, under the power of its kind: a rule says when a change does less. The
rules are code: no bundle and no configuration lowers them. Who approves a widening is in
policies/powers.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.objects.declare import ChangeRule
from gateway.core.objects.effects import Effect, any_value
from gateway.core.objects.kinds import KINDS, Kind


@dataclass(frozen=True, slots=True)
class KindRules:
    """The rules of one kind of object, by field; ``harmless`` has the reason for each field."""

    kind: Kind
    fields: Mapping[str, ChangeRule]
    harmless: Mapping[str, str]

    @property
    def power(self) -> str:
        """The power of fields without a rule."""
        return self.kind.power

    @property
    def removal(self) -> str | None:
        """The power that deleting an object needs."""
        return self.kind.removal


def _rules_of(kind: Kind) -> KindRules:
    rules, harmless = {}, {}
    for field in kind.fields():
        if rule := field.rule(kind.name):
            rules[field.name] = rule
        elif reason := field.harmless(kind.name):
            harmless[field.name] = reason.reason
    return KindRules(kind, rules, harmless)


RULES: Mapping[str, KindRules] = {name: _rules_of(kind) for name, kind in KINDS.items()}


def judge(kind: str, field: str, before: Any, after: Any) -> tuple[Effect, str | None]:
    """What a change of a field does, and the power that it needs; what is absent is None."""
    rules = RULES[kind]
    if is_harmless(kind, field):
        return Effect.CHANGES, None
    rule = rules.fields.get(field) or ChangeRule(rules.power, any_value)
    before = rule.default if before is None else before
    after = rule.default if after is None else after
    if before == after:
        return Effect.NARROWS, None
    effect = rule.judge(before, after)
    return effect, rule.power if effect is Effect.WIDENS else None


def is_harmless(kind: str, field: str) -> bool:
    """Whether one person may make every change of a field."""
    return field in RULES[kind].harmless


def judge_removal(kind: str, old: Mapping[str, Any]) -> tuple[Effect, str | None]:
    """What deleting an object does."""
    restricts, removal = KINDS[kind].restricting, KINDS[kind].removal
    power = removal if not restricts or old.get(restricts) else None
    return (Effect.WIDENS if power else Effect.NARROWS), power
