"""No text costs the rules much more than another of its size: processor time, as a ratio."""

import time

import pytest

from gateway.privacy import Detector
from tests.support.detector import DETECTOR
from tests.support.expensive_texts import ordinary, repeated, units

pytestmark = pytest.mark.integration
SIZE = 16 * 1024
MOST = 12  # times an ordinary text; the aim is 10, and the machine may be busy
GROWTH = 3.2  # of twice the text: 2 when linear, 4 when quadratic
QUADRATIC_ONCE = ("keys of names", "headers of columns", "one address", "one digit in words")


def cpu_s(detector: Detector, text: str) -> float:
    """The shorter of two measurements, in seconds."""
    measured = []
    for _ in range(2):
        began = time.thread_time()
        detector.scan(text)
        measured.append(time.thread_time() - began)
    return min(measured)


@pytest.fixture(scope="module")
def usual_s() -> float:
    return cpu_s(DETECTOR, ordinary(SIZE))


@pytest.mark.parametrize("name", units())
def test_no_text_costs_much_more_than_an_ordinary_one(usual_s: float, name: str) -> None:
    text = repeated(units()[name], SIZE)
    assert cpu_s(DETECTOR, text) < MOST * max(usual_s, cpu_s(DETECTOR, ordinary(SIZE)))


@pytest.mark.parametrize("name", QUADRATIC_ONCE)
def test_time_is_linear_in_the_text(name: str) -> None:
    text = repeated(units()[name], 8 * SIZE)
    assert cpu_s(DETECTOR, text) < GROWTH * cpu_s(DETECTOR, text[: 4 * SIZE])
