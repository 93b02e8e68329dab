"""Days in configuration: a date holds until the end of that day (UTC)."""

import datetime
from functools import lru_cache


@lru_cache(maxsize=4096)
def end_of_day(day: str) -> float:
    """Returns the end of an ISO 8601 date in epoch seconds; the start of time for another text."""
    try:
        start = datetime.datetime.fromisoformat(day).replace(tzinfo=datetime.UTC)
        return (start + datetime.timedelta(days=1)).timestamp()
    except (ValueError, OverflowError):
        return 0.0
