"""``sluis keys``: issue, list and revoke."""

from typing import Any
from urllib.parse import quote

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option, show
from gateway.processes.settings import Settings

_SHOWN = (
    "id",
    "name",
    "kind",
    "team",
    "roles",
    "clearance",
    "owner",
    "blocked",
    "expires",
    "revoked",
    "source",
)


@click.group()
def keys() -> None:
    """Issue, list and revoke keys."""


@keys.command(
    "create", epilog=example("sluis keys create support-bot --team support --clearance restricted")
)
@click.argument("name")
@click.option("--kind", type=click.Choice(["app", "person", "admin"]), default="app")
@click.option("--team", default=None)
@click.option("--model", "models", multiple=True, help="May be given more than once; default all.")
@click.option("--purpose", "purposes", multiple=True, help="May be given more than once.")
@click.option("--role", "roles", multiple=True, help="For admin keys; may be given more than once.")
@click.option("--clearance", default="confidential", show_default=True)
@click.option("--floor", default="internal", show_default=True)
@click.option("--owner", default=None, help="The person who answers for it.")
@click.option("--strict", is_flag=True, help="Refuse rather than reroute.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 365))
@anywhere
@json_option
def create(settings: Settings, *, as_json: bool, **options: Any) -> None:
    """Issue a key; its secret is printed once."""
    show(ask(settings, "POST", "/keys", options), as_json=as_json)


@keys.command("list", epilog=example("sluis keys list --json"))
@anywhere
@json_option
def list_(settings: Settings, *, as_json: bool) -> None:
    """List all keys, never their secrets."""
    found = ask(settings, "GET", "/keys")["keys"]
    show({"keys": [{name: key[name] for name in _SHOWN} for key in found]}, as_json=as_json)


@keys.command("revoke", epilog=example("sluis keys revoke support-bot"))
@click.argument("reference")
@anywhere
@json_option
def revoke(reference: str, settings: Settings, *, as_json: bool) -> None:
    """Revoke a key by id or name; running requests end within a second."""
    path = f"/keys/{quote(reference, safe='')}/revoke"
    show(ask(settings, "POST", path), as_json=as_json)
