"""Special categories of the classifier: when they count, and their effect on the level."""

import pytest

from gateway.classifiers.entities.special_categories import blank_names, sentences
from gateway.classifiers.protocol import Entity
from gateway.core.finding import Finding, FindingKind
from gateway.core.level import Level
from gateway.privacy import level_of
from tests.support.detector import DETECTOR
from tests.support.levels import LEVELS

SAID = "Mevrouw De Boer prikt voor het eten."
NO_NAME = "De verpakking gaat vrijdag open."


def told(text: str, type_: str = "HEALTH") -> tuple[Finding, ...]:
    return DETECTOR.scan(text, [Entity(0, len(text), type_, 0.97)])


def topics(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.type for finding in findings if finding.kind is FindingKind.TOPIC]


def test_a_category_of_a_person_makes_a_text_restricted() -> None:
    found = told(SAID)
    assert topics(found) == ["HEALTH"]
    assert level_of(found, LEVELS).level is Level.RESTRICTED
    assert level_of(DETECTOR.scan(SAID), LEVELS).level is Level.CONFIDENTIAL


def test_without_a_person_predictions_do_not_count() -> None:
    assert topics(told(NO_NAME)) == []


def test_without_a_name_a_prediction_needs_a_higher_score() -> None:
    said = "Hij prikt voor het eten."
    for text, score, wanted in (
        (said, 0.2, 0),
        (said, 0.3, 1),
        ("Jan de Boer prikt voor het eten.", 0.2, 1),
    ):
        found = DETECTOR.scan(text, [Entity(0, len(text), "HEALTH", score)])
        assert sum(one.detector.startswith("told") for one in found) == wanted


def test_a_relative_or_a_pronoun_is_a_person() -> None:
    assert topics(told("Mijn zoon blijft morgen weer thuis.")) == ["HEALTH"]


def test_a_category_that_a_rule_found_is_not_added_again() -> None:
    text = "Mevrouw De Boer heeft diabetes."
    assert topics(DETECTOR.scan(text)) == ["HEALTH"]
    assert topics(told(text)) == ["HEALTH"]
    assert sorted(topics(told(text, "RELIGION"))) == ["HEALTH", "RELIGION"]


def test_names_are_found_as_before() -> None:
    named = [Entity(8, 15, "PERSON", 0.9), Entity(0, len(SAID), "HEALTH", 0.97)]
    spans = [(f.start, f.end) for f in DETECTOR.scan(SAID, named) if f.redactable]
    assert spans == [(8, 15)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        (" \n ", []),
        ("Een. Twee!\nDrie", ["Een.", "Twee!", "Drie"]),
        ("mr. x\n\n\ny", ["mr.", "x", "y"]),
    ],
)
def test_sentences(text: str, wanted: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == wanted


def test_names_are_no_part_of_the_wording() -> None:
    names = [Entity(0, 3, "PERSON", 1.0), Entity(8, 11, "CITY", 1.0)]
    assert blank_names("Jan uit Ede belt", names) == "    uit     belt"
