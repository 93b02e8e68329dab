"""What rules and classifier find together on marked texts, with floors under the figures."""

from pathlib import Path

import pytest

from gateway.privacy.evaluation import evaluate, load
from gateway.processes.evaluate import shipped

pytestmark = [pytest.mark.integration, pytest.mark.slow]
_DATA = Path(__file__).parents[2] / "data" / "privacy"
# F1, masked, false alarms per 1000 characters, untouched, level right, PERSON F1.
_FLOORS = {
    "tuning": (0.97, 0.965, 0.2, 0.965, 0.955, 0.96),
    "scored": (0.945, 0.955, 0.4, 0.92, 0.92, 0.945),
    "categories": (0.98, 0.985, 0.15, 0.98, 0.99, 0.98),
    "indirect": (0.975, 0.975, 0.25, 0.95, 0.915, 0.97),
    "strangers": (0.95, 0.95, 0.27, 0.94, 0.945, 0.955),
    "outsiders": (0.89, 0.96, 1.4, 0.62, 0.79, 0.87),
    "newcomers": (0.98, 0.98, 0.2, 1.0, 0.965, 0.975),
    "visitors": (0.96, 0.97, 0.4, 0.83, 0.93, 0.96),
    "arrivals": (0.965, 0.97, 0.3, 0.92, 0.955, 0.97),
}
# Restricted texts that may come out lower, of 45, 44, 120, 100, 44, 50, 45, 50 and 50.
_TOO_LOW = {
    "tuning": 0, "scored": 1, "categories": 0, "indirect": 4, "strangers": 0, "outsiders": 3,
    "newcomers": 3, "visitors": 2, "arrivals": 0,
}  # fmt: skip


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
    assert report.levels.restricted_too_low <= _TOO_LOW[name]
    assert report.types["PERSON"].f1 >= person
