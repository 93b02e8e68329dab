"""``sluis use-cases``: list, show, set and delete use cases."""

from pathlib import Path
from typing import Any
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

_SHOWN = ("name", "owner", "risk", "source", "review", "review_state", "lacking")


@click.group("use-cases")
def use_cases() -> None:
    """Registered purposes: who answers for them, their risk and their review."""


@use_cases.command("list", epilog=example("sluis use-cases list"))
@anywhere
@json_option
def list_(settings: Settings, *, as_json: bool) -> None:
    """List all use cases with their state."""
    found = ask(settings, "GET", "/use-cases")["use_cases"]
    shown = found if as_json else [_line(one) for one in found]
    show({"use_cases": shown}, as_json=as_json)


@use_cases.command("show", epilog=example("sluis use-cases show hiring"))
@click.argument("name")
@anywhere
@json_option
def show_(settings: Settings, name: str, *, as_json: bool) -> None:
    """Show all that is stated about a use case."""
    found = ask(settings, "GET", _path(name))
    shown = {name: value for name, value in found.items() if value is not None}
    show(found if as_json else shown, as_json=as_json)


@use_cases.command("set", epilog=example("sluis use-cases set letters --file letters.yaml"))
@click.argument("name")
@fields_option("YAML with the fields of a use case in sluis.yaml, without its name.")
@anywhere
@json_option
def set_(settings: Settings, name: str, path: Path, *, as_json: bool) -> None:
    """Store a use case as a record; one that a file owns is changed in that file."""
    show(ask(settings, "PUT", _path(name), fields_in(path)), as_json=as_json)


@use_cases.command("delete", epilog=example("sluis use-cases delete letters"))
@click.argument("name")
@anywhere
@json_option
def delete(settings: Settings, name: str, *, as_json: bool) -> None:
    """Delete the record of a use case that no key is for."""
    show(ask(settings, "DELETE", _path(name)), as_json=as_json)


def _path(name: str) -> str:
    return f"/use-cases/{quote(name, safe='')}"


def _line(found: dict[str, Any]) -> dict[str, Any]:
    state = {"stopped": "stopped"} if found["stopped"] else {}
    return {name: found[name] for name in _SHOWN} | state
