"""``sluis usage`` on the machine itself."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.integration.governance.test_case_commands import sluis, told
from tests.support.retained import Retained

pytestmark = pytest.mark.integration


@pytest.fixture
def requests(tmp_path: Path) -> int:
    """An installation with answered requests in its trail; their number."""

    async def prepare() -> None:
        made = Retained(tmp_path, None)
        await made.set_up()
        async with made.trail() as trail:
            for number in range(3):
                await made.asked(trail, f"{number:032x}", age=1)
        await made.plane.close()

    asyncio.run(prepare())
    return 3


def test_the_table_has_a_row_for_each_group_and_a_total(tmp_path: Path, requests: int) -> None:
    shown = sluis(tmp_path, "usage").output.splitlines()
    assert shown[1].split()[:3] == ["model", "requests", "answers"]
    assert [line.split()[:2] for line in shown[2:4]] == [
        ["gpt-eu", str(requests)],
        ["total", str(requests)],
    ]
    by_day = sluis(tmp_path, "usage", "--by", "day", "--group", "use_case").output
    assert "service" in by_day
    found = told(sluis(tmp_path, "usage", "--filter", "zone=global", "--json"))
    assert found["total"]["requests"] == 0


def test_the_check_and_the_rebuild_say_that_the_figures_are_those_of_the_trail(
    tmp_path: Path, requests: int
) -> None:
    found = told(sluis(tmp_path, "usage", "--check", "--json"))
    assert found["same"]
    assert found["entries"] >= 2 * requests
    assert told(sluis(tmp_path, "usage", "--rebuild", "--json")) == {"kept_before": 0}
    assert json.loads(sluis(tmp_path, "usage", "--json").output)["total"]["requests"] == requests


def test_a_wrong_filter_is_explained(tmp_path: Path, requests: int) -> None:
    assert requests
    failed = sluis(tmp_path, "usage", "--filter", "team")
    assert failed.exit_code == 2
    assert "NAME=VALUE" in failed.output
    unknown = sluis(tmp_path, "usage", "--filter", "person=jan")
    assert unknown.exit_code == 1
    assert "No such filter: person" in unknown.output
