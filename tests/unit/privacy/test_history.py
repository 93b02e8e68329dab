"""The dead of history are taken out like others and raise no level; whoever shares a part of their name does."""

import pytest

from gateway.core.level import Level
from gateway.privacy import Named, level_of
from tests.support.detector import DETECTOR
from tests.support.levels import LEVELS


def judged(text: str, *names: str) -> tuple[list[str], Level]:
    named = [
        Named(text.index(name), text.index(name) + len(name), "PERSON", 0.95) for name in names
    ]
    found = DETECTOR.scan(text, sorted(named, key=lambda one: one.start))
    return [text[f.start : f.end] for f in found if f.redactable], level_of(found, LEVELS).level


def test_a_question_about_somebody_long_dead_is_public_and_the_name_is_found() -> None:
    text = "Wie was Johan Rudolph Thorbecke ook alweer?"
    assert judged(text, "Johan Rudolph Thorbecke") == (["Johan Rudolph Thorbecke"], Level.PUBLIC)


def test_a_part_of_the_name_counts_with_it_and_not_without() -> None:
    whole = "Alexander von Humboldt crossed it, and the current is named after Humboldt."
    assert judged(whole, "Alexander von Humboldt")[1] is Level.PUBLIC
    assert judged("The invoice of Humboldt is open.", "Humboldt")[1] is Level.CONFIDENTIAL


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Anneke Thorbecke belde over de huur.", ("Anneke Thorbecke",)),
        ("Johan Rudolph Thorbecke, en mevrouw Thorbecke-Smit wil uitstel.", ("Johan Rudolph Thorbecke", "Thorbecke-Smit")),
        ("Johan Rudolph Thorbecke schreef het, Karin Jansen las het.", ("Johan Rudolph Thorbecke", "Karin Jansen")),
    ],
)  # fmt: skip
def test_whoever_lives_counts(text: str, names: tuple[str, ...]) -> None:
    assert judged(text, *names)[1] is Level.CONFIDENTIAL
