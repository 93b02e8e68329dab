"""Rules as sentences: every rule that ships, in both languages, with where it is written."""

import pytest

from gateway.decisions import BundleError
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.policies.rule_sentences import rule_sentences
from gateway.governance.policies.schemas import RuleSentence

pytestmark = pytest.mark.unit
BUNDLE = read_bundle()
SALES = """
@id("sales.eu") @owner("sales")
@reason_en("Sales stays in the EU.") @reason_nl("Verkoop blijft in de EU.")
forbid (principal == Sluis::Principal::"k_crm", action, resource)
when { ["sales", "legal"].contains(principal.team) && 2 <= context.level }
unless { resource.zone == "eu" || context.purpose like "hr*" };
"""
MEMO = """
  - id: memo
    owner: press
    stages: [input]
    positions: [newest, system]
    scope: {teams: [press], levels: [confidential]}
    action: inside
    reason: {en: It is a memo., nl: Het is een memo.}
    patterns: [memo]
    categories: [fraud]
    threshold: 0.9
"""


def said(files: dict[str, str], name: str) -> RuleSentence:
    (found,) = [rule for rule in rule_sentences({**BUNDLE, **files}) if rule.id == name]
    return found


def test_every_rule_that_ships_has_a_sentence_at_its_line_and_none_is_left_to_its_source() -> None:
    rules = rule_sentences(BUNDLE)
    assert {rule.kind for rule in rules} == {"authorisation", "content", "level", "failure"}
    for rule in rules:
        line = BUNDLE[rule.file].splitlines()[rule.line - 1]
        assert line.strip(), rule.id
        for language in ("en", "nl"):
            sentence = rule.sentences[language]
            assert sentence.endswith(".")
            assert "{" not in sentence.replace("{2,10}", "").replace("{0,2}", "").replace(
                "{8,40}", ""
            )
        assert "in the source" not in rule.sentences["en"]


def test_a_content_rule_says_what_it_reads_where_for_whom_and_what_follows() -> None:
    rule = said({"content.yaml": BUNDLE["content.yaml"] + MEMO}, "memo")
    assert rule.sentences == {
        "en": (
            "When text that matches “memo” or what the classifier takes for fraud with a score of "
            "at least 0.9 is found in the newest message of the user or the instructions of the "
            "application, for requests of team press and of level confidential, the request goes "
            "to internal deployments only; owner: press."
        ),
        "nl": (
            "Wanneer tekst die past op “memo” of wat de classifier met een score van minstens 0.9 "
            "houdt voor fraude wordt gevonden in het nieuwste bericht van de gebruiker of de "
            "instructies van de toepassing, bij verzoeken van team press en van niveau "
            "vertrouwelijk, gaat het verzoek alleen naar interne deployments; eigenaar: press."
        ),
    }
    assert rule.reasons == {"en": "It is a memo.", "nl": "Het is een memo."}


def test_a_content_rule_says_its_zones_its_languages_and_what_is_taken_out() -> None:
    zones = MEMO.replace("levels: [confidential]}", "zones: [eu, global]}\n    languages: [nl, de]")
    files = {"content.yaml": BUNDLE["content.yaml"] + zones.replace("inside", "refuse")}
    english, dutch = (said(files, "memo").sentences[one] for one in ("en", "nl"))
    assert (
        "in Dutch or German, for requests of team press and that go to a deployment in the EU or "
        "outside the EU, the request does not go there"
    ) in english
    assert "gaat het verzoek daar niet heen; eigenaar: press." in dutch
    text = MEMO.partition("    categories")[0].replace("inside", "redact")
    files = {"content.yaml": BUNDLE["content.yaml"] + text}
    assert "that is taken out before the request leaves" in said(files, "memo").sentences["en"]
    assert "wordt dat eruit gehaald" in said(files, "memo").sentences["nl"]


def test_an_authorisation_rule_is_put_in_words_with_its_negations() -> None:
    rule = said({"authorisation/own.cedar": SALES}, "sales.eu")
    assert (rule.file, rule.owner, rule.action) == ("authorisation/own.cedar", "sales", "forbid")
    assert rule.sentences["en"] == (
        "A request may not go to a deployment when the caller is k_crm, the team is sales or "
        "legal, the level is at least confidential, the deployment is not in the EU and the "
        "use case is not like hr*; owner: sales."
    )
    assert rule.sentences["nl"].startswith(
        "Een verzoek mag niet naar een deployment wanneer de aanroeper k_crm is, het team sales of"
    )


def test_a_condition_without_words_refers_to_its_source() -> None:
    head = '@id("odd")\nforbid (principal, action, resource)\n'
    text = f"{head}when {{ if true then false else true }};"
    assert said({"authorisation/odd.cedar": text}, "odd").sentences["en"] == (
        "A request may not go to a deployment when the condition in the source holds."
    )


def test_levels_and_failures_are_sentences() -> None:
    assert said({}, "financial_data").sentences["en"] == (
        "A text with IBAN or CREDIT_CARD is at least confidential, because it contains account or "
        "card numbers."
    )
    mixed = BUNDLE["failures.yaml"].replace("public: inside", "public: flag")
    assert said({"failures.yaml": mixed}, "names").sentences["en"] == (
        "When the classifier of names cannot read a text, public text goes on and is flagged on "
        "record and internal, confidential or restricted text goes to internal deployments only."
    )
    spool = BUNDLE["failures.yaml"].replace("mode: refuse, minutes", "mode: spool, minutes")
    assert "for at most 15 minutes" in said({"failures.yaml": spool}, "evidence").sentences["en"]


@pytest.mark.parametrize(
    "broken",
    [
        {"content.yaml": "rules: [{id: x}]"},
        {"levels.yaml": "types: {BSN: high}"},
        {"authorisation/own.cedar": "permit (principal"},
    ],
)
def test_a_bundle_that_cannot_be_read_has_no_sentences(broken: dict[str, str]) -> None:
    with pytest.raises(BundleError):
        rule_sentences({**BUNDLE, **broken})
