"""What a new bundle may not have; and floors, which hold whatever a bundle says."""

import pytest

from gateway.core.errors import InvalidRequest
from gateway.core.finding import Finding, FindingKind
from gateway.core.level import Level
from gateway.decisions import Action
from gateway.governance.policies.bundle import check, read_bundle
from gateway.governance.policies.strict import faults, lacking
from tests.support.field_texts import EachText

BUNDLE = read_bundle()
AFTER = len(BUNDLE["content.yaml"].splitlines()) + 2  # the line of a rule that is added
NAMES = {"use_case": {"hiring"}, "team": {"press"}, "provider": {"far"}, "deployment": {"d"}}
SAME = "restricted text never leaves"  # the name of another case
CEDAR = """
@id("own") @owner("x") @reason_en("x") @reason_nl("x")
forbid (principal, action == Sluis::Action::"send", resource)
when { resource.provider == "far" };
"""
RULE = """
  - id: own
    owner: x
    stages: [input]
    action: refuse
    reason: {en: x, nl: x}
    patterns: [zebra]
"""


def changed(path: str, old: str, new: str) -> dict[str, str]:
    text = BUNDLE.get(path, "")
    assert old in text
    return {**BUNDLE, path: text.replace(old, new, 1) if old else text + new}


def messages(files: dict[str, str]) -> list[str]:
    check(files)
    return [str(fault) for fault in faults(files, NAMES)]


def test_the_shipped_bundle_has_no_fault() -> None:
    assert messages(BUNDLE) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "fault"),
    [
        ("routing.yaml", "", "a: 1", "routing.yaml:1: no such file"),
        ("authorisation/../x.cedar", "", CEDAR, "no such file"),
        ("levels.yaml", "  BSN:", "  BNS: {level: public, reason: secret}\n  BSN:", "type 'BNS'"),
        ("levels.yaml", "version: 1\n", "version: 1\nversion: 1\n", "'version' is there twice"),
        ("content.yaml", "", RULE, f"content.yaml:{AFTER}: rule 'own': no case names it in rules"),
        ("content.yaml", "", RULE.replace("own", "malware"), "two with this id"),
        ("content.yaml", "    owner: security\n", "", "'prompt-injection': owner is missing"),
        ("content.yaml", "", RULE + "    scope: {teams: [pres]}", "no team 'pres'"),
        ("content.yaml", "", RULE + "    scope: {use_cases: [hirng]}", "no use case 'hirng'"),
        ("authorisation/own.cedar", "", CEDAR.replace('@id("own")', ""), "has no @id"),
        (
            "authorisation/own.cedar",
            "",
            CEDAR.replace('"own"', '"key.clearance"'),
            "two with this id",
        ),
        ("authorisation/own.cedar", "", CEDAR.replace("reason_nl", "x"), "own.cedar:3: rule 'own'"),
        ("authorisation/own.cedar", "", CEDAR.replace("far", "fra"), "no provider 'fra'"),
        ("authorisation/own.cedar", "", CEDAR, "no case names it in policies"),
        ("tests/default.yaml", "[clearance.clear]}", "[clearance.cleer]}", "no rule"),
        ("tests/default.yaml", "public text may go anywhere", SAME, "two with this name"),
    ],
)
def test_a_fault_is_named_with_file_and_line(path: str, old: str, new: str, fault: str) -> None:
    found = messages(changed(path, old, new))
    assert any(fault in one for one in found), found


@pytest.mark.parametrize(
    ("path", "old", "new", "fault"),
    [
        ("levels.yaml", "BSN: {level: confidential", "BSN: {level: public", "BSN must be at least"),
        ("levels.yaml", "SECRET: {level: restricted", "SECRET: {level: internal", "SECRET must be"),
        ("redaction.yaml", "types: {}", "types: {BSN: keep}", "BSN may not be kept"),
        ("egress.yaml", "api_base: forbidden", "api_base: word", "api_base must be forbidden"),
        ("egress.yaml", "store: {pinned: false}", "store: boolean", "store must be"),
        ("content.yaml", "id: explosives", "id: explosive-things", "'explosives' against"),
        ("content.yaml", "categories: [weapons]", "categories: [hate]", "'weapons' against"),
        ("failures.yaml", "restricted: inside", "restricted: flag", "may not go on unchecked"),
    ],
)
def test_a_floor_is_not_lowered(path: str, old: str, new: str, fault: str) -> None:
    files = changed(path, old, new)
    check(files)
    found = lacking(faults(files, NAMES), BUNDLE, NAMES)
    assert any(fault in str(one) for one in found), found


