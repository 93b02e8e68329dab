"""Which change of which field widens what may leave or who may do what.

A field that no rule names widens with every change, under the power of its kind: a rule says when a
change does less. These rules are code: no bundle and no configuration lowers them. Who approves a
widening is in policies/powers.yaml.
"""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from gateway.core.level import Level
from gateway.core.model_life import APPROVED, DEPRECATED, SERVED, WITHDRAWN
from gateway.core.snapshot import LOOPBACK, REVEALS_PER_DAY


class Effect(IntEnum):
    """The number of persons that a change needs; ``NARROWS`` needs no record either."""

    NARROWS = 0
    CHANGES = 1
    WIDENS = 2


STARTS = "use_case.risk"  # the power, and its field: what starts a use case (agreements.py)
Judge = Callable[[Any, Any], Effect]


@dataclass(frozen=True, slots=True)
class GovernedField:
    """How a field is judged, and the power that a widening of it needs."""

    power: str
    judge: Judge
    default: Any = None  # the value of an object that does not have the field


@dataclass(frozen=True, slots=True)
class KindRules:
    """The rules of one kind of object.

    ``power`` is that of fields without a rule. ``harmless`` are fields whose change one person may
    make, with the reason. ``removal`` is the power that deleting an object needs, for kinds whose
    objects restrict; with ``restricting``, of objects with that field alone.
    """

    power: str
    fields: Mapping[str, GovernedField]
    harmless: Mapping[str, str] = field(default_factory=dict)
    removal: str | None = None
    restricting: str = ""


_NARROWS = Effect.NARROWS


def _when(wider: object) -> Effect:
    return Effect.WIDENS if wider else Effect.NARROWS


def _any_change(_: Any, after: Any) -> Effect:
    """Every new value widens; taking the value away narrows."""
    return _when(after not in (None, "", [], {}))


def _stated(before: Any, after: Any) -> Effect:
    """A permission that is given, or taken away; without a statement it is as it was before any."""
    return _when(after is True or (after is None and before is False))


def _any_value(_before: Any, _after: Any) -> Effect:
    """Every change widens, also taking a value away."""
    return Effect.WIDENS


def _towards_internal(before: Any, after: Any) -> Effect:
    """Zones, from the narrowest clearance to the widest."""
    order = ("global", "eu", "internal")
    return _when(before is None or order.index(after) > order.index(before))


def _lower_level(before: Any, after: Any) -> Effect:
    return _when(Level.parse(after) < Level.parse(before))


def _higher_level(before: Any, after: Any) -> Effect:
    return _when(Level.parse(after) > Level.parse(before))


def _own_clearance(before: Any, after: Any) -> Effect:
    """A deployment's own clearance; without one it has that of its zone."""
    if after is None:
        return Effect.WIDENS
    if before is None:
        return Effect.NARROWS
    return _when(any(Level.parse(after[side]) > Level.parse(before[side]) for side in after))


def _more_items(before: Any, after: Any) -> Effect:
    if set(after) - set(before):
        return Effect.WIDENS
    return Effect.NARROWS if set(before) - set(after) else Effect.CHANGES  # another order


def _more_items_or_all(before: Any, after: Any) -> Effect:
    """A list that permits everything when it is empty."""
    if not before:
        return Effect.NARROWS
    return Effect.WIDENS if not after else _more_items(before, after)


def _more_entries(before: Any, after: Any) -> Effect:
    """A mapping: a new or changed entry widens."""
    return _when(any(before.get(name) != value for name, value in after.items()))


def _more_networks(before: Any, after: Any) -> Effect:
    covered = [ipaddress.ip_network(one) for one in before]
    added = [ipaddress.ip_network(one) for one in after]
    return _when(not all(any(_within(new, old) for old in covered) for new in added))


