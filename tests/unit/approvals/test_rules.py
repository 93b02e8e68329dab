"""What widens needs another person; taking the same change back does not."""

import itertools
import math
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.approvals.lines import lines_between
from gateway.approvals.objects import objects_of
from gateway.approvals.powers import Powers
from gateway.approvals.references import GovernedState
from gateway.approvals.rules import RULES, judge, judge_removal
from gateway.core.objects.effects import Effect
from gateway.core.objects.kinds import KINDS
from gateway.core.snapshot import (
    SignedChange,
    Snapshot,
)
from gateway.storage import resources

SHIPPED = (resources.directory("policies") / "powers.yaml").read_text(encoding="utf-8")
WIDENING: list[tuple[str, str, Any, Any]] = [
    ("provider", "zone", "global", "internal"),
    ("provider", "zone", "global", "eu"),
    ("provider", "zone", "eu", "internal"),
    ("provider", "zone", None, "global"),
    ("provider", "base_url", "https://a.example/v1", "https://b.example/v1"),
    ("provider", "kind", "openai", "worker"),
    ("provider", "ca", "/etc/ca.pem", None),
    ("provider", "private_address", False, True),
    ("provider", "private_address", None, True),
    ("provider", "private_address", False, None),  # as it was before it was asked
    ("provider", "plain_http", None, True),
    ("provider", "entra", {"tenant": "a", "client": "b"}, {"tenant": "c", "client": "b"}),
    ("provider", "aws", None, {"region": "eu-west-1"}),
    ("deployment", "provider", "eu", "far"),
    ("deployment", "clearance", {"clear": "internal", "redacted": "internal"}, None),
    (
        "deployment",
        "clearance",
        {"clear": "public", "redacted": "internal"},
        {"clear": "internal", "redacted": "internal"},
    ),
    ("alias", "candidates", ["a"], ["a", "b"]),
    ("team", "floor", None, "public"),
    ("use_case", "floor", "restricted", None),
    ("use_case", "zones", ["internal"], ["internal", "eu"]),
    ("use_case", "zones", ["internal"], None),
    ("use_case", "risk", "high", "limited"),
    ("use_case", "risk", "limited", "high"),
    ("use_case", "risk", "minimal", "limited"),
    ("use_case", "risk", None, "limited"),
    ("network", "networks", ["127.0.0.0/8"], ["127.0.0.0/8", "10.0.0.0/8"]),
    ("network", "networks", ["10.1.0.0/16"], ["10.0.0.0/8"]),
    ("issuer", "roles", {"a": "auditor"}, {"a": "platform_admin"}),
    ("issuer", "roles", {}, {"a": "auditor"}),
    ("issuer", "audience", "one", "two"),
    ("key", "clearance", None, "restricted"),
    ("key", "floor", None, "public"),
    ("key", "evaluates", "sha256:a", None),  # it would reach every model then
    ("key", "evaluates", "sha256:a", "sha256:b"),
    ("admin_key", "roles", ["auditor"], ["auditor", "policy_approver"]),
    ("admin_key", "digest", "a", "b"),
    ("admin_key", "owner", "alice", "bob"),
    ("model", "state", "draft", "approved"),
    ("model", "state", "quarantined", "approved"),
    ("model", "digest", "a", "b"),
    ("policy", "digest", "a", "b"),
    ("terms", "deny", "a", "b"),
    ("setting", "one_person", "never", "while-alone"),
]
NARROWING: list[tuple[str, str, Any, Any]] = [
    ("provider", "zone", "internal", "eu"),
    ("provider", "zone", "eu", "global"),
    ("provider", "private_address", None, False),
    ("provider", "private_address", True, False),
    ("provider", "plain_http", True, None),
    ("deployment", "clearance", None, {"clear": "public", "redacted": "public"}),
    ("alias", "candidates", ["a", "b"], ["b"]),
    ("team", "floor", "public", None),
    ("use_case", "floor", None, "restricted"),
    ("use_case", "zones", None, ["internal"]),
    ("use_case", "risk", None, "minimal"),
    ("network", "networks", ["10.0.0.0/8"], ["10.1.0.0/16"]),
    ("issuer", "roles", {"a": "auditor", "b": "auditor"}, {"a": "auditor"}),
    ("key", "clearance", "restricted", None),
    ("key", "floor", "public", "confidential"),
    ("admin_key", "roles", ["auditor", "policy_approver"], ["auditor"]),
    ("model", "state", "approved", "quarantined"),
    ("setting", "one_person", None, "never"),
    ("cut_off", "left", None, True),
]


