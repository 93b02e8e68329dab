"""What changes of a value do: the judges that declarations of fields name.

Each takes the value before and after, which differ. None stands for a value that is absent.
"""

import ipaddress
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from gateway.core.level import Level
from gateway.core.model_life import APPROVED, DEPRECATED, SERVED, WITHDRAWN


class Effect(IntEnum):
    """The number of persons that a change needs; ``NARROWS`` needs no record either."""

    NARROWS = 0
    CHANGES = 1
    WIDENS = 2


Judge = Callable[[Any, Any], Effect]
_NARROWS = Effect.NARROWS


def _when(wider: object) -> Effect:
    return Effect.WIDENS if wider else Effect.NARROWS


def any_change(_: Any, after: Any) -> Effect:
    """Every new value widens; taking the value away narrows."""
    return _when(after not in (None, "", [], {}))


def stated(before: Any, after: Any) -> Effect:
    """A permission that is given, or taken away; without a statement it is as it was before any."""
    return _when(after is True or (after is None and before is False))


def any_value(_before: Any, _after: Any) -> Effect:
    """Every change widens, also taking a value away."""
    return Effect.WIDENS


def towards_internal(before: Any, after: Any) -> Effect:
    """Zones, from the narrowest clearance to the widest."""
    order = ("global", "eu", "internal")
    return _when(before is None or order.index(after) > order.index(before))


def lower_level(before: Any, after: Any) -> Effect:
    """A floor: a lower one asks less."""
    return _when(Level.parse(after) < Level.parse(before))


def higher_level(before: Any, after: Any) -> Effect:
    """A clearance: a higher one permits more."""
    return _when(Level.parse(after) > Level.parse(before))


def own_clearance(before: Any, after: Any) -> Effect:
    """A deployment's own clearance; without one it has that of its zone."""
    if after is None:
        return Effect.WIDENS
    if before is None:
        return Effect.NARROWS
    return _when(any(Level.parse(after[side]) > Level.parse(before[side]) for side in after))


def more_items(before: Any, after: Any) -> Effect:
    """A list: a new item widens, another order is a change."""
    if set(after) - set(before):
        return Effect.WIDENS
    return Effect.NARROWS if set(before) - set(after) else Effect.CHANGES  # another order


def more_items_or_all(before: Any, after: Any) -> Effect:
    """A list that permits everything when it is empty."""
    if not before:
        return Effect.NARROWS
    return Effect.WIDENS if not after else more_items(before, after)


def more_entries(before: Any, after: Any) -> Effect:
    """A mapping: a new or changed entry widens."""
    return _when(any(before.get(name) != value for name, value in after.items()))


def more_networks(before: Any, after: Any) -> Effect:
    """Networks: one that no network before covers widens."""
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


def risk_class(before: Any, after: Any) -> Effect:
    """A class above minimal, or another one than before: a lower one asks less of a use case."""
    return _when(before is not None or after != "minimal")


def lower_or_set(before: Any, after: Any) -> Effect:
    """A bound, such as a number or a moment: without one everything is permitted."""
    return _when(before is not None and (after is None or after > before))


def no_wider_limits(before: Any, after: Any) -> Effect:
    """Limits by name; one that is absent permits everything."""
    before, after = before or {}, after or {}
    return max((lower_or_set(before[name], after.get(name)) for name in before), default=_NARROWS)


def no_more_money(before: Any, after: Any) -> Effect:
    """A budget; in another currency or for another period the amounts do not compare."""
    if not before:
        return Effect.NARROWS
    same = after and all(after.get(part) == before.get(part) for part in ("currency", "period"))
    return _when(not same or after["amount"] > before["amount"])


def no_cheaper(before: Any, after: Any) -> Effect:
    """A price: at a lower one, or in another currency, a budget lasts longer."""
    before, after = before or {}, after or {}
    if before.get("currency") != after.get("currency"):
        return Effect.WIDENS
    return _when(
        any(after.get(part, 0) < cost for part, cost in before.items() if part != "currency")
    )


def no_wider_allowance(before: Any, after: Any) -> Effect:
    """Limits and a budget."""
    before, after = before or {}, after or {}
    return max(
        no_wider_limits(before.get("limits"), after.get("limits")),
        no_more_money(before.get("budget"), after.get("budget")),
    )


def no_wider_allowances(before: Any, after: Any) -> Effect:
    """Allowances by name; a name without one has no bound."""
    before, after = before or {}, after or {}
    return max(
        (no_wider_allowance(one, after.get(name)) for name, one in before.items()),
        default=_NARROWS,
    )


def fewer_networks(before: Any, after: Any) -> Effect:
    """Addresses that a key may be used from; an empty list means all."""
    if not before:
        return Effect.NARROWS
    return more_networks(before, after) if after else Effect.WIDENS


def joined(before: Any, after: Any) -> Effect:
    """The team of a key: its floor, limits and budget hold for the key too."""
    return _when(before is not None and after != before)


def no_longer(before: Any, _: Any) -> Effect:
    """A condition that is taken away."""
    return _when(before)


def restricts(_before: Any, _after: Any) -> Effect:
    """A field of an object that only restricts."""
    return Effect.NARROWS


def approved(before: Any, after: Any) -> Effect:
    """The state of a model version; one that ends on a day still serves."""
    if after == DEPRECATED and before == APPROVED:
        return Effect.CHANGES
    if after in SERVED:
        return Effect.WIDENS
    return Effect.NARROWS if after in WITHDRAWN else Effect.CHANGES


def serves_unregistered(before: Any, after: Any) -> Effect:
    """Whether internal engines serve without an approved version: they do unless it says refuse."""
    return _when(before == "refuse" and after != "refuse")


def replaced(before: Any, _: Any) -> Effect:
    """A value that is set once."""
    return Effect.CHANGES if before is None else Effect.WIDENS


def stays_never(before: Any, _: Any) -> Effect:
    """A value that nobody leaves alone once it is ``never``."""
    return _when(before in ("never", "ended"))
