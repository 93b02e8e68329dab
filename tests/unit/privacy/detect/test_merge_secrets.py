"""Secrets of the classifier merged with the hits of rules."""

import pytest

from gateway.classifiers.protocol import Entity
from gateway.core.finding import FindingKind
from gateway.core.level import Level
from gateway.privacy import level_of
from tests.support.detector import DETECTOR
from tests.support.levels import LEVELS


def found(text: str, *named: tuple[str, str]) -> list[tuple[str, str]]:
    entities = [
        Entity(text.index(value), text.index(value) + len(value), type_, 0.95)
        for value, type_ in named
    ]
    return [(f.type, text[f.start : f.end]) for f in DETECTOR.scan(text, entities) if f.redactable]


def test_a_secret_of_the_classifier_makes_a_text_restricted() -> None:
    text = "Je komt erin met karnemelk, daarna hekje."
    entities = [Entity(17, 26, "SECRET", 0.95)]
    (finding,) = DETECTOR.scan(text, entities)
    assert (finding.kind, text[finding.start : finding.end]) == (FindingKind.SECRET, "karnemelk")
    assert level_of([finding], LEVELS).level is Level.RESTRICTED


def test_a_name_in_a_secret_is_part_of_it() -> None:
    text = "balie2 / Karel-Bakker-88, tot morgen"
    assert found(text, ("Karel-Bakker-88", "SECRET"), ("Karel", "PERSON")) == [
        ("SECRET", "Karel-Bakker-88")
    ]


def test_a_number_of_a_rule_keeps_its_type() -> None:
    text = "betaal op NL91ABNA0417164300 graag"
    assert found(text, ("NL91ABNA0417164300", "SECRET")) == [("IBAN", "NL91ABNA0417164300")]


def test_digits_may_be_a_secret_without_the_full_stop() -> None:
    assert found("Het kastje doet het met 4 0 9 1.", ("4 0 9 1.", "SECRET")) == [
        ("SECRET", "4 0 9 1")
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("mijn klantnummer is 7700-41-2 hoor", "7700-41-2"),
        ("bel toestel 4400 voor de balie", "4400"),
        ("new MailClient('smtp.dorpshuis.example', 587)", "smtp.dorpshuis"),
        ('"chime": "ding2.wav"', "ding2"),
        ("doe mij maar een kan", "kan"),
    ],
)
def test_named_numbers_and_parts_of_tokens_are_no_secrets(text: str, value: str) -> None:
    assert found(text, (value, "SECRET")) == []


def test_a_secret_may_follow_a_user_and_a_slash() -> None:
    assert found("log in als balie/Kers-92-dak.", ("Kers-92-dak", "SECRET")) == [
        ("SECRET", "Kers-92-dak")
    ]


def test_words_without_a_digit_need_a_higher_score() -> None:
    text = "het is blauwe fiets op zolder"
    for score, wanted in ((0.8, []), (0.9, ["SECRET"])):
        entities = [Entity(7, 29, "SECRET", score)]
        assert [f.type for f in DETECTOR.scan(text, entities) if f.redactable] == wanted


def test_a_secret_absorbs_the_part_that_a_rule_found() -> None:
    text = "het wachtwoord is Zomer2024!-van-Ede hoor"
    assert found(text, ("2024!-van-Ede", "SECRET")) == [("SECRET", "Zomer2024!-van-Ede")]
