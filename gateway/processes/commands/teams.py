"""``sluis teams``: list, show, set and delete."""

from pathlib import Path
from urllib.parse import quote

import click

from gateway.processes.commands.common import (
    anywhere,
    ask,
    example,
    fields_in,
    fields_option,
    json_option,
)
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings


@click.group()
def teams() -> None:
    """List, show, set and delete teams."""


@teams.command("list", epilog=example("sluis teams list --json"))
@anywhere
@json_option
def list_(settings: Settings, *, as_json: bool) -> None:
    """List all teams, and whether the file or a record owns them."""
    show(ask(settings, "GET", "/teams"), as_json=as_json)


@teams.command("show", epilog=example("sluis teams show support --json"))
@click.argument("name")
@anywhere
@json_option
def show_(name: str, settings: Settings, *, as_json: bool) -> None:
    """Show one team."""
    show(ask(settings, "GET", _path(name)), as_json=as_json)


@teams.command("set", epilog=example("sluis teams set support -f support.yaml"))
@click.argument("name")
@fields_option("The settings of the team, as written under its name in sluis.yaml.")
@anywhere
@json_option
def set_(name: str, path: Path, settings: Settings, *, as_json: bool) -> None:
    """Create a team, or change all its settings."""
    body = fields_in(path)
    if body.setdefault("name", name) != name:
        raise click.ClickException(f"{path}: these are the settings of team {body['name']}.")
    del body["name"]
    show(ask(settings, "PUT", _path(name), body), as_json=as_json)


@teams.command("delete", epilog=example("sluis teams delete support"))
@click.argument("name")
@anywhere
@json_option
def delete(name: str, settings: Settings, *, as_json: bool) -> None:
    """Delete a team that no live key names."""
    show(ask(settings, "DELETE", _path(name)), as_json=as_json)


def _path(name: str) -> str:
    return f"/teams/{quote(name, safe='')}"
