"""Rules lose nothing of the marked texts when neutral sentences come before or behind them."""

from pathlib import Path

import pytest

from gateway.evaluation import Span, load
from gateway.evaluation.invariance import LANGUAGES, is_covered, neutral_sentences, pad
from gateway.privacy import level_of
from tests.support.detector import DETECTOR
from tests.support.effort import some
from tests.support.levels import LEVELS

_DATA = Path(__file__).parents[4] / "evaluation/datasets"
_EVERY = 8  # one text of so many
_EXAMPLES = [example for file in sorted(_DATA.glob("*.jsonl")) for example in load(file)[3::_EVERY]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("gap", [" ", "\n\n"])
def test_rules_lose_nothing_of_marked_texts(language: str, gap: str) -> None:
    sentences = neutral_sentences(language)
    lost = []
    for example in some(_EXAMPLES):
        text = example.text
        alone = DETECTOR.scan(text)
        spans = [Span(one.start, one.end, one.type) for one in alone if one.redactable]
        for padded in (pad(text, gap, before=sentences), pad(text, gap, behind=sentences)):
            found = DETECTOR.scan(padded.text)
            redacted = [Span(one.start, one.end, one.type) for one in found if one.redactable]
            if level_of(found, LEVELS).level < level_of(alone, LEVELS).level or not all(
                is_covered(text, span, padded, redacted) for span in spans
            ):
                lost.append(example.id)
    assert lost == []
