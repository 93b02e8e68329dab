"""``sluis deadlines``: the calendar of law, and proposals to change its rows."""

import datetime
from pathlib import Path
from typing import Any

import click
import yaml

from gateway.core.text import yaml_text
from gateway.processes.commands.common import anywhere, ask, example, json_option
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_OF_RESPONSE = ("id", "own", "applies")


@click.group()
def deadlines() -> None:
    """Show, change and verify deadlines; another person approves each change."""


@deadlines.command("list", epilog=example("sluis deadlines list --json"))
@anywhere
@json_option
def list_deadlines(settings: Settings, *, as_json: bool) -> None:
    """Show all deadlines, whom each binds, and whether somebody has verified it."""
    rows = ask(settings, "GET", "/deadlines")["deadlines"]
    show({"deadlines": rows if as_json else [_line(one) for one in rows]}, as_json=as_json)


@deadlines.command("set", epilog=example("sluis deadlines set gdpr-33 -f row.yaml --reason 'new'"))
@click.argument("identity")
@click.option(
    "-f", "--file", "file", required=True, type=click.Path(dir_okay=False, path_type=Path)
)
@click.option("--reason", required=True, help="Why; recorded.")
@anywhere
@json_option
def set_deadline(
    settings: Settings, identity: str, file: Path, reason: str, *, as_json: bool
) -> None:
    """Propose a row, from a YAML file with the fields of the calendar."""
    try:
        stated = yaml_text.mapping(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise click.ClickException(f"{file} cannot be read: {error}") from None
    dates = {
        name: value.isoformat()
        for name, value in stated.items()
        if isinstance(value, datetime.date)
    }
    _propose(settings, identity, {**stated, **dates}, reason, as_json=as_json)


@deadlines.command(
    "verify",
    epilog=example(
        "sluis deadlines verify gdpr-33 --by 'J. Jansen, legal' --on 2026-11-30 --reason 'read'"
    ),
)
@click.argument("identity")
@click.option("--by", required=True, help="Who compared the row with the text of the law.")
@click.option("--on", "day", required=True, help="The day, as 2026-11-30.")
@click.option("--reason", required=True, help="Why; recorded.")
@anywhere
@json_option
def verify(
    settings: Settings, identity: str, by: str, day: str, reason: str, *, as_json: bool
) -> None:
    """Propose to mark a row as verified."""
    for one in ask(settings, "GET", "/deadlines")["deadlines"]:
        if one["id"] == identity:
            stated = {name: value for name, value in one.items() if name not in _OF_RESPONSE}
            marked = {**stated, "verified_on": day, "verified_by": by}
            _propose(settings, identity, marked, reason, as_json=as_json)
            return
    raise click.ClickException(f"There is no deadline {identity}.")


@deadlines.command("reset", epilog=example("sluis deadlines reset gdpr-33 --reason 'as released'"))
@click.argument("identity")
@click.option("--reason", required=True, help="Why; recorded.")
@anywhere
@json_option
def reset(settings: Settings, identity: str, reason: str, *, as_json: bool) -> None:
    """Propose to go back to the row of the release."""
    body = {"reason": reason}
    show(ask(settings, "POST", f"/deadlines/{identity}/reset", body), as_json=as_json)


def _propose(
    settings: Settings, identity: str, stated: dict[str, Any], reason: str, *, as_json: bool
) -> None:
    body = {"deadline": stated, "reason": reason}
    show(ask(settings, "PUT", f"/deadlines/{identity}", body), as_json=as_json)


def _line(row: dict[str, Any]) -> dict[str, Any]:
    term = f"{row['hours']} hours" if row["hours"] is not None else f"{row['months']} months"
    return {
        "id": row["id"],
        "law": f"{row['law']['en']}, {row['article']}",
        "binds": row["binds"],
        "starts": row["starts"],
        "term": term,
        "applies": row["applies"],
        "in_use": row["in_use"],
        "verified": row["verified_on"] or "not verified",
    }
