"""``sluis usage``: figures of requests as a table; their check against the trail, their rebuild."""

import datetime
import json
from collections.abc import Sequence
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option
from gateway.processes.commands.printing import Report, aligned, show
from gateway.processes.settings import Settings

_GROUPS = (
    *("team", "key", "model", "provider", "zone", "use_case", "level", "result"),
    *("rule", "content_rule", "finding", "control"),
)
_HEADS = ("requests", "answers", "refused", "failed", "tokens in", "tokens out", "cost")
_TIMES = ("p50 ms", "p95 ms")
_FORMS = {"hour": "%Y-%m-%d %H:%M", "day": "%Y-%m-%d", "month": "%Y-%m"}


@click.command(
    epilog=example(
        "sluis usage --from 2026-11-01 --to 2026-11-30 --group team\n"
        "  sluis usage --by day --filter model=gpt-eu\n"
        "  sluis usage --check"
    )
)
@click.option("--from", "since", help="First day or moment (ISO 8601; default: a week ago).")
@click.option("--to", "until", help="Last day, or end moment (default: now).")
@click.option("--by", type=click.Choice(["hour", "day", "month"]), help="One row for each.")
@click.option("--group", type=click.Choice(_GROUPS), help="One row for each (default: model).")
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help="Of these only.")
@click.option("--timezone", help="Of days and months (default: that of the reports).")
@click.option("--check", "is_check", is_flag=True, help="Compare the figures with the trail.")
@click.option("--rebuild", "is_rebuild", is_flag=True, help="Count the trail again; on record.")
@anywhere
@json_option
def usage(
    settings: Settings,
    since: str | None,
    until: str | None,
    by: str | None,
    group: str | None,
    filters: Sequence[str],
    timezone: str | None,
    *,
    is_check: bool,
    is_rebuild: bool,
    as_json: bool,
) -> None:
    """Show requests, tokens, cost and latency; exit code 1 where a check finds a difference."""
    if is_rebuild:
        show(ask(settings, "POST", "/usage/rebuild"), as_json=as_json)
        if not is_check:
            return
    if is_check:
        found = ask(settings, "GET", "/usage/check")
        show(found, as_json=as_json)
        raise SystemExit(0 if found["same"] else 1)
    asked = {
        "from": since,
        "to": until,
        "by": by or "day",
        "group": group or ("" if by else "model"),
        "timezone": timezone,
        **dict(_filter(one) for one in filters),
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    answer = ask(settings, "GET", f"/usage?{query}")
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    _print(answer, by_part=bool(by))


def _filter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not value:
        raise click.UsageError("--filter must be NAME=VALUE, for example team=support.")
    return name, value


def _print(answer: Report, *, by_part: bool) -> None:
    zone = ZoneInfo(answer["timezone"])
    since, until = (_moment(answer[name], zone, "hour") for name in ("since", "until"))
    click.echo(f"{since} to {until} ({answer['timezone']})")
    if by_part:
        form = answer["by"]
        names = {one["group"]: one["name"] for one in answer["groups"]}
        rows = [
            (_moment(one["start"], zone, form), names.get(one["group"], ""), one["figures"])
            for one in answer["series"]
        ]
        about = (form, *([answer["group"]] if answer["group"] else []))
        lines = [[*one[: len(about)], *_cells(one[2])] for one in rows]
    else:
        about = (answer["group"],)
        lines = [[one["name"], *_cells(one["figures"])] for one in answer["groups"]]
    total = ["total", *[""] * (len(about) - 1), *_cells(answer["total"])]
    for line in aligned([[*about, *_HEADS, *_TIMES], *lines, total], left=len(about)):
        click.echo(line)
    click.echo("Latency is of answers; a percentile is at most 0.5 % off.")
    if answer["pending"]:
        click.echo(f"Not exact yet: {answer['pending']} entries are not counted.")


def _cells(figures: Report) -> list[str]:
    names = ("requests", "answered", "refused", "failed", "input_tokens", "output_tokens")
    cost = ", ".join(
        f"{micros / 1_000_000:.2f} {currency}".strip()
        for currency, micros in figures["cost_micros"].items()
    )
    times = [figures["latency_ms"].get(name) for name in ("p50", "p95")]
    shown = ["-" if one is None else f"{one:.0f}" for one in times]
    return [*(f"{figures[name]:,}" for name in names), cost or "-", *shown]


def _moment(moment: int, zone: ZoneInfo, form: str) -> str:
    return datetime.datetime.fromtimestamp(moment / 1000, zone).strftime(_FORMS[form])
