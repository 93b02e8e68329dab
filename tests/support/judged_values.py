"""Values of each field of governed objects, to ask its judge about."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.approvals.rules import RULES
from gateway.core.objects import effects, mandates
from gateway.core.objects.kinds import KINDS

LEVELS = ["public", "internal", "confidential", "restricted"]
ITEMS = [["a"], ["a", "b"], ["b", "a"], ["c"]]
NETWORKS = [["10.0.0.0/8"], ["10.1.0.0/16"], ["10.1.0.0/16", "192.0.2.0/24"]]
LIMITS = [{"concurrent": 1}, {"concurrent": 2}, {"requests_per_minute": 1, "concurrent": 1}]
MONEY = [
    {"amount": amount, "currency": currency, "period": "month"}
    for amount, currency in ((1, "EUR"), (2, "EUR"), (1, "USD"))
]
ALLOWANCES = [
    {"budget": MONEY[0]},
    {"budget": MONEY[1], "limits": LIMITS[0]},
    {"limits": LIMITS[1]},
]
DAYS = ["2027-01-31", "2027-02-01"]  # of a bound that is a text
ANY = ["a", "b", "c"]
GRANTS = [
    [{"kind": "team", "teams": teams, "most": {"budget": {"amount": amount}}} for teams in groups]
    for amount, groups in ((1.0, [["a"]]), (2.0, [["a"]]), (1.0, [["a"], ["b"]]))
]
# Values that a judge is asked about. A field of another judge fails: it gets its values here.
VALUES: Mapping[Callable[..., Any], list[Any]] = {
    effects.any_change: ANY,
    effects.stated: [True, False],
    effects.any_value: ANY,
    effects.towards_internal: ["global", "eu", "internal"],
    effects.lower_level: LEVELS,
    effects.higher_level: LEVELS,
    effects.own_clearance: [
        {"clear": clear, "redacted": redacted}
        for clear, redacted in (("public", "internal"), ("internal", "internal"))
    ],
    effects.more_items: ITEMS,
    effects.more_items_or_all: ITEMS,
    effects.more_entries: [{"a": "x"}, {"a": "y"}, {"a": "x", "b": "x"}],
    effects.more_networks: NETWORKS,
    effects.fewer_networks: NETWORKS,
    effects.risk_class: ["minimal", "limited", "high"],
    effects.lower_or_set: [1, 2, 30],
    effects.no_wider_limits: LIMITS,
    effects.no_more_money: MONEY,
    effects.no_cheaper: [
        {"input": 1, "currency": "EUR"},
        {"input": 2, "currency": "EUR"},
        {"input": 2, "currency": "USD"},
    ],
    effects.no_wider_allowance: ALLOWANCES,
    effects.no_wider_allowances: [{"gpt": one} for one in ALLOWANCES] + [{"other": ALLOWANCES[0]}],
    effects.joined: ANY,
    effects.no_longer: [True],
    effects.restricts: [True],
    mandates.no_wider_grants: GRANTS,
    effects.approved: ["draft", "approved", "deprecated", "retired", "quarantined"],
    effects.serves_unregistered: ["refuse", "serve"],
    effects.replaced: ANY,
    effects.stays_never: ["never", "while-alone"],
}
FIELDS = [(kind.name, field) for kind in KINDS.values() for field in kind.fields()]


def values_of(kind: str, field: str) -> list[Any]:
    """Values that a field may have, beside none."""
    rule = RULES[kind].fields.get(field)
    if rule is None:
        return ANY
    return DAYS if rule.default == "" else VALUES[rule.judge]
