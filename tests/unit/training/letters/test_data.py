"""The held-out letters must not be known from training: the score would be flattered."""

import re
from collections import Counter
from collections.abc import Mapping

import pytest

from training.letters import phrases_heldout, phrases_train
from training.letters.data import (
    CATEGORIES,
    SYSTEM_PROMPT,
    URGENCIES,
    heldout_letters,
    training_letters,
)

pytestmark = pytest.mark.unit


def runs_of_words(phrases: Mapping[str, tuple[str, ...]], *, length: int) -> set[tuple[str, ...]]:
    words = [re.findall(r"\w+", text.lower()) for held in phrases.values() for text in held]
    return {tuple(row[at : at + length]) for row in words for at in range(len(row) - length + 1)}


def test_no_five_words_in_a_row_are_shared() -> None:
    for name in ("CORES", "URGENCY"):
        train, held = getattr(phrases_train, name), getattr(phrases_heldout, name)
        assert not runs_of_words(train, length=5) & runs_of_words(held, length=5)


def test_names_places_and_things_differ() -> None:
    for slot, words in phrases_heldout.SLOTS.items():
        assert not set(words) & set(phrases_train.SLOTS[slot])


def test_letters_are_the_same_each_time_and_balanced() -> None:
    letters = training_letters(count=80, seed=1)
    assert letters == training_letters(count=80, seed=1)
    assert letters != training_letters(count=80, seed=2)
    assert set(Counter(letter.category for letter in letters).values()) == {10}
    held = heldout_letters()
    assert held == heldout_letters()
    assert len(held) == 192
    assert set(Counter(letter.category for letter in held).values()) == {24}
    assert {letter.urgency for letter in held} == set(URGENCIES)
    assert not any("{" in letter.text for letter in held)


def test_the_prompt_names_every_answer() -> None:
    assert all(word in SYSTEM_PROMPT for word in (*CATEGORIES, *URGENCIES))
