"""What widens needs another person; taking the same change back does not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.approvals.lines import lines_between
from gateway.approvals.objects import objects_of
from gateway.approvals.powers import Powers
from gateway.approvals.rules import RULES, Effect, judge, judge_removal
from gateway.core.snapshot import Snapshot
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
    ("use_case", "risk", "limited", "high"),
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
    used |= {rules.removal for rules in RULES.values() if rules.removal}
    assert used <= powers


def test_deleting_narrows_but_for_what_restricts() -> None:
    assert judge_removal("provider") == (Effect.NARROWS, None)
    assert judge_removal("cut_off") == (Effect.WIDENS, "persons")
    assert judge_removal("setting") == (Effect.WIDENS, "setting.approvals")


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
