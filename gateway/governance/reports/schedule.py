"""Due dates of scheduled reports: whole weeks and months in the organisation's time zone."""

from datetime import date, datetime, time, timedelta, tzinfo

GRACE_MS = 900_000  # so that requests that ended just before midnight are in the log
_MAX_PERIODS = 60


def due(every: str, *, now: int, zone: tzinfo, done_until: int | None) -> list[tuple[int, int]]:
    """The periods that are over and not reported yet, oldest first, in epoch milliseconds.

    ``every`` is week or month, ``now`` epoch milliseconds, ``done_until`` the end of the last one
    that was made: without it only the last whole period is due.
    """
    end = _start(every, datetime.fromtimestamp((now - GRACE_MS) / 1000, zone).date())
    found: list[tuple[int, int]] = []
    while len(found) < _MAX_PERIODS:
        first = _start(every, end - timedelta(days=1))
        since, until = _midnight(first, zone), _midnight(end, zone)
        if done_until is not None and since < done_until:
            break
        found.append((since, until))
        end = first
        if done_until is None:
            break
    return found[::-1]


def _start(every: str, day: date) -> date:
    """The first day of the period in which a day lies."""
    return day.replace(day=1) if every == "month" else day - timedelta(days=day.weekday())


def _midnight(day: date, zone: tzinfo) -> int:
    return int(datetime.combine(day, time(), tzinfo=zone).timestamp() * 1000)
