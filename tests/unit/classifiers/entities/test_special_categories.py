"""A remark about a special category counts the same among few and among many sentences."""

import numpy as np
import pytest

from gateway.classifiers.entities.linear_topic_model import (
    CLASSES,
    LinearTopicModel,
    features,
    packed,
)
from gateway.classifiers.entities.special_categories import detect
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
    (found, *_) = detect(text, (), [(starts, np.array(numbers))], wording, 0.0)
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
