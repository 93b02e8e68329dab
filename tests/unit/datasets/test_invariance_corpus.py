"""The corpus of names among neutral sentences is large, repeatable and what it says it is."""

import re
from collections import Counter
from pathlib import Path

import pytest

from evaluation.invariance.corpus import COUNTS, MARKED_KINDS, NAME_KINDS, combinations, names
from gateway.privacy.lexicons.names import AMBIGUOUS_NAMES, GIVEN_NAMES

_TRAINED = Path(__file__).parents[3] / "training/entities/templates/pool_names.txt"


def test_it_holds_at_least_five_thousand_combinations_of_all_kinds() -> None:
    corpus = combinations()
    assert len(corpus) >= 5000
    counted = Counter((one.kind, one.count) for one in corpus)
    assert all(counted[kind, count] >= 200 for kind in NAME_KINDS for count in COUNTS)
    assert all(counted[kind, count] >= 25 for kind in MARKED_KINDS for count in COUNTS[1:])


def test_one_seed_gives_the_same_corpus() -> None:
    assert combinations(2, 1) == combinations(2, 1)


def test_a_name_lies_where_the_combination_says() -> None:
    for one in combinations(3, 1):
        if one.name is not None:
            start, end = one.name
            name = one.base[start:end]
            assert name in names()[one.kind]
            moved = slice(one.padded.moved(start), one.padded.moved(end - 1) + 1)
            assert one.padded.text[moved] == name


@pytest.mark.parametrize("kind", NAME_KINDS)
def test_there_are_names_of_each_kind(kind: str) -> None:
    assert len(names()[kind]) >= 20


def test_lone_first_names_are_listed_and_no_words() -> None:
    for name in names()["lone first name"]:
        assert name in GIVEN_NAMES
        assert name not in AMBIGUOUS_NAMES


def test_training_knows_no_part_of_an_unlisted_name() -> None:
    trained = set(re.findall(r"\w+", _TRAINED.read_text(encoding="utf-8")))
    for name in names()["unlisted"]:
        assert trained.isdisjoint(name.split()), name
