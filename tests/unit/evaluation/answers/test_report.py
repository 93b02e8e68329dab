"""Confidence intervals of an answer report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evaluation.answers.report import difference_interval, share_interval


class TestIntervals:
    @given(st.integers(0, 50), st.integers(0, 50))
    def test_a_share_lies_in_its_interval(self, part: int, more: int) -> None:
        low, high = share_interval(part, part + more)
        assert 0 <= low <= part / max(1, part + more) + 1e-9 or not part + more
        assert low <= high <= 1

    def test_known_values(self) -> None:
        assert share_interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
        assert share_interval(0, 0) == (0.0, 1.0)
        assert difference_interval([0] * 20) == (0, 0)
        low, high = difference_interval([-1] * 10 + [0] * 10)
        assert -0.8 < low < -0.5 < high < -0.2