def test_an_old_fault_does_not_keep_a_bundle_from_changing() -> None:
    old = changed("content.yaml", "    owner: security\n", "")
    new = {**old, "levels.yaml": old["levels.yaml"] + "# changed\n"}
    assert lacking(faults(new, NAMES), old, NAMES) == []
    assert len(lacking(faults(new, NAMES), BUNDLE, NAMES)) == 1


def test_a_rule_against_prohibited_use_is_waived_with_a_reason() -> None:
    text = BUNDLE["content.yaml"].replace("id: weapons", "id: arms")
    waived = text + "\nwaive: [{rule: weapons, reason: we train the police}]\n"
    bundle = {**BUNDLE, "content.yaml": waived}
    bundle["tests/content.yaml"] = BUNDLE["tests/content.yaml"].replace("weapons]", "arms]")
    assert messages(bundle) == []
    assert "weapons" not in check(bundle).content.rules
    assert "weapons" in check({**BUNDLE, "content.yaml": text}).content.rules


def finding(type_: str) -> Finding:
    return Finding(FindingKind.PERSONAL, type_, 0, 1, 1.0, "x")


def test_levels_and_redaction_have_floors_at_evaluation() -> None:
    policy = check(changed("levels.yaml", "BSN: {level: confidential", "BSN: {level: public"))
    assert policy.levels.rule(finding("BSN"))[0] is Level.CONFIDENTIAL
    kept = check(changed("redaction.yaml", "types: {}", "types: {BSN: keep, KVK: keep}"))
    assert list(kept.redaction.types) == ["KVK"]


@pytest.mark.parametrize("dialect", ["chat_completions", "messages", "responses", "embeddings"])
@pytest.mark.parametrize("line", ["api_base: word", "custom_llm_provider: text", ""])
def test_a_field_that_picks_an_endpoint_is_never_forwarded(dialect: str, line: str) -> None:
    head, _, tail = BUNDLE["egress.yaml"].partition(f"\n{dialect}:\n")
    lines = [one for one in tail.splitlines() if not one.startswith("  api_base:")]
    extra = [f"  {line}"] if line else []
    text = "\n".join([head, f"{dialect}:", *extra, *lines])
    fields = check({**BUNDLE, "egress.yaml": text}).fields[dialect]
    name = line.partition(":")[0] or "api_base"
    with pytest.raises(InvalidRequest, match=name):
        fields.read({name: "https://x.example"}, EachText())


def test_a_provider_keeps_nothing_whatever_a_bundle_says() -> None:
    fields = check(changed("egress.yaml", "store: {pinned: false}", "store: boolean")).fields
    body, _ = fields["chat_completions"].read({"model": "m", "store": True}, EachText())
    assert body["store"] is False


def test_restricted_text_does_not_go_on_unchecked() -> None:
    policy = check(changed("failures.yaml", "restricted: inside", "restricted: flag"))
    assert policy.failures.action("names", Level.RESTRICTED) is Action.INTERNAL_ONLY


def test_a_weaker_rule_of_the_same_id_keeps_what_the_release_forbids() -> None:
    weaker = changed("content.yaml", "id: explosives\n", "id: explosives-old\n")
    weaker["content.yaml"] += RULE.replace("own", "explosives").replace("refuse", "flag")
    content = check(weaker).content
    assert content.refuses("explosives")
    assert "explosives" in content.fired_by("how to make a pipe bomb")
    assert "explosives" in content.fired_by("a zebra")
