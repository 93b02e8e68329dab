"""Names, labels, secrets and levels survive among neutral sentences, with the classifier.

The suite reads a fixed sample of the corpus; ``make campaign`` reads all of it.
"""

import os
from random import Random

import pytest

from evaluation.invariance.corpus import NAME_KINDS, combinations
from evaluation.invariance.measure import RequestReader, Tallies, measure
from gateway.core.level import Level
from gateway.evaluation.invariance import LANGUAGES, neutral_sentences
from tests.support.detector import DETECTOR

pytestmark = [pytest.mark.integration, pytest.mark.slow]
_SAMPLE = 260
_EVERYDAY = "everyday category"
_LISTED, _OTHERS = NAME_KINDS[:2], NAME_KINDS[2:]


@pytest.fixture(scope="module")
def tallies() -> Tallies:
    corpus = combinations()
    whole = os.environ.get("SLUIS_CAMPAIGN")
    found = measure(corpus if whole else corpus[:_SAMPLE], RequestReader(DETECTOR))
    print(f"\n{found.markdown()}")
    return found


@pytest.mark.parametrize("count", [1, 6, 20])
def test_the_classifier_finds_nothing_in_neutral_sentences(count: int) -> None:
    rng, reader = Random(count), RequestReader(DETECTOR)
    both = [one for language in LANGUAGES for one in neutral_sentences(language)]
    for pool in (*map(neutral_sentences, LANGUAGES), both):
        for gap in (" ", "\n", "\n\n"):
            text = gap.join(rng.sample(pool, count))
            assert reader.read([text]) == ((), Level.PUBLIC)


def test_names_are_found_among_any_number_of_sentences(tallies: Tallies) -> None:
    assert tallies.share(tallies.found, _LISTED) >= 0.99
    assert tallies.share(tallies.found, _OTHERS) >= 0.96


def test_findings_alone_are_kept(tallies: Tallies) -> None:
    assert tallies.share(tallies.kept, _LISTED) == 1
    assert tallies.share(tallies.kept, _OTHERS) >= 0.98
    assert tallies.share(tallies.kept, ("label", "secret", "number", "category")) == 1


def test_levels_are_kept(tallies: Tallies) -> None:
    assert tallies.share(tallies.level_kept, ("label", "secret", "number", "category")) == 1
    assert tallies.share(tallies.level_kept, _LISTED) == 1


def test_categories_in_everyday_words_keep_their_level() -> None:
    corpus = [one for one in combinations() if one.kind == _EVERYDAY]
    found = measure(corpus, RequestReader(DETECTOR))
    assert found.share(found.level_kept, (_EVERYDAY,)) >= 0.8
    assert found.share(found.kept, (_EVERYDAY,)) == 1
