"""Cases of rules for zones and languages, and of rules that take out what they match."""

import pytest

from gateway.compiled.policy import compile_policy
from gateway.core.level import Zone
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.policies.probe import Probe, ProbeText, What, Where, answer

RULES = """
rules:
  - id: outside
    stages: [input]
    scope: {zones: [eu, global]}
    action: refuse
    reason: {en: x, nl: x}
    patterns: ['kwartelplan']
  - id: taken-out
    stages: [input, output]
    action: redact
    reason: {en: x, nl: x}
    patterns: ['project valk']
  - id: dutch
    stages: [input]
    languages: [nl]
    action: refuse
    reason: {en: x, nl: x}
    patterns: ['dossier omega']
"""
POLICY = compile_policy({**read_bundle(), "content.yaml": RULES}, digest="sha256:own")


def asked(text: str, zone: Zone, said: str = "") -> Probe:
    return Probe(Where(zone), what=What("internal", (ProbeText(text),), answer=said))


@pytest.mark.parametrize(
    ("zone", "outcome", "rules"),
    [
        (Zone.INTERNAL, "allow", ()),
        (Zone.EU, "refuse", ("outside",)),
        (Zone.GLOBAL, "refuse", ("outside",)),
    ],
)
def test_a_probe_asks_for_a_zone(zone: Zone, outcome: str, rules: tuple[str, ...]) -> None:
    said = answer(POLICY, asked("Lees het kwartelplan.", zone))
    assert (said.outcome, said.rules) == (outcome, rules)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Over project valk.", "Over [TEXT]."),
        ("Over **project  valk**.", "Over **[TEXT]**."),
        ("Over niets.", ""),
    ],
)
def test_a_probe_shows_what_is_taken_out(text: str, redacted: str) -> None:
    said = answer(POLICY, asked(text, Zone.INTERNAL))
    assert said.outcome == ("redact" if redacted else "allow")
    assert "".join(said.redacted) == redacted


def test_a_disguise_in_an_answer_ends_it_and_plain_words_do_not() -> None:
    covered = answer(POLICY, asked("Vertel.", Zone.EU, "Over project valk."))
    assert (covered.outcome, covered.rules) == ("allow", ("taken-out",))
    ended = answer(POLICY, asked("Vertel.", Zone.EU, "Over project  valk."))
    assert (ended.outcome, ended.rules) == ("refuse", ("taken-out",))


def test_a_probe_is_in_a_language() -> None:
    dutch = asked("Wat staat er in dossier omega, en wie heeft het gemaakt?", Zone.EU)
    assert answer(POLICY, dutch).rules == ("dutch",)
    english = asked("What does dossier omega contain, and who has written it?", Zone.EU)
    assert answer(POLICY, english).rules == ()
