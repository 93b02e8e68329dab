"""How commands print reports: JSON, or facts a line and lists as tables, with readable times."""

import datetime
import json
from collections.abc import Iterable, Sequence
from typing import Any

import click

Report = dict[str, Any]
_EMPTY: tuple[Any, ...] = (None, [], {}, "")
_WIDEST = 200  # columns; a wider list is printed a fact a line
# Fields that hold a moment: epoch seconds or milliseconds, which differ by a factor of a thousand.
_MOMENTS = frozenset({
    "at",
    "aware",
    "changed",
    "created",
    "deadline",
    "decided",
    "done",
    "due",
    "ended",
    "expires",
    "expires_at",
    "finished",
    "identified",
    "judged",
    "last_used",
    "opened",
    "proposed",
    "received",
    "reported",
    "review",
    "since",
    "started",
    "time",
    "until",
})
_SECONDS, _MILLISECONDS = 1e9, 1e12  # from 2001 on
_LATEST = 4e12  # the year 2096: later ones mean "no end"


def show(report: Report, *, as_json: bool) -> None:
    """Print a report: as JSON, or one fact a line and each list of objects as a table."""
    if as_json:
        click.echo(json.dumps(report, indent=2, default=str, ensure_ascii=False))
        return
    for name, value in report.items():
        if isinstance(value, list) and all(isinstance(one, dict) for one in value):
            _list(value)
        elif isinstance(value, list):
            click.echo(f"{name}: {', '.join(map(str, value))}")
        else:
            click.echo(f"{name}: {_shown(name, value)}")


def aligned(rows: Sequence[Sequence[str]], *, left: int) -> Iterable[str]:
    """The rows as a table: the first columns to the left, numbers to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _list(items: Sequence[Report]) -> None:
    """Print objects as a table under the names of their fields, or one by one where it is wide."""
    names = list(dict.fromkeys(name for item in items for name in item))
    used = [name for name in names if any(item.get(name) not in _EMPTY for item in items)]
    rows = [used, *([_shown(name, item.get(name)) for name in used] for item in items)]
    lines = list(aligned(rows, left=len(used))) if used else []
    if max(map(len, lines), default=0) <= _WIDEST and not any("\n" in line for line in lines):
        for line in lines:
            click.echo(line)
        return
    for item in items:
        facts = (f"{name}={_shown(name, item[name])}" for name in used if name in item)
        click.echo("  ".join(fact for fact in facts if not fact.endswith("=")))


def _shown(name: str, value: Any) -> str:
    if value in _EMPTY:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in _MOMENTS and isinstance(value, (int, float)):
        return _moment(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _moment(value: float) -> str:
    """A moment in the time zone of this machine, with its offset; other numbers as they are."""
    seconds = value / 1000 if value >= _MILLISECONDS else value
    if not _SECONDS <= seconds <= _LATEST / 1000:
        return str(value)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC).astimezone()
    return moment.isoformat(sep=" ", timespec="seconds")
