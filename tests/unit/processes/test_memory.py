"""What a later snapshot replaces is freed, however its objects refer to one another."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from gateway.processes import memory

pytestmark = pytest.mark.unit


class Part:
    """Refers to itself, as closures and compiled rules do."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_came_after_the_start_is_freed_when_it_is_replaced() -> None:
    memory.settle(first=True)
    replaced = Part()
    seen = weakref.ref(replaced)
    memory.settle(first=False)
    del replaced
    memory.settle(first=False)
    assert seen() is None


def test_what_is_there_at_the_start_costs_the_collector_nothing() -> None:
    before = gc.get_freeze_count()
    memory.settle(first=True)
    assert gc.get_freeze_count() > before
