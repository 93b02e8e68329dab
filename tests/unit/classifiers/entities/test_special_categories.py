"""A remark about a special category counts the same among few and among many sentences."""

import numpy as np
import pytest

from gateway.classifiers.entities.linear_topic_model import (
    CLASSES,
    LinearTopicModel,
    features,
    packed,
)
from gateway.classifiers.entities.special_categories import (
    CategoryLimits,
    Window,
    detect,
)
from gateway.classifiers.protocol import Entity
from gateway.core.finding import SPECIAL_CATEGORIES

_OTHER = "De vergadering is om drie uur."
_REMARK = "Zij zit om de week aan het infuus."
_BUCKETS = 1 << 14
_WORDING = LinearTopicModel(packed(np.zeros((64, CLASSES)), np.zeros(CLASSES)))


def _against(sentence: str) -> LinearTopicModel:
    """Return a model whose weights call each feature of a sentence evidence for no category."""
    weights = np.zeros((_BUCKETS, CLASSES))
    weights[features(sentence, _BUCKETS), -1] = 1.0
    weights[features(_REMARK, _BUCKETS), -1] = 0.0
    return LinearTopicModel(packed(weights, np.zeros(CLASSES)))


def _never(text: str) -> list[Window]:
    raise AssertionError(f"read again: {text}")


def _score(before: int, behind: int, wording: LinearTopicModel = _WORDING) -> float:
    """Return the score of the remark, which the second head of the network reads the same."""
    sentences = [_OTHER] * before + [_REMARK] + [_OTHER] * behind
    text = " ".join(sentences)
    starts, numbers = [], []
    at = 0
    for sentence in sentences:
        starts.append(at)
        numbers.append([4.0 if sentence == _REMARK else -12.0] * len(SPECIAL_CATEGORIES))
        at += len(sentence) + 1
    (found, *_) = detect(
        text, (), [(starts, np.array(numbers))], wording, CategoryLimits(0.0, 1.0), _never
    )
    assert _REMARK in text[found.start : found.end]
    return found.score


@pytest.mark.parametrize("count", [1, 3, 20, 400])
def test_the_number_of_sentences_does_not_count(count: int) -> None:
    one = _score(0, 1)
    assert one > 0.9
    assert _score(0, count) == _score(count, 0) == _score(count, count) == one


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_wording_of_a_neighbour_does_not_count_against_a_remark(count: int) -> None:
    wording = _against(_OTHER)
    alone = _score(0, 0, wording)
    assert alone > 0.9
    assert _score(0, count, wording) == _score(count, 0, wording) == alone


class _Network:
    """Reads a remark alone with a higher number than among others, and keeps what it read."""

    def __init__(self, alone: float) -> None:
        self._alone = alone
        self.texts: list[str] = []

    def read(self, text: str) -> list[Window]:
        self.texts.append(text)
        return [([0], np.full((1, len(SPECIAL_CATEGORIES)), self._alone))]


def _found(numbers: list[float], network: _Network) -> list[Entity]:
    """Return what is found in sentences for which the network gave these numbers in the text."""
    sentences = [f"Zin {number}." for number in range(len(numbers))]
    starts = [sum(len(one) + 1 for one in sentences[:at]) for at in range(len(sentences))]
    windows = [(starts, np.array([[one] * len(SPECIAL_CATEGORIES) for one in numbers]))]
    return detect(
        " ".join(sentences), (), windows, _WORDING, CategoryLimits(0.2, 0.05), network.read
    )


def test_a_doubtful_sentence_counts_as_it_does_alone() -> None:
    network = _Network(2.0)
    found = _found([-12.0, -2.5, -12.0], network)  # a probability of .08
    assert network.texts == ["Zin 1."]
    assert {(one.start, one.end, one.type) for one in found} == {
        (7, 13, category) for category in SPECIAL_CATEGORIES
    }


def test_a_reading_alone_never_lowers_a_score() -> None:
    network = _Network(-12.0)
    assert _found([-2.5, -12.0], network) == []
    assert _found([-1.0, -12.0], network)  # found in the text, and not read again
    assert network.texts == ["Zin 0."]


def test_at_most_four_sentences_are_read_again_the_most_doubtful_first() -> None:
    network = _Network(-12.0)
    _found([-2.9, -2.0, -2.4, -2.3, -2.2, -2.1, -12.0], network)
    assert network.texts == ["Zin 1.", "Zin 5.", "Zin 4.", "Zin 3."]


def test_a_text_of_one_sentence_and_improbable_sentences_are_read_once() -> None:
    network = _Network(2.0)
    assert _found([-2.5], network) == _found([-4.0, -4.0], network) == []
    assert network.texts == []


def test_names_stay_out_of_the_wording_when_a_sentence_is_read_again() -> None:
    text = "Zin 0. Zij is Bakker."
    wording = _against("Bakker")
    windows = [([0, 7], np.array([[-12.0], [-2.5]]).repeat(len(SPECIAL_CATEGORIES), axis=1))]
    names = [Entity(14, 20, "PERSON", 1.0)]
    for given, found in ((names, True), ([], False)):
        limits = CategoryLimits(0.2, 0.05)
        network = _Network(0.0)
        assert bool(detect(text, given, windows, wording, limits, network.read)) is found
