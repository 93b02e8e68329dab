"""Held-out letters share no phrases with the training letters."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from training.letters.data import (
    CATEGORIES,
    SYSTEM_PROMPT,
    URGENCIES,
    heldout_letters,
    training_letters,
)
from training.letters.phrases import HELDOUT, TRAIN

pytestmark = pytest.mark.unit


def runs_of_words(phrases: Mapping[str, Sequence[str]], *, length: int) -> set[tuple[str, ...]]:
    words = [re.findall(r"\w+", text.lower()) for texts in phrases.values() for text in texts]
    return {tuple(row[at : at + length]) for row in words for at in range(len(row) - length + 1)}


def test_no_five_words_in_a_row_are_shared() -> None:
    for train, heldout in ((TRAIN.cores, HELDOUT.cores), (TRAIN.urgency, HELDOUT.urgency)):
        assert not runs_of_words(train, length=5) & runs_of_words(heldout, length=5)


def test_names_places_and_things_differ() -> None:
    for slot, words in HELDOUT.slots.items():
        assert not set(words) & set(TRAIN.slots[slot])


def test_letters_are_the_same_each_time_and_balanced() -> None:
    letters = training_letters(count=80, seed=1)
    assert letters == training_letters(count=80, seed=1)
    assert letters != training_letters(count=80, seed=2)
    assert set(Counter(letter.category for letter in letters).values()) == {10}
    heldout = heldout_letters()
    assert heldout == heldout_letters()
    assert len(heldout) == 192
    assert set(Counter(letter.category for letter in heldout).values()) == {24}
    assert {letter.urgency for letter in heldout} == set(URGENCIES)
    assert not any("{" in letter.text for letter in heldout)


def test_the_prompt_names_every_answer() -> None:
    assert all(word in SYSTEM_PROMPT for word in (*CATEGORIES, *URGENCIES))
