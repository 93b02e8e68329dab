"""One message about what waits and what is due: counts, kinds, ids and links, never content."""

import datetime
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from gateway.core.text import yaml_text

SHOWN = 25  # items in a message
_PAGES = {
    "proposal": "proposals",
    "incident": "incidents",
    "clock": "incidents",
    "follow_up": "incidents",
    "complaint": "complaints",
    "request": "requests",
    "reveal": "audit",
}


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """One thing: where it comes from, its kind and id, and when it is due (epoch milliseconds)."""

    source: str
    item: str
    base: str
    kind: str
    stage: str
    due: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many wait, and how many of them are past their deadline."""

    waiting: int
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """A message for one channel; ``counts`` are by source, ``more`` items are not listed."""

    id: str
    channel: str
    language: str
    made: datetime.datetime
    counts: Mapping[str, Count]
    items: Sequence[NoticeItem]
    more: int
    console: str
    zone: str
    test: bool = False

    @property
    def subject(self) -> str:
        """One line."""
        say = _texts(self.language)
        if self.test:
            return str(say["test_subject"])
        waiting = sum(one.waiting for one in self.counts.values())
        overdue = sum(one.overdue for one in self.counts.values())
        line = str(say["subject_overdue" if overdue else "subject"])
        return line.format(waiting=waiting, overdue=overdue)

    @property
    def text(self) -> str:
        """The message in words."""
        say = _texts(self.language)
        lines = [say["test"] if self.test else say["about"], ""]
        lines += [self._counted(source, one) for source, one in self.counts.items() if one.waiting]
        for stage in ("overdue", "reminder", "asked", "new"):
            found = [one for one in self.items if one.stage == stage]
            lines += ["", say["stages"][stage], *map(self._line, found)] if found else []
        if self.more:
            lines += ["", say["more"].format(count=self.more)]
        return "\n".join([*lines, "", say["end"].format(channel=self.channel), ""])

    def document(self) -> dict[str, Any]:
        """The message for programs."""
        return {
            "version": 1,
            "id": self.id,
            "channel": self.channel,
            "language": self.language,
            "time": self.made.isoformat(timespec="seconds"),
            "test": self.test,
            "text": self.text,
            "waiting": {
                source: {"count": one.waiting, "overdue": one.overdue}
                for source, one in self.counts.items()
            },
            "items": [
                {
                    "source": one.source,
                    "id": one.base,
                    "kind": one.kind,
                    "stage": one.stage,
                    "due": self._moment(one.due).isoformat() if one.due else None,
                    "link": self._link(one),
                }
                for one in self.items
            ],
            "more": self.more,
        }

    def _counted(self, source: str, count: Count) -> str:
        say = _texts(self.language)
        line = f"{say['sources'][source]}: {count.waiting}"
        overdue = say["overdue"].format(count=count.overdue)
        return f"{line} ({overdue})" if count.overdue else line

    def _line(self, one: NoticeItem) -> str:
        say = _texts(self.language)
        kind = say["kinds"].get(one.kind, one.kind)
        parts = [f"- {say['items'][one.source]} {one.base}"]
        parts += [kind] if kind else []
        parts += [say["due"].format(when=self._shown(one.due))] if one.due else []
        return f"{', '.join(parts)}\n  {self._link(one)}"

    def _shown(self, ms: int) -> str:
        form = "%d-%m-%Y %H:%M" if self.language == "nl" else "%Y-%m-%d %H:%M"
        moment = self._moment(ms)
        return f"{moment:{form}} {moment.tzname()}"

    def _moment(self, ms: int) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(ms / 1000, ZoneInfo(self.zone))

    def _link(self, one: NoticeItem) -> str:
        return f"{self.console}/{_PAGES[one.source]}"


@functools.cache
def _texts(language: str) -> dict[str, Any]:
    file = files("gateway.governance.notices").joinpath("texts", f"{language}.yaml")
    return yaml_text.mapping(file.read_text("utf-8"))
