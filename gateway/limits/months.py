"""The period of budgets: a calendar month (UTC)."""

import datetime
import math


def month_of(epoch: float) -> str:
    """Returns the budget period of a time, such as ``2026-11`` (UTC)."""
    return datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%Y-%m")


def month_start(epoch: float) -> int:
    """Returns the start of the budget period of a time, in epoch milliseconds."""
    moment = datetime.datetime.fromtimestamp(epoch, datetime.UTC)
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return int(first.timestamp() * 1000)


def until_next_month(epoch: float) -> int:
    """Returns the seconds until the next budget period begins, at least 1."""
    beyond = month_start(epoch) / 1000 + 32 * 86_400  # some day of the next month
    return max(1, math.ceil(month_start(beyond) / 1000 - epoch))
