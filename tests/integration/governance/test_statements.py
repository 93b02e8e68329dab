"""Lists of any length are asked for in few statements: each one that differs stays in memory."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from gateway.governance.cases.case_requests import known_requests
from gateway.governance.usage.rollup import UsageRollup
from tests.integration.governance.test_usage import write
from tests.support.retained import Retained

pytestmark = pytest.mark.integration


@pytest.fixture
def statements() -> Iterator[set[str]]:
    """All different statements that reach a database, from now on."""
    seen: set[str] = set()

    def on_execute(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.add(statement)

    event.listen(Engine, "before_cursor_execute", on_execute)
    yield seen
    event.remove(Engine, "before_cursor_execute", on_execute)


async def test_a_list_of_any_length_is_one_of_few_statements(
    kept: Retained, statements: set[str]
) -> None:
    async with kept.trail() as trail:
        await write(trail, random.Random(1), 3, now=kept.clock.ms, start=0)
    known = [f"{number:032x}" for number in range(3)]
    others = [f"{number:032x}" for number in range(100, 164)]
    for length in range(1, 65):
        found = await known_requests(kept.plane.trail, (others + known)[-length:])
        assert found == set(known[-length:])
    lists = [one for one in statements if "request IN" in one]
    assert len(lists) == 7  # up to 1, 2, 4, 8, 16, 32 and 64


async def test_batches_of_any_size_are_counted_in_few_statements(
    kept: Retained, statements: set[str]
) -> None:
    for size in range(1, 41):
        async with kept.trail() as trail:
            await write(trail, random.Random(size), size, now=kept.clock.ms, start=100 * size)
        rollup = UsageRollup(kept.plane.database, kept.plane.journal, kept.plane.trail.rows)
        await rollup.run()
    assert (await kept.plane.usage.rollup.check()).same
    assert len([one for one in statements if "request IN" in one]) <= 8
