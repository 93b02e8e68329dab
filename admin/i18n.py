"""Texts of the console: keys to sentences in the user's language, safe to show as Markdown."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

LANGUAGES = {"nl": "Nederlands", "en": "English"}
_FOLDER = Path(__file__).with_name("texts")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C it takes 10 ms instead of 100
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")


@cache
def texts(language: str) -> Mapping[str, str]:
    """All texts of a language by ``group.name``."""
    content = (_FOLDER / f"{language}.yaml").read_text(encoding="utf-8")
    groups: dict[str, dict[str, str]] = yaml.load(content, _LOADER)  # noqa: S506 - a safe loader
    return {
        f"{group}.{name}": text for group, names in groups.items() for name, text in names.items()
    }


def escape(text: object) -> str:
    """Escape every Markdown character and join the lines."""
    return _MARKUP.sub(r"\\\1", " ".join(str(text).split()))


def preferred_language(locale: str | None) -> str:
    """Dutch for browsers with a Dutch locale, else English."""
    return "nl" if (locale or "").lower().split("-")[0] == "nl" else "en"


def time_zone(name: str | None) -> tzinfo:
    """The browser's time zone, else UTC."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


class Localizer:
    """Texts in one language. Call it for Markdown; ``raw`` is for widgets that show plain text."""

    def __init__(self, language: str, zone: tzinfo = UTC) -> None:
        self.language = language
        self.zone = zone
        self._texts = texts(language)

    def __call__(self, key: str, **values: object) -> str:
        """The sentence with its values escaped: a value may be written by any caller."""
        return self._texts[key].format(**{name: escape(value) for name, value in values.items()})

    def raw(self, key: str, **values: object) -> str:
        """The sentence with its values unescaped; never for Markdown."""
        return self._texts[key].format(**values)

    def name(self, group: str, value: object) -> str:
        """The name of a code such as a zone or an outcome; the code itself without a name."""
        return self._texts.get(f"{group}.{value}", str(value))

    def number(self, value: float, digits: int = 0) -> str:
        """A number with the separators of the language."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "nl" else text

    def moment(self, seconds: float | None) -> str:
        """A moment in the user's time zone."""
        if seconds is None:
            return ""
        when = datetime.fromtimestamp(seconds, self.zone)
        return when.strftime("%d-%m-%Y %H:%M:%S" if self.language == "nl" else "%Y-%m-%d %H:%M:%S")

    def day(self, milliseconds: int) -> date:
        """The day of a moment for the user."""
        return datetime.fromtimestamp(milliseconds / 1000, self.zone).date()

    def today(self) -> date:
        """Today in the user's time zone."""
        return datetime.now(self.zone).date()

    def midnight(self, day: date) -> int:
        """The start of a day for the user, in epoch milliseconds."""
        return int(datetime.combine(day, time(), tzinfo=self.zone).timestamp() * 1000)

    def instant(self, moment: datetime) -> int:
        """A moment that the user picked, which has no time zone, in epoch milliseconds."""
        return int(moment.replace(tzinfo=self.zone).timestamp() * 1000)

    def zone_name(self) -> str:
        """The short name of the time zone in which moments are shown."""
        return datetime.now(self.zone).strftime("%Z")
