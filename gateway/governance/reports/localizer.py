"""Texts, numbers and dates in the language of a report."""

from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import msgspec

from gateway.core.text import yaml_text
from gateway.governance.reports.counts import ERASED, NONE, WITHHELD

LANGUAGES = ("en", "nl")


class ReportTexts(msgspec.Struct, frozen=True):
    """The texts of one language by key, as ``texts/LANGUAGE.yaml`` has them."""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    texts: dict[str, str]


@cache
def texts_of(language: str) -> ReportTexts:
    """The texts of a language."""
    file = files("gateway.governance.reports").joinpath("texts", f"{language}.yaml")
    return msgspec.convert(yaml_text.load(file.read_text("utf-8")), ReportTexts)


class ReportLocalizer:
    """One language and one time zone."""

    def __init__(self, language: str, timezone: str) -> None:
        self.language = language
        self.zone = ZoneInfo(timezone)
        texts = texts_of(language)
        self._table, self._months, self._short = texts.texts, texts.months, texts.short_months

    def __call__(self, key: str, **values: object) -> str:
        """A text with its values filled in."""
        return self._table[key].format(**values)

    def name(self, group: str, code: str, *, none: str = "none") -> str:
        """The name of a code such as a zone; the code itself when it has no name."""
        if code == NONE:
            return self._table[none]
        if code == ERASED:
            return self._table["erased"]
        if code == WITHHELD:
            return self._table["withheld"]
        return self._table.get(f"{group}.{code}", code)

    def stated(self, value: object) -> str:
        """A stated value, or the text that it is not stated."""
        return self("not_stated") if value is None or value == "" else str(value)

    def number(self, value: float, digits: int = 0) -> str:
        """A number with the separators of the language."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "nl" else text

    def day(self, day: date) -> str:
        """A day with the name of its month."""
        return f"{day.day} {self._months[day.month - 1]} {day.year}"

    def short_day(self, day: date) -> str:
        """A day without its year."""
        return f"{day.day} {self._short[day.month - 1]}"

    def month(self, day: date) -> str:
        """The month of a day."""
        return f"{self._short[day.month - 1]} {day.year}"

    def moment(self, ms: int) -> str:
        """A moment in the report's time zone, with the zone's short name."""
        when = datetime.fromtimestamp(ms / 1000, self.zone)
        return f"{self.day(when.date())} {when:%H:%M:%S} {when.tzname()}"

    def short_moment(self, ms: int) -> str:
        """A moment in figures, for tables."""
        when = datetime.fromtimestamp(ms / 1000, self.zone)
        return when.strftime("%d-%m-%Y %H:%M:%S" if self.language == "nl" else "%Y-%m-%d %H:%M:%S")

    def period(self, since: int, until: int) -> str:
        """A period as whole days where possible, else as moments."""
        first, end = (datetime.fromtimestamp(ms / 1000, self.zone) for ms in (since, until))
        midnight = all(
            (one.hour, one.minute, one.second, one.microsecond) == (0, 0, 0, 0)
            for one in (first, end)
        )
        if not midnight or end <= first:
            return self("until_now", from_=self.moment(since), to=self.moment(until))
        last = end.date() - timedelta(days=1)
        if last == first.date():
            return self("day_of", first=self.day(last))
        return self("days_of", first=self.day(first.date()), last=self.day(last))
