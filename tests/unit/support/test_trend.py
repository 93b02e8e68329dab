"""A trend is found where there is one, and none where there is only noise."""

import random

import pytest

from tests.support.trend import trend_of

pytestmark = pytest.mark.unit


def samples(growth: float, noise: float, seed: int = 1) -> list[tuple[float, float]]:
    """Two hours of a value near 100 that grows by percents an hour."""
    chance = random.Random(seed)
    return [
        (second, 100 * (1 + growth / 100 * second / 3600) + chance.uniform(-noise, noise))
        for second in range(0, 7200, 10)
    ]


def test_a_straight_line_is_found_exactly() -> None:
    found = trend_of(samples(growth=5, noise=0))
    assert found.estimate == pytest.approx(100 * 5 / 105, rel=0.01)
    assert found.half < 0.01


@pytest.mark.parametrize("seed", range(5))
def test_growth_is_seen_through_noise_and_noise_is_no_growth(seed: int) -> None:
    assert trend_of(samples(growth=4, noise=3, seed=seed)).least > 1
    assert trend_of(samples(growth=0, noise=3, seed=seed)).least < 1


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        trend_of([(1.0, 1.0)] * 20)
