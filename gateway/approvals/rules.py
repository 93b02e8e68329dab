"""Which change of which field widens what may leave or who may do what.

These rules are code: no bundle and no configuration lowers them. Who approves a widening is in
policies/powers.yaml.
"""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from gateway.core.level import Level
from gateway.core.model_life import APPROVED, DEPRECATED, SERVED, WITHDRAWN
from gateway.core.snapshot import LOOPBACK


class Effect(IntEnum):
    """The number of persons that a change needs; ``NARROWS`` needs no record either."""

    NARROWS = 0
    CHANGES = 1
    WIDENS = 2


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

    ``removal`` is the power that deleting an object needs, for kinds whose objects restrict.
    """

    fields: Mapping[str, GovernedField]
    removal: str | None = None


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


def _lower_risk(before: Any, after: Any) -> Effect:
    order = ("minimal", "limited", "high", "prohibited")
    return _when(before is not None and order.index(after) < order.index(before))


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


_ADDRESS = GovernedField("provider.address", _any_value)
_FLOOR = "internal"
RULES: Mapping[str, KindRules] = {
    "provider": KindRules({
        "zone": GovernedField("provider.zone", _towards_internal),
        "base_url": _ADDRESS,
        "kind": _ADDRESS,
        "ca": _ADDRESS,
        "proxy": _ADDRESS,
        "pins": _ADDRESS,
        "private_address": GovernedField("provider.address", _stated),
        "plain_http": GovernedField("provider.address", _stated, False),
        "entra": GovernedField("provider.address", _any_change),
        "aws": GovernedField("provider.address", _any_change),
        "needs_contract": GovernedField("provider.contract", _no_longer, False),
        "contract": GovernedField("provider.contract", _any_change),
    }),
    "deployment": KindRules({
        "provider": GovernedField("deployment.provider", _any_change),
        "clearance": GovernedField("deployment.clearance", _own_clearance),
        "version": GovernedField("deployment.version", _any_change),
        "needs_version": GovernedField("deployment.version", _no_longer, False),
    }),
    "alias": KindRules({"candidates": GovernedField("alias.candidates", _more_items, [])}),
    "team": KindRules({
        "floor": GovernedField("team.floor", _lower_level, _FLOOR),
        "self_service": GovernedField("team.self_service", _any_change),
    }),
    "use_case": KindRules({
        "floor": GovernedField("use_case.floor", _lower_level, _FLOOR),
        "zones": GovernedField("use_case.zones", _more_items_or_all, []),
        "risk": GovernedField("use_case.risk", _lower_risk),
        "review": GovernedField("use_case.review", _replaced),
    }),
    "issuer": KindRules({
        "issuer": GovernedField("issuer.trust", _any_change),
        "audience": GovernedField("issuer.trust", _any_change),
        "roles_claim": GovernedField("issuer.roles", _any_value, "roles"),
        "roles": GovernedField("issuer.roles", _more_entries, {}),
        "groups_claim": GovernedField("issuer.rights", _any_value),
        "groups": GovernedField("issuer.rights", _any_change),
        "applications": GovernedField("issuer.rights", _more_entries, {}),
    }),
    "network": KindRules({"networks": GovernedField("network.internal", _more_networks, LOOPBACK)}),
    "key": KindRules({
        "clearance": GovernedField("key.clearance", _higher_level, "confidential"),
        "floor": GovernedField("key.floor", _lower_level, _FLOOR),
        "owner": GovernedField("key.owner", _replaced),
        "evaluates": GovernedField("key.clearance", _replaced),
    }),
    "admin_key": KindRules({
        "digest": GovernedField("key.admin", _any_value),
        "roles": GovernedField("key.admin", _more_items, []),
        "owner": GovernedField("key.admin", _any_change),
        "clearance": GovernedField("key.clearance", _higher_level, "confidential"),
        "floor": GovernedField("key.floor", _lower_level, _FLOOR),
    }),
    "model": KindRules({
        "state": GovernedField("models", _approved),
        "digest": GovernedField("models", _replaced),
        "base_digest": GovernedField("models", _replaced),
        "adapter_digest": GovernedField("models", _replaced),
        "engine": GovernedField("models", _replaced),
        "external": GovernedField("models", _replaced),
        "clearance": GovernedField("models", _replaced),
    }),
    "policy": KindRules({"digest": GovernedField("policies", _any_value)}),
    "terms": KindRules(
        {"deny": GovernedField("terms", _any_value), "allow": GovernedField("terms", _any_value)},
        removal="terms",
    ),
    "cut_off": KindRules({"left": GovernedField("persons", _restricts)}, removal="persons"),
    "stop": KindRules({"stopped": GovernedField("stops", _restricts)}, removal="stops"),
    "setting": KindRules(
        {
            "one_person": GovernedField("setting.approvals", _stays_never),
            "persons": GovernedField("setting.persons", _any_value),
            "unregistered": GovernedField("setting.models", _serves_unregistered),
        },
        removal="setting.approvals",
    ),
}


def judge(kind: str, field: str, before: Any, after: Any) -> tuple[Effect, str | None]:
    """What a change of a field does, and the power that it needs; a missing field is None.

    ``before`` and ``after`` are values of the field; None where the object or the field is absent.
    """
    rules = RULES.get(kind)
    rule = rules.fields.get(field) if rules else None
    if rule is None:
        return Effect.CHANGES, None
    before = rule.default if before is None else before
    after = rule.default if after is None else after
    if before == after:
        return Effect.NARROWS, None
    effect = rule.judge(before, after)
    return effect, rule.power if effect is Effect.WIDENS else None


def judge_removal(kind: str) -> tuple[Effect, str | None]:
    """What deleting an object does."""
    rules = RULES.get(kind)
    power = rules.removal if rules else None
    return (Effect.WIDENS if power else Effect.NARROWS), power
