"""``sluis audit search``, ``show`` and ``reveal``: entries of the trail, and one request's."""

import json
import sys
from urllib.parse import quote, urlencode

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option, moment
from gateway.processes.commands.printing import Report, show
from gateway.processes.settings import Settings

PENDING = 3  # nothing was written or shown: another person decides first
_FILTERS = (
    "principal, team, model, deployment, zone, level, outcome, event, purpose, provider or rule"
)
_KEPT = (
    *("principal", "team", "model", "deployment", "zone", "level", "outcome", "purpose"),
    *("provider", "rule"),
)
_SHOWN = ("time", "event", "name", "team", "model", "deployment", "level", "outcome", "request")


@click.command(
    "search",
    epilog=example(
        "sluis audit search --filter team=support --filter outcome=access_denied\n"
        "  sluis audit search --event control:policy:activate --from 2026-11-01"
    ),
)
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help=f"Of {_FILTERS}.")
@click.option("--view", help="The filters of one of your saved views; the other options go first.")
@click.option("--event", help="Entries of this event, instead of one entry a request.")
@click.option("--text", help="Words that the stored values hold, at most eight.")
@click.option("--from", "since", help="First day or moment (ISO 8601, UTC).")
@click.option("--to", "until", help="End, exclusive; a day means its end.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@click.option("--before", help="The cursor of the page before.")
@anywhere
@json_option
def search(
    settings: Settings,
    filters: tuple[str, ...],
    view: str | None,
    event: str | None,
    text: str | None,
    since: str | None,
    until: str | None,
    limit: int,
    before: str | None,
    *,
    as_json: bool,
) -> None:
    """Show requests, newest first; with --event entries of any kind.

    A page looks at a bounded number of entries, so it can be short: --before leads on.
    """
    kept = _view(settings, view) if view else {}
    since, until = since or kept.pop("from", None), until or kept.pop("to", None)
    event = event or kept.get("event")
    every = {} if kept.get("what") == "all" else {"what": "requests"}
    asked: dict[str, object] = {
        **{name: value for name, value in kept.items() if name in _KEPT},
        **dict(_filter(one) for one in filters),
        **({"event": event} if event else every),
        "text": text,
        "since": moment(since, end=False) if since else None,
        "until": moment(until, end=True) if until else None,
        "limit": limit,
        "before": before,
    }
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    found: Report = ask(settings, "GET", f"/audit?{query}")
    if not as_json:
        found["entries"] = [{name: one[name] for name in _SHOWN} for one in found["entries"]]
    show(found, as_json=as_json)


@click.command("show", epilog=example("sluis audit show 0f5c0d7a9b1e4c52a3f6d8e1b2c49a70"))
@click.argument("audit_id")
@anywhere
@json_option
def show_request(settings: Settings, audit_id: str, *, as_json: bool) -> None:
    """Show every entry of a request; of its texts only that they are stored."""
    found: Report = ask(settings, "GET", f"/audit/{quote(audit_id, safe='')}")
    if as_json:
        show(found, as_json=True)
        return
    for entry in found["entries"]:
        about = {name: entry[name] for name in ("time", "event", "log", "seq", "has_payload")}
        show(about, as_json=False)
        for name, value in entry["fields"].items():
            click.echo(f"  {name}: {json.dumps(value, ensure_ascii=False)}")


@click.command(
    "reveal",
    epilog=example(
        "sluis audit reveal 0f5c0d7a9b1e4c52a3f6d8e1b2c49a70 --code complaint "
        "--reason 'complaint 2026-17'"
    ),
)
@click.argument("audit_id")
@click.option("--code", required=True, help="What it is for; an unknown one prints the list.")
@click.option("--reason", required=True, help="Why, in at least ten characters; on record.")
@anywhere
def reveal(settings: Settings, audit_id: str, code: str, reason: str) -> None:
    """Print the stored, redacted bodies of a request as JSON; on record.

    Above the bound of a day it prints the proposal that waits, and ends with exit code 3.
    """
    path = f"/audit/{quote(audit_id, safe='')}/reveal"
    found: Report = ask(settings, "POST", path, {"code": code, "reason": reason})
    show(found, as_json=True)
    if "proposal" in found:
        sys.exit(PENDING)


def _view(settings: Settings, name: str) -> dict[str, str]:
    """The filters of a saved view of the caller."""
    views = ask(settings, "GET", "/saved-views")["views"]
    for one in views:
        if one["name"] == name:
            return dict(one["filters"])
    known = ", ".join(repr(one["name"]) for one in views) or "none"
    raise click.UsageError(f"You have no saved view {name!r}. Yours: {known}.")


def _filter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not value:
        raise click.UsageError("--filter must be NAME=VALUE, for example team=support.")
    return name, value
