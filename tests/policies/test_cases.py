"""Cases ask a bundle by probes: who, what and where; an unknown key is refused."""

import pytest

from gateway.decisions import BundleError
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.policies.cases import PolicyTestResult, run_tests
from tests.support.detector import CACHE

BUNDLE = read_bundle()
OWN = """
@id("own") @owner("x") @reason_en("x") @reason_nl("x")
forbid (principal, action, resource)
when {{ {condition} }};
"""


def result(case: str, **files: str) -> PolicyTestResult:
    bundle = {**BUNDLE, **{name.replace("__", "/"): text for name, text in files.items()}}
    results = run_tests(bundle | {"tests/own.yaml": case}, CACHE)
    return next(one for one in results if one.file == "tests/own.yaml")


@pytest.mark.parametrize(
    ("condition", "who", "where"),
    [
        ('context.purpose == "hiring"', "{use_case: hiring}", "{zone: eu}"),
        ('principal.team == "press"', "{team: press}", "{zone: eu}"),
        ('principal.roles.contains("intern")', "{roles: [intern]}", "{zone: eu}"),
        ('context.risk == "high"', "{risk: high}", "{zone: eu}"),
        ('principal.kind == "person"', "{kind: person}", "{zone: eu}"),
        ('resource.provider == "far"', "{}", "{zone: eu, provider: far}"),
        ('resource == Sluis::Deployment::"d"', "{}", "{zone: eu, deployment: d}"),
        ('principal == Sluis::Principal::"k"', "{id: k}", "{zone: eu}"),
    ],
)
def test_each_attribute_of_the_schema_can_be_tested(condition: str, who: str, where: str) -> None:
    case = (
        f"- {{name: own, who: {who}, what: {{level: internal}}, where: {where}, "
        "expect: {decision: refuse, policies: [own]}}"
    )
    rule = OWN.format(condition=condition)
    assert result(case, **{"authorisation__own.cedar": rule}).passed
    assert not result(case.replace(f"who: {who}", "who: {}").replace(where, "{zone: eu}")).passed


def test_what_a_text_holds_makes_its_level_and_its_redacted_form() -> None:
    case = """
- name: a number
  what: {texts: ["Mijn bsn is 111222333."]}
  where: {zone: eu}
  expect: {decision: redact, findings: [BSN], level: confidential, redacted: ["Mijn bsn is [BSN]."]}
"""
    assert result(case).passed
    wrong = result(case.replace("findings: [BSN]", "findings: [EMAIL]"))
    assert "findings ['EMAIL']" in wrong.expected
    assert "findings ['BSN']" in wrong.got


def test_a_given_level_counts_in_place_of_what_a_text_holds() -> None:
    case = """
- name: given
  what: {level: internal, texts: ["Mijn bsn is 111222333."]}
  where: {zone: eu}
  expect: {decision: allow, level: internal}
"""
    assert result(case).passed


@pytest.mark.parametrize(
    "case",
    [
        "- {name: x, where: {zone: eu}, expect: {decision: allow}, purpose: hiring}",
        "- {name: x, where: {zone: eu}, who: {purpose: hiring}, expect: {decision: allow}}",
        "- {name: x, where: {zone: mars}, expect: {decision: allow}}",
        "- {name: x, where: {zone: eu}, who: {clearance: top}, expect: {decision: allow}}",
        "- {name: x, where: {zone: eu}, expect: {decision: maybe}}",
        "- {name: x, zone: eu, level: public, clearance: public, expect: allow, a: 1}",
    ],
)
def test_a_case_with_an_unknown_key_or_value_is_refused_by_line(case: str) -> None:
    with pytest.raises(BundleError, match=r"tests/own.yaml:2: case 'x'"):
        result("# a comment\n" + case)