def _within(
    inner: ipaddress.IPv4Network | ipaddress.IPv6Network,
    outer: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> bool:
    if isinstance(inner, ipaddress.IPv4Network):
        return isinstance(outer, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, ipaddress.IPv6Network) and inner.subnet_of(outer)


def _risk_class(before: Any, after: Any) -> Effect:
    """A class above minimal, or another one than before: a lower one asks less of a use case."""
    return _when(before is not None or after != "minimal")


def _lower_or_set(before: Any, after: Any) -> Effect:
    """A bound, such as a number or a moment: without one everything is permitted."""
    return _when(before is not None and (after is None or after > before))


def _no_wider_limits(before: Any, after: Any) -> Effect:
    """Limits by name; one that is absent permits everything."""
    before, after = before or {}, after or {}
    return max((_lower_or_set(before[name], after.get(name)) for name in before), default=_NARROWS)


def _no_more_money(before: Any, after: Any) -> Effect:
    """A budget; in another currency or for another period the amounts do not compare."""
    if not before:
        return Effect.NARROWS
    same = after and all(after.get(part) == before.get(part) for part in ("currency", "period"))
    return _when(not same or after["amount"] > before["amount"])


def _no_cheaper(before: Any, after: Any) -> Effect:
    """A price: at a lower one, or in another currency, a budget lasts longer."""
    before, after = before or {}, after or {}
    if before.get("currency") != after.get("currency"):
        return Effect.WIDENS
    return _when(
        any(after.get(part, 0) < cost for part, cost in before.items() if part != "currency")
    )


def _no_wider_allowance(before: Any, after: Any) -> Effect:
    """Limits and a budget."""
    before, after = before or {}, after or {}
    return max(
        _no_wider_limits(before.get("limits"), after.get("limits")),
        _no_more_money(before.get("budget"), after.get("budget")),
    )


def _no_wider_allowances(before: Any, after: Any) -> Effect:
    """Allowances by name; a name without one has no bound."""
    before, after = before or {}, after or {}
    return max(
        (_no_wider_allowance(one, after.get(name)) for name, one in before.items()),
        default=_NARROWS,
    )


def _fewer_networks(before: Any, after: Any) -> Effect:
    """Addresses that a key may be used from; an empty list means all."""
    if not before:
        return Effect.NARROWS
    return _more_networks(before, after) if after else Effect.WIDENS


def _joined(before: Any, after: Any) -> Effect:
    """The team of a key: its floor, limits and budget hold for the key too."""
    return _when(before is not None and after != before)


def _no_longer(before: Any, _: Any) -> Effect:
    """A condition that is taken away."""
    return _when(before)


def _restricts(_before: Any, _after: Any) -> Effect:
    """A field of an object that only restricts."""
    return Effect.NARROWS


def _approved(before: Any, after: Any) -> Effect:
    """The state of a model version; one that ends on a day still serves."""
    if after == DEPRECATED and before == APPROVED:
        return Effect.CHANGES
    if after in SERVED:
        return Effect.WIDENS
    return Effect.NARROWS if after in WITHDRAWN else Effect.CHANGES


def _serves_unregistered(before: Any, after: Any) -> Effect:
    """Whether internal engines serve without an approved version: they do unless it says refuse."""
    return _when(before == "refuse" and after != "refuse")


def _replaced(before: Any, _: Any) -> Effect:
    """A value that is set once."""
    return Effect.CHANGES if before is None else Effect.WIDENS


def _stays_never(before: Any, _: Any) -> Effect:
    return _when(before in ("never", "ended"))


_LEVEL = "internal"  # the floor of what names none
_DECIDES_NOTHING = "a text for registers and reports; it decides nothing"
_SAME_RIGHTS = "another secret of a key with the same rights"
_LIMITS = {
    "limits": GovernedField("team.budget", _no_wider_limits),
    "budget": GovernedField("team.budget", _no_more_money),
}
_KEY = {
    **_LIMITS,
    "clearance": GovernedField("key.clearance", _higher_level, "confidential"),
    "floor": GovernedField("key.floor", _lower_level, _LEVEL),
    "team": GovernedField("key.rights", _joined),
    "models": GovernedField("key.rights", _more_items_or_all, []),
    "purposes": GovernedField("key.rights", _more_items_or_all, []),
    "networks": GovernedField("key.rights", _fewer_networks, []),
    "strict": GovernedField("key.rights", _no_longer, False),
    "expires": GovernedField("key.rights", _lower_or_set),
    "evaluates": GovernedField("key.clearance", _replaced),
}
RULES: Mapping[str, KindRules] = {
    "provider": KindRules(
        "provider.address",
        {
            "zone": GovernedField("provider.zone", _towards_internal),
            "private_address": GovernedField("provider.address", _stated),
            "plain_http": GovernedField("provider.address", _stated, False),
            "needs_contract": GovernedField("provider.contract", _no_longer, False),
            "contract": GovernedField("provider.contract", _any_change),
        },
    ),
    "deployment": KindRules(
        "deployment.provider",
        {
            "clearance": GovernedField("deployment.clearance", _own_clearance),
            "price": GovernedField("deployment.provider", _no_cheaper),
            "version": GovernedField("deployment.version", _any_change),
            "needs_version": GovernedField("deployment.version", _no_longer, False),
        },
        harmless={"timeouts": "how long an answer may take; where text goes is as before"},
    ),
    "alias": KindRules(
        "alias.candidates", {"candidates": GovernedField("alias.candidates", _more_items, [])}
    ),
    "team": KindRules(
        "team.budget",
        {
            **_LIMITS,
            "floor": GovernedField("team.floor", _lower_level, _LEVEL),
            "per_person": GovernedField("team.budget", _no_wider_allowance),
            "per_model": GovernedField("team.budget", _no_wider_allowances),
            "self_service": GovernedField("team.self_service", _any_change),
            "lead": GovernedField("team.lead", _any_change),
        },
    ),
    "use_case": KindRules(
        "use_case.record",
        {
            **_LIMITS,
            "floor": GovernedField("use_case.floor", _lower_level, _LEVEL),
            "zones": GovernedField("use_case.zones", _more_items_or_all, []),
            "risk": GovernedField(STARTS, _risk_class),
            "review": GovernedField("use_case.review", _replaced),
        },
        harmless=dict.fromkeys(
            ("description", "data_subjects", "data_categories"), _DECIDES_NOTHING
        ),
    ),
    "issuer": KindRules(
        "issuer.trust",
        {
            "roles_claim": GovernedField("issuer.roles", _any_value, "roles"),
            "roles": GovernedField("issuer.roles", _more_entries, {}),
            "groups_claim": GovernedField("issuer.rights", _any_value),
            "groups": GovernedField("issuer.rights", _any_change),
            "applications": GovernedField("issuer.rights", _more_entries, {}),
        },
        removal="issuer.trust",
        restricting="approvals",
    ),
    "network": KindRules(
        "network.internal",
        {"networks": GovernedField("network.internal", _more_networks, LOOPBACK)},
    ),
    "key": KindRules(
        "key.rights",
        {**_KEY, "owner": GovernedField("key.owner", _replaced)},
        harmless={
            "kind": "a key of an application and one of a person have the same rights",
            **dict.fromkeys(("digest", "former", "former_until", "issued_by"), _SAME_RIGHTS),
        },
    ),
    "admin_key": KindRules(
        "key.admin",
        {
            **_KEY,
            "roles": GovernedField("key.admin", _more_items, []),
            "owner": GovernedField("key.admin", _any_change),
            "former": GovernedField("key.admin", _any_change),
            "former_until": GovernedField("key.admin", _any_change),
        },
    ),
    "model": KindRules(
        "models",
        {
            "state": GovernedField("models", _approved),
            **dict.fromkeys(
                (
                    "kind",
                    "digest",
                    "base_digest",
                    "base_dir",
                    "adapter_digest",
                    "adapter_dir",
                    "engine",
                    "external",
                    "clearance",
                ),
                GovernedField("models", _replaced),
            ),
            "until": GovernedField("models", _lower_or_set),
            "approved_until": GovernedField("models", _lower_or_set),
        },
        harmless={
            "version": "a part of the name of the object",
            **dict.fromkeys(("tags", "earlier"), "a tag names approved versions only"),
        },
    ),
    "policy": KindRules("policies", {}),
    "terms": KindRules("terms", {}, removal="terms"),
    "cut_off": KindRules(
        "persons", {"left": GovernedField("persons", _restricts)}, removal="persons"
    ),
    "stop": KindRules("stops", {"stopped": GovernedField("stops", _restricts)}, removal="stops"),
    "setting": KindRules(
        "setting.approvals",
        {
            "one_person": GovernedField("setting.approvals", _stays_never),
            "persons": GovernedField("setting.persons", _any_value),
            "unregistered": GovernedField("setting.models", _serves_unregistered),
            "reveals_per_day": GovernedField("audit", _lower_or_set, REVEALS_PER_DAY),
        },
        removal="setting.approvals",
    ),
}


def judge(kind: str, field: str, before: Any, after: Any) -> tuple[Effect, str | None]:
    """What a change of a field does, and the power that it needs; what is absent is None."""
    rules = RULES[kind]
    if is_harmless(kind, field):
        return Effect.CHANGES, None
    rule = rules.fields.get(field) or GovernedField(rules.power, _any_value)
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
    rules = RULES[kind]
    power = rules.removal if not rules.restricting or old.get(rules.restricting) else None
    return (Effect.WIDENS if power else Effect.NARROWS), power
