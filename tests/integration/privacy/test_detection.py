"""What rules and classifier find together on marked texts, with floors that only go up."""

from pathlib import Path

import pytest

from gateway.privacy.evaluation import evaluate, load
from gateway.processes.evaluate import shipped

pytestmark = [pytest.mark.integration, pytest.mark.slow]
_DATA = Path(__file__).parents[2] / "data" / "privacy"
# F1, masked, false alarms per 1000 characters, untouched, level right, PERSON F1.
_FLOORS = {
    "tuning": (0.96, 0.97, 0.30, 0.945, 0.95, 0.95),
    "scored": (0.95, 0.96, 0.35, 0.935, 0.92, 0.95),
    "categories": (0.97, 0.98, 0.25, 0.98, 0.98, 0.97),
    "indirect": (0.975, 0.985, 0.25, 0.98, 0.935, 0.97),
    "strangers": (0.955, 0.955, 0.25, 0.925, 0.935, 0.955),
}


@pytest.mark.parametrize("name", _FLOORS)
def test_scores_hold(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with shipped() as predict:
        report = evaluate(load(_DATA / f"{name}.jsonl"), predict)
    with capsys.disabled():
        print(f"\n{name}\n{report.markdown()}")
    total, (f1, masked, false, untouched, level, person) = report.total, _FLOORS[name]
    assert total.f1 >= f1
    assert total.masked_share >= masked
    assert total.false_per_1000 <= false
    assert total.untouched_share >= untouched
    assert report.levels.accuracy >= level
    assert report.types["PERSON"].f1 >= person