@pytest.mark.parametrize(("kind", "field", "before", "after"), WIDENING)
def test_what_widens_names_a_power_that_somebody_may_approve(
    kind: str, field: str, before: Any, after: Any
) -> None:
    effect, power = judge(kind, field, before, after)
    assert effect is Effect.WIDENS
    assert power is not None
    assert Powers(None, shipped=SHIPPED).approvers(power)


@pytest.mark.parametrize(("kind", "field", "before", "after"), NARROWING)
def test_what_narrows_acts_at_once(kind: str, field: str, before: Any, after: Any) -> None:
    assert judge(kind, field, before, after)[0] is Effect.NARROWS


def test_every_rule_has_a_power_of_the_shipped_file() -> None:
    powers = set(Powers(None, shipped=SHIPPED))
    used = {rule.power for rules in RULES.values() for rule in rules.fields.values()}
    used |= {rules.power for rules in RULES.values()}
    used |= {rules.removal for rules in RULES.values() if rules.removal}
    assert used <= powers


def governed(kind: str) -> set[str]:
    """The fields of a kind of object."""
    return {field.name for field in KINDS[kind].fields()}


def test_the_kinds_of_a_snapshot_are_here() -> None:
    of_snapshot = {
        argument
        for field in msgspec.structs.fields(Snapshot)
        for argument in get_args(field.type)
        if isinstance(argument, type) and issubclass(argument, msgspec.Struct)
    } - {SignedChange}
    declared = {struct for kind in KINDS.values() for struct in kind.structs}
    assert of_snapshot <= declared


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_widens_unless_its_rule_says_that_it_does_less(kind: str) -> None:
    """A field that is added widens with every change until somebody states what it does."""
    fields, rules = governed(kind), RULES[kind]
    assert not rules.fields.keys() & rules.harmless.keys()
    assert all(reason for reason in rules.harmless.values())
    for field in fields - rules.fields.keys() - rules.harmless.keys():
        for before, after in (("a", "b"), (None, "b"), ("a", None)):
            assert judge(kind, field, before, after) == (Effect.WIDENS, rules.power)


DIGITS = st.one_of(st.none(), st.integers(1, 3))
MONEY = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"amount": st.integers(1, 3)},
        optional={"currency": st.just("USD"), "period": st.just("day")},
    ),
)
LIMITS = st.dictionaries(st.sampled_from(["requests_per_minute", "concurrent"]), st.integers(1, 3))


def spends(budget: dict[str, Any] | None, *, currency: str | None, period: str | None) -> float:
    """The most that a budget permits in one currency and period."""
    if budget is None or (budget.get("currency"), budget.get("period")) != (currency, period):
        return math.inf
    return float(budget["amount"])


