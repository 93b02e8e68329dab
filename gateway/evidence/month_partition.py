"""The months into which PostgreSQL parts the erasable table of the trail.

A month of which nothing is left is dropped, which gives its room on the disk back at once. Entries of no
request are kept for years and would hold up every month: they are a part of their own. What no month is
there for, such as an entry of a clock that is far off, stands in ``audit_detail_other``: writing an
entry never fails for want of a month.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

TABLE = "audit_detail"
ALONE = f"{TABLE}_alone"  # entries of no request
REQUESTS = f"{TABLE}_requests"  # all others, in months
OTHER = f"{TABLE}_other"


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in UTC: from ``low`` until before ``high``, epoch milliseconds."""

    low: int
    high: int

    @property
    def name(self) -> str:
        """Of its part of the table."""
        return f"{TABLE}_{_day(self.low):%Y_%m}"

    @property
    def creation(self) -> str:
        """The statement that makes its part of the table, with all indexes."""
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name} PARTITION OF {REQUESTS} "
            f"FOR VALUES FROM ({self.low}) TO ({self.high})"
        )


def month_of(time_ms: int) -> Month:
    """The month in which a moment lies."""
    first = _day(time_ms).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = divmod(first.year * 12 + first.month, 12)
    return Month(_ms(first), _ms(first.replace(year=year, month=month + 1)))


def months_from(time_ms: int, *, count: int) -> list[Month]:
    """So many months, beginning with that of a moment."""
    months = [month_of(time_ms)]
    while len(months) < count:
        months.append(month_of(months[-1].high))
    return months


def _day(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
