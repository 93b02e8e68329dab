"""Limits and budgets of a team, a key, a person and a model: each holds, whatever the order."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import QuotaExceeded, RateLimited
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.snapshot import (
    Allowance,
    Budget,
    GroupRights,
    Issuer,
    Key,
    Limits,
    Snapshot,
    Team,
    UseCase,
)
from gateway.core.usage import Price, Spending, Usage
from gateway.limits import Meter, Reservation, Room, has_limits

pytestmark = pytest.mark.unit
A_EURO = Price(1_000_000, 0, "EUR")
FREE = Price()
MODELS = ("assistant", "gpt-eu")


def key(name: str = "k_app", team: str | None = "one", **rights: Any) -> Principal:
    plain = Principal(
        name,
        "app",
        "app",
        team,
        frozenset(),
        frozenset(),
        (),
        Level.RESTRICTED,
        Level.PUBLIC,
        strict=False,
        limits=Limits(),
    )
    return replace(plain, **rights)


def person(name: str, **rights: Any) -> Principal:
    return key(name, kind="person", person=name, **rights)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Bench:
    """A meter with its clock, and reservations that are under way."""

    team: Team = field(default_factory=lambda: Team("one"))
    spent: tuple[Spending, ...] = ()
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.meter = Meter(
            clock=self.clock, wall=lambda: 1_800_000_000.0 + self.clock.now, spent=self.spent
        )
        self.meter.configure(Snapshot(0.0, {}, teams=[self.team]))

    def reserve(self, principal: Principal, tokens: int, price: Price = A_EURO) -> Reservation:
        return self.meter.hold(principal, tokens=tokens, price=price, models=MODELS)


def refused_scope(error: pytest.ExceptionInfo[Any]) -> str:
    (rule,) = error.value.rules
    return str(rule).removeprefix("limits.")


TEN = Budget(10)
BUDGETS = [
    ("team", Team("one", budget=TEN), key()),
    ("key", Team("one"), key(key_budget=TEN)),
    ("person", Team("one"), person("u_jan", person_budget=TEN)),
    ("person", Team("one", per_person=Allowance(budget=TEN)), person("u_jan")),
    ("person", Team("one", per_person=Allowance(budget=TEN)), key(person="u_jan")),
    ("model", Team("one", per_model={"assistant": Allowance(budget=TEN)}), key()),
    ("model", Team("one", per_model={"gpt-eu": Allowance(budget=TEN)}), key()),
]


@pytest.mark.parametrize(("scope", "team", "principal"), BUDGETS)
def test_every_scope_has_a_budget_of_its_own(scope: str, team: Team, principal: Principal) -> None:
    bench = Bench(team)
    first = bench.reserve(principal, 10)
    with pytest.raises(QuotaExceeded) as refused:
        bench.reserve(principal, 1)
    assert refused_scope(refused) == scope
    assert "10" not in refused.value.message  # whose budget, not how large
    bench.reserve(principal, 5, FREE)
    bench.meter.settle(first, Usage(4, 0))
    bench.reserve(principal, 6)


def limited(**limits: int) -> list[tuple[str, Team, Principal]]:
    most = Limits(**limits)
    return [
        ("team", Team("one", limits=most), key()),
        ("key", Team("one"), key(key_limits=most)),
        ("person", Team("one"), person("u_jan", person_limits=most)),
        ("person", Team("one", per_person=Allowance(most)), person("u_jan")),
        ("model", Team("one", per_model={"assistant": Allowance(most)}), key()),
    ]


@pytest.mark.parametrize(("scope", "team", "principal"), limited(tokens_per_minute=60))
def test_every_scope_has_tokens_of_its_own(scope: str, team: Team, principal: Principal) -> None:
    bench = Bench(team)
    bench.reserve(principal, 60)
    with pytest.raises(RateLimited) as refused:
        bench.reserve(principal, 30)
    assert (refused_scope(refused), refused.value.retry_after) == (scope, 30)
    bench.clock.now = 30.0
    bench.reserve(principal, 30)


@pytest.mark.parametrize(("scope", "team", "principal"), limited(concurrent=1))
def test_every_scope_bounds_what_runs_at_once(scope: str, team: Team, principal: Principal) -> None:
    bench = Bench(team)
    under_way = bench.reserve(principal, 1)
    with pytest.raises(RateLimited) as refused:
        bench.reserve(principal, 1)
    assert refused_scope(refused) == scope
    bench.meter.settle(under_way, Usage())
    bench.reserve(principal, 1)


@pytest.mark.parametrize(("scope", "team", "principal"), limited(requests_per_minute=2))
def test_every_scope_counts_requests(scope: str, team: Team, principal: Principal) -> None:
    bench = Bench(team)
    for _ in range(2):
        bench.meter.take(principal)
        bench.reserve(principal, 1)
    ask = bench.meter.take if scope != "model" else lambda one: bench.reserve(one, 1)
    with pytest.raises(RateLimited) as refused:
        ask(principal)
    assert refused_scope(refused) == scope


def test_the_headers_are_those_of_the_tightest_scope() -> None:
    team = Team("one", limits=Limits(requests_per_minute=3))
    bench, principal = Bench(team), key(key_limits=Limits(requests_per_minute=100))
    assert bench.meter.take(principal)["requests"].limit == 3
    other = key("k_other", key_limits=Limits(requests_per_minute=1))
    assert bench.meter.take(other)["requests"].left == 0


def test_a_model_tighter_than_the_rest_shows_in_the_headers() -> None:
    least = Allowance(Limits(requests_per_minute=2))
    team = Team("one", limits=Limits(requests_per_minute=9), per_model={"gpt-eu": least})
    bench = Bench(team)
    bench.meter.take(key())
    limits = bench.reserve(key(), 1).limits
    assert limits["requests"].left == 1


def test_what_one_scope_refuses_is_counted_by_no_other() -> None:
    team = Team("one", limits=Limits(requests_per_minute=2, tokens_per_minute=10), budget=TEN)
    bench = Bench(team)
    narrow = key(key_limits=Limits(requests_per_minute=1, tokens_per_minute=1))
    bench.meter.take(narrow)
    bench.reserve(narrow, 1, FREE)
    for _ in range(5):
        with pytest.raises(RateLimited):
            bench.meter.take(narrow)
        with pytest.raises(RateLimited):
            bench.reserve(narrow, 1, A_EURO)
    other = key("k_other")
    bench.meter.take(other)
    bench.reserve(other, 9, A_EURO)


def test_of_two_limits_on_a_person_the_lower_holds() -> None:
    team = Team("one", per_person=Allowance(Limits(concurrent=5), Budget(3)))
    bench = Bench(team)
    generous = person("u_jan", person_limits=Limits(concurrent=9), person_budget=TEN)
    bench.reserve(generous, 3)
    with pytest.raises(QuotaExceeded):
        bench.reserve(generous, 1)


def test_one_persons_use_is_not_anothers() -> None:
    bench = Bench(Team("one", per_person=Allowance(budget=TEN)))
    bench.reserve(person("u_jan"), 10)
    bench.reserve(person("u_els"), 10)
    with pytest.raises(QuotaExceeded):
        bench.reserve(key(person="u_jan"), 1)  # the same person, through an application


def test_a_month_is_rebuilt_for_every_scope() -> None:
    before = (
        Spending("one", "k_app", "k_app", "assistant", "gpt-eu", 4.0),
        Spending("one", "u_jan", "u_jan", "assistant", "house", 3.0),
        Spending(None, "k_free", "k_free", "assistant", "gpt-eu", 2.0),
    )
    cases = [
        (Team("one", budget=TEN), key("k_new"), 3),
        (Team("one"), key(key_budget=TEN), 6),
        (Team("one"), key("k_free", None, key_budget=TEN), 8),
        (Team("one", per_person=Allowance(budget=TEN)), person("u_jan"), 7),
        (Team("one", per_model={"assistant": Allowance(budget=TEN)}), key("k_new"), 3),
        (Team("one", per_model={"gpt-eu": Allowance(budget=TEN)}), key("k_new"), 6),
    ]
    for team, principal, left in cases:
        bench = Bench(team, before)
        with pytest.raises(QuotaExceeded):
            bench.reserve(principal, left + 1)
        bench.reserve(principal, left)


def test_a_new_month_begins_with_nothing_spent() -> None:
    bench = Bench(Team("one", budget=TEN))
    last_month = bench.reserve(key(), 10)
    bench.clock.now = 40 * 86_400.0
    bench.reserve(key(), 10)
    bench.meter.settle(last_month, Usage(1, 0))
    with pytest.raises(QuotaExceeded):
        bench.reserve(key(), 1)


_WHO = ["k_app", "k_other", "u_jan", "u_els"]
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.sampled_from(_WHO), st.integers(1, 6)),
        st.tuples(st.just("settle"), st.integers(0, 9), st.integers(0, 6)),
        st.tuples(st.just("wait"), st.integers(1, 40), st.just(0)),
        st.tuples(st.just("configure"), st.just(0), st.just(0)),
    ),
    max_size=60,
)


@given(_STEPS)
def test_no_order_of_requests_exceeds_any_budget_or_number_at_once(
    steps: list[tuple[str, str | int, int]],
) -> None:
    least = Allowance(Limits(concurrent=2), Budget(8))
    team = Team("one", limits=Limits(concurrent=4), budget=Budget(20), per_person=least)
    team = replace_team(team, {"gpt-eu": Allowance(Limits(concurrent=3), Budget(15))})
    bench = Bench(team)
    own: dict[str, Any] = {"key_limits": Limits(concurrent=2), "key_budget": Budget(9)}
    open_: list[tuple[str, int, Reservation]] = []
    spent: list[tuple[str, float]] = []

    def used(name: str) -> tuple[float, int]:
        mine = [one for one in open_ if name in (one[0], "all")]
        money = sum(cost for who, cost in spent if name in (who, "all"))
        return money + sum(one[1] for one in mine), len(mine)

    for what, first, amount in steps:
        if what == "reserve":
            who = str(first)
            principal = person(who) if who.startswith("u_") else key(who, **own)
            caps = [("all", 20, 4), ("all", 15, 3), (who, 8 if who.startswith("u_") else 9, 2)]
            room = all(
                used(name)[0] + amount <= money and used(name)[1] < most
                for name, money, most in caps
            )
            try:
                open_.append((who, amount, bench.reserve(principal, amount)))
            except (QuotaExceeded, RateLimited):
                assert not room
            else:
                assert room
        elif what == "settle" and open_:
            who, reserved, reservation = open_.pop(int(first) % len(open_))
            cost = min(amount, reserved)
            assert bench.meter.settle(reservation, Usage(cost, 0)) == cost
            spent.append((who, cost))
        elif what == "wait":
            bench.clock.now += float(first)
        elif what == "configure":
            bench.meter.configure(Snapshot(0.0, {}, teams=[team]))


def replace_team(team: Team, per_model: dict[str, Allowance]) -> Team:
    return Team(
        team.name,
        budget=team.budget,
        limits=team.limits,
        per_person=team.per_person,
        per_model=per_model,
    )


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 70), st.integers(0, 70)), max_size=50))
def test_no_scope_uses_more_tokens_than_its_minute_gives(
    steps: list[tuple[int, int, int]],
) -> None:
    """A full bucket lets one larger request pass, and then owes what it lent."""
    size = 60
    bench = Bench(Team("one", limits=Limits(tokens_per_minute=size)))
    principal = key(key_limits=Limits(tokens_per_minute=size))
    used = 0.0
    for pause, tokens, actual in steps:
        bench.clock.now += pause
        try:
            reservation = bench.reserve(principal, tokens)
        except RateLimited:
            continue
        bench.meter.settle(reservation, Usage(min(actual, tokens), 0))
        used += min(actual, tokens)
        largest = max(0, tokens - size)
        assert used <= size + bench.clock.now * size / 60 + largest


@given(st.lists(st.integers(1, 50), max_size=20), st.randoms(use_true_random=False))
def test_what_is_settled_with_nothing_leaves_no_trace(costs: list[int], order: object) -> None:
    most = Limits(tokens_per_minute=1_000, concurrent=20)
    team = Team("one", limits=most, budget=Budget(1_000), per_person=Allowance(most, Budget(1_000)))
    bench, principal = Bench(team), key(person="u_jan", key_limits=most, key_budget=Budget(1_000))
    open_ = [bench.reserve(principal, cost) for cost in costs]
    order.shuffle(open_)  # type: ignore[attr-defined]
    for reservation in open_:
        bench.meter.settle(reservation, Usage())
    bench.reserve(principal, 1_000)


def use_case_bench(**allowance: Any) -> Bench:
    """A use case with limits; its requests come from two teams."""
    bench = Bench()
    case = UseCase("service", "o", "contract", "limited", **allowance)
    teams = [Team("one"), Team("two")]
    bench.meter.configure(Snapshot(0.0, {}, teams=teams, use_cases=[case]))
    return bench


def ask_for(bench: Bench, team: str, use_case: str = "service", tokens: int = 1) -> Reservation:
    return bench.meter.hold(
        key(f"k_{team}", team), tokens=tokens, price=A_EURO, models=MODELS, use_case=use_case
    )


@pytest.mark.parametrize(
    "allowance",
    [
        {"budget": Budget(2)},
        {"limits": Limits(concurrent=2)},
        {"limits": Limits(requests_per_minute=2)},
        {"limits": Limits(tokens_per_minute=2)},
    ],
)
def test_a_use_case_has_limits_of_its_own_over_all_teams(allowance: dict[str, Any]) -> None:
    bench = use_case_bench(**allowance)
    ask_for(bench, "one")
    ask_for(bench, "two")
    with pytest.raises((QuotaExceeded, RateLimited)) as refused:
        ask_for(bench, "one")
    assert refused_scope(refused) == "use_case"
    ask_for(bench, "one", use_case="another")


def test_spending_of_a_use_case_is_rebuilt() -> None:
    spent = Spending("one", "k_app", "k_app", "assistant", "gpt-eu", 8.0, "service")
    bench = Bench(spent=(spent,))
    case = UseCase("service", "o", "contract", "limited", budget=TEN)
    bench.meter.configure(Snapshot(0.0, {}, use_cases=[case]))
    with pytest.raises(QuotaExceeded):
        ask_for(bench, "one", tokens=3)
    ask_for(bench, "one", tokens=2)


def test_what_is_left_of_the_tokens_is_that_of_the_tightest_scope() -> None:
    team = Team("one", limits=Limits(tokens_per_minute=60))
    bench, narrow = Bench(team), key(key_limits=Limits(tokens_per_minute=30))
    assert bench.reserve(narrow, 10).limits == {"tokens": Room(30, 20, 20)}
    bench.reserve(key("k_other"), 45)
    assert bench.reserve(narrow, 5).limits == {"tokens": Room(60, 0, 60)}


@pytest.mark.parametrize(
    "part",
    [
        {"teams": [Team("one", budget=TEN)]},
        {"teams": [Team("one", per_person=Allowance(Limits(concurrent=1)))]},
        {"teams": [Team("one", per_model={"gpt": Allowance(budget=TEN)})]},
        {"use_cases": [UseCase("a", "o", "contract", "limited", budget=TEN)]},
        {"keys": [Key("k", "k", "d", limits=Limits(tokens_per_minute=1))]},
        {"issuers": [Issuer("i", "https://i", "a", groups=[GroupRights(budget=TEN)])]},
    ],
)
def test_every_limit_of_a_snapshot_is_seen(part: dict[str, Any]) -> None:
    assert has_limits(Snapshot(0.0, {}, **part))
    assert not has_limits(Snapshot(0.0, {}, teams=[Team("one")]))


def test_of_replicas_that_count_apart_each_has_its_share() -> None:
    meter = Meter(clock=lambda: 0.0, wall=lambda: 1_800_000_000.0, replicas=3)
    limits = Limits(tokens_per_minute=90, concurrent=2, requests_per_minute=0)
    meter.configure(Snapshot(0.0, {}, teams=[Team("one", limits=limits, budget=Budget(30))]))
    with pytest.raises(RateLimited):
        meter.take(key())  # what nobody may, no replica may
    first = meter.hold(key(), tokens=6, price=A_EURO)
    assert first.limits["tokens"].limit == 30
    with pytest.raises(RateLimited):
        meter.hold(key(), tokens=1, price=FREE)  # one at a time, at least
    assert meter.settle(first, Usage(5, 0)) == 5
    with pytest.raises(QuotaExceeded):
        meter.hold(key(), tokens=6, price=A_EURO)  # 15 of 30 are spent, and 18 are asked
    meter.hold(key(), tokens=5, price=A_EURO)
