"""``sluis identity``: try a token, and list the providers."""

import sys
from typing import Any

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_ALL = "all"


@click.group()
def identity() -> None:
    """Try tokens of identity providers, and list the providers."""


@identity.command(
    "test",
    epilog=example("kubectl create token writer --audience urn:sluis | sluis identity test -"),
)
@click.argument("token")
@anywhere
@json_option
def test(settings: Settings, token: str, *, as_json: bool) -> None:
    """Explain whether TOKEN is accepted, and what it gets; exit code 0 only if it is.

    TOKEN is - to read it from the standard input, so that no list of processes shows it.
    """
    given = sys.stdin.read() if token == "-" else token
    if not given.strip():
        raise click.UsageError("the token is empty")
    found = ask(settings, "POST", "/identity/test", {"token": given})
    if as_json:
        show(found, as_json=True)
    else:
        _tell(found)
    sys.exit(0 if found["accepted"] else 1)


@identity.command("providers", epilog=example("sluis identity providers --json"))
@anywhere
@json_option
def providers(settings: Settings, *, as_json: bool) -> None:
    """List the trusted issuers with the settings in force, and the profiles that there are."""
    show(ask(settings, "GET", "/identity/providers"), as_json=as_json)


def _tell(found: dict[str, Any]) -> None:
    click.echo("The token says of itself (nothing of this is believed before the checks):")
    for name, value in found["seen"].items():
        click.echo(f"  {name}: {value}")
    click.echo("Checks:")
    for check in found["checks"]:
        click.echo(f"  {'passed' if check['passed'] else 'FAILED'}  {check['check']}")
        click.echo(f"          {check['says']}")
    owner = found["principal"]
    if owner is None:
        click.echo("Not accepted.")
        return
    who = owner["id"] or owner["name"]
    click.echo(f"Accepted, as {owner['kind']} {who} of {owner['issuer']}.")
    _list(
        ("name", owner["name"]),
        ("client", owner["client"] or "not named"),
        ("groups", ", ".join(owner["groups"]) or "none"),
        ("roles in the console", ", ".join(owner["console_roles"]) or "none"),
    )
    if owner["id"] is None:
        click.echo("  It may use no model: see the failed check.")
        return
    _list(
        ("team", owner["team"] or "none"),
        ("models", ", ".join(owner["models"]) or _ALL),
        ("purposes", ", ".join(owner["purposes"]) or _ALL),
        ("clearance", owner["clearance"]),
    )


def _list(*shown: tuple[str, str]) -> None:
    for label, value in shown:
        click.echo(f"  {label}: {value}")
