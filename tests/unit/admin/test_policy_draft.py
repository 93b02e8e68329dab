"""A draft of several files, and rules and cases that a form writes into them."""

from pathlib import Path

import pytest
import yaml

from admin import policy_rule
from admin.policy_draft import PolicyDraft
from admin.policy_rule import NotARuleFile

pytestmark = pytest.mark.unit
_POLICIES = Path(__file__).parents[3] / "policies"
CONTENT = (_POLICIES / "content.yaml").read_text(encoding="utf-8")
CASES = (_POLICIES / "tests" / "content.yaml").read_text(encoding="utf-8")
RULE = {
    "id": "memo",
    "owner": "press",
    "stages": ["input"],
    "action": "refuse",
    "reason": {"en": "It is a memo.", "nl": "Het is een memo."},
    "patterns": ["secret memo"],
}


def test_a_draft_adds_changes_and_removes_files_and_takes_one_back() -> None:
    draft = PolicyDraft("d1", {"a.yaml": "1", "b.yaml": "2", "c.yaml": "3"})
    assert draft.changed == []
    draft.write("a.yaml", "one")
    draft.write("tests/new.yaml", "[]")
    draft.remove("b.yaml")
    assert draft.changed == ["a.yaml", "b.yaml", "tests/new.yaml"]
    assert draft.body() == {
        "files": {"a.yaml": "one", "c.yaml": "3", "tests/new.yaml": "[]"},
        "whole": True,
        "base": "d1",
    }
    assert draft.difference("b.yaml").endswith("-2")
    for path in ("b.yaml", "tests/new.yaml"):
        draft.restore(path)
    assert draft.changed == ["a.yaml"]


def test_a_draft_follows_the_bundle_in_force_unless_both_changed_a_file() -> None:
    draft = PolicyDraft("d1", {"a.yaml": "1", "b.yaml": "2"})
    draft.write("a.yaml", "one")
    draft.remove("b.yaml")
    assert draft.follow("d2", {"a.yaml": "1", "b.yaml": "2", "c.yaml": "3"}) == []
    assert (draft.base, draft.files) == ("d2", {"a.yaml": "one", "c.yaml": "3"})
    assert draft.follow("d3", {"a.yaml": "eins", "b.yaml": "2", "c.yaml": "3"}) == ["a.yaml"]
    assert draft.base == "d2"


def test_a_rule_is_added_changed_and_removed_and_other_lines_stay() -> None:
    added = policy_rule.with_rule(CONTENT, RULE)
    assert added.startswith(CONTENT.rstrip())
    assert policy_rule.rules_of(added)[-1] == RULE
    changed = policy_rule.with_rule(added, {**RULE, "action": "flag"})
    assert policy_rule.rules_of(changed)[-1]["action"] == "flag"
    assert policy_rule.without_rule(changed, "memo").rstrip() == CONTENT.rstrip()
    inner = next(one for one in policy_rule.rules_of(CONTENT) if one["id"] == "malware")
    moved = policy_rule.with_rule(CONTENT, {**inner, "action": "refuse"})
    before, after = yaml.safe_load(CONTENT)["rules"], yaml.safe_load(moved)["rules"]
    assert [one["id"] for one in after] == [one["id"] for one in before]
    comments = [line for line in CONTENT.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in moved.splitlines() if line.lstrip().startswith("#")] == comments


def test_what_follows_the_rules_stays_behind_them() -> None:
    text = "rules:\n  - id: a\n    action: flag\n\nwaive:\n  - {rule: weapons, reason: police}\n"
    found = yaml.safe_load(policy_rule.with_rule(text, RULE))
    assert [rule["id"] for rule in found["rules"]] == ["a", "memo"]
    assert found["waive"] == [{"rule": "weapons", "reason": "police"}]


@pytest.mark.parametrize("text", ["rules: [", "- a", "rules: []", ""])
def test_a_file_without_a_list_of_rules_is_left_to_its_source(text: str) -> None:
    with pytest.raises(NotARuleFile):
        policy_rule.with_rule(text, RULE)


def test_cases_show_the_rule_at_work_and_spared() -> None:
    cases = policy_rule.cases_of(RULE, "our secret memo", "our memo")
    assert cases == [
        {
            "name": "memo takes part",
            "what": {"level": "internal", "texts": ["our secret memo"]},
            "where": {"zone": "internal"},
            "expect": {"decision": "refuse", "rules": ["memo"]},
        },
        {
            "name": "memo passes a text like it",
            "what": {"level": "internal", "texts": ["our memo"]},
            "where": {"zone": "internal"},
            "expect": {"decision": "allow", "rules": [], "without": ["memo"]},
        },
    ]
    text = policy_rule.with_cases(CASES, cases)
    assert text.startswith(CASES.rstrip())
    assert yaml.safe_load(text)[-2:] == cases
    again = yaml.safe_load(policy_rule.with_cases(text, cases))[-2:]
    assert [case["name"] for case in again] == [
        "memo takes part 2",
        "memo passes a text like it 2",
    ]


def test_cases_are_about_those_for_whom_the_rule_is_and_where_it_looks() -> None:
    rule = {
        **RULE,
        "positions": ["tool_result"],
        "scope": {"teams": ["press"], "levels": ["confidential"]},
        "action": "inside",
        "categories": ["fraud"],
        "threshold": 0.995,
    }
    del rule["patterns"]
    (case, _) = policy_rule.cases_of(rule, "pay me", "pay the bill")
    assert case["who"] == {"team": "press"}
    assert case["where"] == {"zone": "eu"}
    assert case["what"] == {
        "level": "confidential",
        "texts": [{"text": "pay me", "position": "tool_result", "categories": {"fraud": 0.995}}],
    }
    output = {**RULE, "stages": ["output"], "action": "flag"}
    (case,) = policy_rule.cases_of(output, "a secret memo", "")
    assert case["what"]["answer"] == "a secret memo"
    assert case["expect"] == {"decision": "allow", "rules": ["memo"]}
