"""Monthly partitions of the trail's erasable table in PostgreSQL.

An empty month is dropped, which frees its disk space at once. Entries without a request are kept
for years and would keep every month alive, so they have their own partition. An entry outside all
months, such as one of a wrong clock, goes to ``audit_detail_other``: writing an entry never fails
because a month is missing.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

TABLE = "audit_detail"
WITHOUT_REQUEST = f"{TABLE}_alone"  # entries without a request
REQUESTS = f"{TABLE}_requests"  # all others, in months
OTHER = f"{TABLE}_other"


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in UTC: from ``low`` until before ``high``, epoch milliseconds."""

    low: int
    high: int

    @property
    def name(self) -> str:
        """The name of its partition."""
        return f"{TABLE}_{_day(self.low):%Y_%m}"

    @property
    def creation(self) -> str:
        """The statement that creates its partition, with all indexes."""
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name} PARTITION OF {REQUESTS} "
            f"FOR VALUES FROM ({self.low}) TO ({self.high})"
        )


def month_of(time_ms: int) -> Month:
    """Returns the month of a time."""
    first = _day(time_ms).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = divmod(first.year * 12 + first.month, 12)
    return Month(_ms(first), _ms(first.replace(year=year, month=month + 1)))


def months_from(time_ms: int, *, count: int) -> list[Month]:
    """Returns ``count`` consecutive months, starting with that of a time."""
    months = [month_of(time_ms)]
    while len(months) < count:
        months.append(month_of(months[-1].high))
    return months


def _day(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
