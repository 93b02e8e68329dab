"""The period of a question, and its parts: hours, days or months in a time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.core.errors import InvalidRequest
from gateway.governance.usage.definition import HOUR_MS

BY = ("hour", "day", "month")
_MOST = 1_500  # parts


@dataclass(frozen=True, slots=True)
class UsagePeriod:
    """Whole hours from ``since`` to ``until`` (epoch milliseconds, exclusive)."""

    since: int
    until: int
    zone: ZoneInfo

    @property
    def before(self) -> "UsagePeriod":
        """The period of the same length before this one."""
        return UsagePeriod(2 * self.since - self.until, self.since, self.zone)

    def parts(self, by: str) -> list[tuple[int, int]]:
        """The parts in order; the first and the last may be cut off.

        Raises:
            InvalidRequest: for an unknown kind of part, or too many.
        """
        if by not in BY:
            raise InvalidRequest(f"'by' is one of {', '.join(BY)}.", param="by")
        found = []
        at = self.since
        while at < self.until:
            end = min(self._next(at, by), self.until)
            found.append((at, end))
            at = end
            if len(found) > _MOST:
                raise InvalidRequest(
                    f"That is more than {_MOST} parts: ask for a shorter period or longer parts.",
                    param="by",
                )
        return found

    def _next(self, at: int, by: str) -> int:
        """The start of the part after the one that holds a moment."""
        if by == "hour":
            return at + HOUR_MS
        day = datetime.fromtimestamp(at / 1000, self.zone).date()
        following = day + timedelta(days=1)
        if by == "month":
            following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return max(_hour_of(_midnight(following, self.zone)), at + HOUR_MS)


def period_of(since: str | None, until: str | None, zone: str, *, now_ms: int) -> UsagePeriod:
    """The period from texts: epoch milliseconds, or days and moments of ISO 8601.

    A day as the end means its last moment. The last seven days by default. The start is moved to
    the beginning of its hour and the end to the end of its hour, as the sums are by the hour.

    Raises:
        InvalidRequest: for an unknown time zone or moment, and when the end is before the start.
    """
    try:
        tz = ZoneInfo(zone)
    except (OSError, ValueError) as error:
        raise InvalidRequest("There is no such time zone.", param="timezone") from error
    end = _moment(until, tz, "to", end=True) if until else now_ms
    start = _moment(since, tz, "from", end=False) if since else end - 7 * 24 * HOUR_MS
    start, end = _hour_of(start), _hour_of(end + HOUR_MS - 1)
    if end <= start:
        raise InvalidRequest("The period ends before it begins.", param="to")
    return UsagePeriod(start, end, tz)


def _moment(text: str, zone: ZoneInfo, param: str, *, end: bool) -> int:
    try:
        if text.isascii() and text.isdigit():
            found = int(text)
        elif len(text) == len("2026-11-24"):
            day = date.fromisoformat(text)
            found = _midnight(day + timedelta(days=1) if end else day, zone)
        else:
            moment = datetime.fromisoformat(text)
            found = int(moment.replace(tzinfo=moment.tzinfo or zone).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest("Give a day or moment such as 2026-11-24.", param=param) from error
    if not 0 <= found < 2**43:
        raise InvalidRequest("Give a day or moment such as 2026-11-24.", param=param)
    return found


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), tzinfo=zone).astimezone(UTC).timestamp() * 1000)


def _hour_of(moment: int) -> int:
    return moment // HOUR_MS * HOUR_MS
