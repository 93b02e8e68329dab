"""Regular reports: whole periods, none twice, none left out, whatever the clock does."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.governance.reports.schedule import GRACE_MS, due

pytestmark = pytest.mark.unit
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def ms(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=AMSTERDAM).timestamp() * 1000)


def test_a_month_is_due_a_while_after_its_end() -> None:
    march = (ms(2026, 3, 1), ms(2026, 4, 1))
    before = due("month", now=march[1] + GRACE_MS - 1, zone=AMSTERDAM, done_until=march[0])
    assert before == []
    assert due("month", now=march[1] + GRACE_MS, zone=AMSTERDAM, done_until=march[0]) == [march]


def test_a_month_with_a_change_of_clocks_has_its_own_length() -> None:
    ((since, until),) = due("month", now=ms(2026, 4, 2), zone=AMSTERDAM, done_until=None)
    assert until - since == 31 * 86_400_000 - 3_600_000


def test_a_week_begins_on_monday() -> None:
    ((since, until),) = due("week", now=ms(2026, 11, 25), zone=AMSTERDAM, done_until=None)
    assert (since, until) == (ms(2026, 11, 16), ms(2026, 11, 23))


def test_what_was_missed_is_made_oldest_first() -> None:
    found = due("month", now=ms(2026, 12, 3), zone=AMSTERDAM, done_until=ms(2026, 9, 1))
    assert found == [
        (ms(2026, 9, 1), ms(2026, 10, 1)),
        (ms(2026, 10, 1), ms(2026, 11, 1)),
        (ms(2026, 11, 1), ms(2026, 12, 1)),
    ]


@given(
    st.integers(1_706_745_600, 1_893_456_000),
    st.sampled_from(["week", "month"]),
    st.sampled_from(["Europe/Amsterdam", "UTC", "America/New_York", "Asia/Kathmandu"]),
    st.integers(0, 400),
)
def test_periods_follow_one_another_without_gap_or_overlap(
    now_s: int, every: str, zone_name: str, days: int
) -> None:
    zone = ZoneInfo(zone_name)
    now = now_s * 1000
    later = now + days * 86_400_000
    first = due(every, now=now, zone=zone, done_until=None)
    assert len(first) == 1
    following = due(every, now=later, zone=zone, done_until=first[-1][1])
    made = [*first, *following]
    assert all(before[1] == after[0] for before, after in pairwise(made))
    assert all(until <= later - GRACE_MS for _, until in made)
    assert due(every, now=later, zone=zone, done_until=made[-1][1]) == []
    for since, until in made:
        start, end = (datetime.fromtimestamp(at / 1000, zone) for at in (since, until))
        assert (start.hour, start.minute, end.hour, end.minute) == (0, 0, 0, 0)
        days_long = (end.date() - start.date()) / timedelta(days=1)
        assert days_long == 7 if every == "week" else 28 <= days_long <= 31
