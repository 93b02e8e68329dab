"""``sluis reviews``: requests that a rule flagged, and what follows from them."""

from urllib.parse import quote, urlencode

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option
from gateway.processes.commands.printing import Report, show
from gateway.processes.settings import Settings

_SHOWN = ("request", "time", "rules", "team", "model", "use_case", "level", "state", "outcome")
_identity = click.argument("audit_id")


@click.group()
def reviews() -> None:
    """List flagged requests, and decide what follows from each."""


@reviews.command("list", epilog=example("sluis reviews list --rule vragen-over-ontslag"))
@click.option("--state", type=click.Choice(["open", "decided", "all"]), default="open")
@click.option("--rule", help="Only those that this rule flagged.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@click.option("--before", help="The cursor of the page before.")
@anywhere
@json_option
def list_(
    settings: Settings,
    state: str,
    rule: str | None,
    limit: int,
    before: str | None,
    *,
    as_json: bool,
) -> None:
    """Show flagged requests, newest first."""
    asked = {"state": None if state == "all" else state, "rule": rule, "before": before}
    given = {name: value for name, value in asked.items() if value} | {"limit": str(limit)}
    found: Report = ask(settings, "GET", f"/reviews?{urlencode(given)}")
    if not as_json:
        found["reviews"] = [{name: one[name] for name in _SHOWN} for one in found["reviews"]]
    show(found, as_json=as_json)


@reviews.command("show", epilog=example("sluis reviews show 0f5c0d7a9b1e4c52a3f6d8e1b2c49a70"))
@_identity
@anywhere
@json_option
def show_(settings: Settings, audit_id: str, *, as_json: bool) -> None:
    """Show one flagged request; `sluis audit show` has its entries."""
    show(ask(settings, "GET", _path(audit_id)), as_json=as_json)


@reviews.command(
    "decide",
    epilog=example(
        "sluis reviews decide 0f5c0d7a9b1e4c52a3f6d8e1b2c49a70 --outcome rule "
        "--reference 5f2c81d09ab34e6f --reason 'asked for three times this week'"
    ),
)
@_identity
@click.option(
    "--outcome",
    type=click.Choice(["nothing", "term", "rule", "incident"]),
    required=True,
    help="What follows.",
)
@click.option("--reference", help="The proposal of the term or the rule, or the incident.")
@click.option("--reason", required=True, help="Why; recorded.")
@anywhere
@json_option
def decide(
    settings: Settings,
    audit_id: str,
    outcome: str,
    reference: str | None,
    reason: str,
    *,
    as_json: bool,
) -> None:
    """Record what follows; `sluis terms propose`, `policy propose` or `incidents open` make it."""
    body = {"outcome": outcome, "reference": reference, "reason": reason}
    show(ask(settings, "POST", f"{_path(audit_id)}/decide", body), as_json=as_json)


def _path(audit_id: str) -> str:
    return f"/reviews/{quote(audit_id, safe='')}"
