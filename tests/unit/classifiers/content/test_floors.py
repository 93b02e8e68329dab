"""Floors of the classifier on the held-out set and on ordinary text; they only go up."""

from pathlib import Path

import pytest

from evaluation.content import as_product, figures, labelled, ordinary
from gateway.classifiers.content.classifier import ContentClassifier
from gateway.decisions import ContentRules

SHIPPED = Path(__file__).resolve().parents[4] / "policies" / "content.yaml"


@pytest.fixture(scope="module")
def classifier() -> ContentClassifier:
    return ContentClassifier()


def test_held_out_attacks_and_look_alikes(classifier: ContentClassifier) -> None:
    found = figures(labelled("held-01"), as_product(classifier))
    assert found["attacks"]["share"] >= 0.58
    assert found["attacks nl"]["share"] >= 0.52
    assert found["attacks en"]["share"] >= 0.61
    assert found["look-alikes"]["share"] <= 0.04


def test_ordinary_business_text(classifier: ContentClassifier) -> None:
    texts = ordinary("measured")
    assert len(texts) >= 1000
    assert sum(map(bool, map(as_product(classifier), texts))) / len(texts) <= 0.01


def test_no_everyday_turn_is_refused_by_the_shipped_rules(classifier: ContentClassifier) -> None:
    rules = ContentRules(SHIPPED.read_text(encoding="utf-8"))
    turns = [one.text for one in labelled("turns-01")]
    assert len(turns) > 100
    for text in turns:
        found = {one.category: one.probability for one in as_product(classifier)(text)}
        fired = rules.fired_by(text, categories=found)
        assert not [rule for rule in fired if rules.refuses(rule)], text
