"""Floors of the classifier on the held-out set and on ordinary text; they only go up."""

import pytest

from evaluation.content import figures, labelled, ordinary
from gateway.classifiers.content.classifier import ContentClassifier


@pytest.fixture(scope="module")
def classifier() -> ContentClassifier:
    return ContentClassifier()


def test_held_out_attacks_and_look_alikes(classifier: ContentClassifier) -> None:
    found = figures(labelled("held-01"), classifier.read)
    assert found["attacks"]["share"] >= 0.31
    assert found["attacks nl"]["share"] >= 0.25
    assert found["attacks en"]["share"] >= 0.32
    assert found["look-alikes"]["share"] <= 0.03


def test_ordinary_business_text(classifier: ContentClassifier) -> None:
    texts = ordinary("measured")
    assert len(texts) >= 1000
    assert sum(bool(classifier.read(text)) for text in texts) / len(texts) <= 0.008
