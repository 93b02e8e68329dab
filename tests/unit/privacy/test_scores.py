"""The development set, with floors that only go up."""

from pathlib import Path

import pytest
import yaml

from gateway.privacy import Detector, LevelTable, level_of
from tests.support.privacy_score import Span, load, score

_ROOT = Path(__file__).parents[3]
_EXAMPLES = load(_ROOT / "tests/data/privacy/development.jsonl")


def test_scores_hold(detector: Detector, capsys: pytest.CaptureFixture[str]) -> None:
    def predict(text: str) -> list[Span]:
        return [Span(f.start, f.end, f.type) for f in detector.scan(text) if f.redactable]

    with capsys.disabled():
        print("\nlang   F1  masked  FP/1000  untouched  PERSON")
        for lang in ("nl", "en", "all"):
            total = score([e for e in _EXAMPLES if lang in (e.lang, "all")], predict)
            print(
                f"{lang:4} {total.f1:.3f}   {total.masked_share:.3f}     {total.false_per_1000:.2f}"
                f"       {total.untouched_share:.3f}   {total.type_f1('PERSON'):.3f}"
            )
    assert total.f1 >= 0.99, total.missed
    assert total.masked_share >= 0.99, total.missed
    assert total.false_per_1000 <= 0.1, total.missed
    assert total.untouched_share >= 0.99, total.missed


def test_levels_hold(detector: Detector) -> None:
    document = yaml.safe_load((_ROOT / "policies/levels.yaml").read_text(encoding="utf-8"))
    table = LevelTable.of(document)
    wrong = {
        e.id: level_of(detector.scan(e.text), table)
        for e in _EXAMPLES
        if level_of(detector.scan(e.text), table).level.label != e.level
    }
    assert wrong == {}