@given(MONEY, MONEY)
def test_a_budget_widens_where_more_can_be_spent(
    before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    more = any(
        spends(after, currency=currency, period=period)
        > spends(before, currency=currency, period=period)
        for currency in (None, "USD")
        for period in (None, "day")
    )
    assert (judge("team", "budget", before, after)[0] is Effect.WIDENS) == more


@given(LIMITS, LIMITS)
def test_a_limit_widens_where_more_is_permitted(
    before: dict[str, int], after: dict[str, int]
) -> None:
    more = any(after.get(name, math.inf) > value for name, value in before.items())
    for field, wrap in (("limits", dict), ("per_person", lambda one: {"limits": one})):
        effect = judge("team", field, wrap(before) or None, wrap(after) or None)[0]
        assert (effect is Effect.WIDENS) == more


PRICE = st.fixed_dictionaries(
    {}, optional={"input_per_million": st.integers(1, 3), "output_per_million": st.integers(1, 3)}
)


@given(PRICE, PRICE)
def test_a_price_widens_where_the_same_budget_buys_more(
    before: dict[str, int], after: dict[str, int]
) -> None:
    cheaper = any(after.get(part, 0) < cost for part, cost in before.items())
    effect = judge("deployment", "price", before or None, after or None)[0]
    assert (effect is Effect.WIDENS) == cheaper
    other = {**after, "currency": "USD"}
    assert judge("deployment", "price", before or None, other)[0] is Effect.WIDENS


@given(DIGITS, DIGITS)
def test_a_key_that_lives_longer_widens(before: int | None, after: int | None) -> None:
    longer = before is not None and (after is None or after > before)
    assert (judge("key", "expires", before, after)[0] is Effect.WIDENS) == longer


KEYS = st.fixed_dictionaries(
    {},
    optional={
        "models": st.lists(st.sampled_from("ab"), min_size=1, unique=True),
        "purposes": st.lists(st.sampled_from("ab"), min_size=1, unique=True),
        "team": st.sampled_from(["x", "y"]),
        "strict": st.just(True),
    },
)


def may(key: dict[str, Any], team: str | None, model: str, purpose: str, *, strict: bool) -> bool:
    """Whether a key is one of a team that may use a model for a purpose, rerouted or not."""
    return (
        key.get("team") == team
        and model in key.get("models", [model])
        and purpose in key.get("purposes", [purpose])
        and (strict or not key.get("strict") or not key.get("models"))
    )


USES = list(itertools.product((None, "x", "y"), "abc", "abc", (True, False)))


@given(st.lists(KEYS, max_size=3), KEYS)
def test_one_person_gives_a_new_key_what_a_key_of_its_team_has(
    keys: list[dict[str, Any]], new: dict[str, Any]
) -> None:
    before = GovernedState({("key", str(number)): key for number, key in enumerate(keys)}, {})
    lines = lines_between(before, {**before, ("key", "new"): new})
    if not any(line.widens for line in lines):
        for team, model, purpose, strict in USES:
            if may(new, team, model, purpose, strict=strict):
                assert any(may(key, team, model, purpose, strict=strict) for key in keys)


BUDGET = {"currency": "EUR", "period": "month"}


@pytest.mark.parametrize("bounded", [False, True])
def test_a_new_key_adds_no_money(*, bounded: bool) -> None:
    """The budget of a key is its own: only one of the team bounds both."""
    key = {"team": "x", "budget": {**BUDGET, "amount": 5}}
    team = {"budget": {**BUDGET, "amount": 9}} if bounded else {}
    before = GovernedState({("team", "x"): team, ("key", "old"): key}, {})
    lines = lines_between(before, {**before, ("key", "new"): key})
    assert any(line.widens for line in lines) is not bounded
    none = {**key, "budget": {**BUDGET, "amount": 0}}
    assert not any(line.widens for line in lines_between(before, {**before, ("key", "new"): none}))


@given(KEYS, KEYS)
def test_what_was_removed_comes_back_as_it_was_at_most(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """By one person, as the same change of an object that is there."""
    place = ("key", "k")
    gone = GovernedState({}, {place: before})
    back = {line.power for line in lines_between(gone, {place: after}) if line.widens}
    changed = {line.power for line in lines_between({place: before}, {place: after}) if line.widens}
    assert back == changed


def test_deleting_narrows_but_for_what_restricts() -> None:
    assert judge_removal("provider", {}) == (Effect.NARROWS, None)
    assert judge_removal("cut_off", {}) == (Effect.WIDENS, "persons")
    assert judge_removal("setting", {}) == (Effect.WIDENS, "setting.approvals")
    assert judge_removal("issuer", {"roles": {"a": "b"}}) == (Effect.NARROWS, None)
    signing = {"approvals": {"client_id": "sluis"}}
    assert judge_removal("issuer", signing) == (Effect.WIDENS, "issuer.trust")


LEVELS = st.sampled_from(["public", "internal", "confidential", "restricted"])


@given(LEVELS, LEVELS)
def test_of_two_levels_one_direction_widens(one: str, other: str) -> None:
    there, back = judge("team", "floor", one, other)[0], judge("team", "floor", other, one)[0]
    assert (Effect.WIDENS in (there, back)) == (one != other)
    assert not (there is back is Effect.WIDENS)


@given(st.sets(st.sampled_from("abcd")), st.sets(st.sampled_from("abcd")))
def test_candidates_widen_only_by_new_ones(before: set[str], after: set[str]) -> None:
    effect = judge("alias", "candidates", sorted(before), sorted(after))[0]
    assert (effect is Effect.WIDENS) == bool(after - before)


def test_an_empty_installation_has_nothing_but_its_policies() -> None:
    lines = lines_between({}, objects_of(Snapshot(created=0, bundle={})))
    assert [(line.kind, line.power) for line in lines if line.effect] == [("policy", "policies")]
