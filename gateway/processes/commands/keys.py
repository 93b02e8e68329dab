"""``sluis keys``: issue, list, change, rotate, revoke, and own."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from gateway.processes.commands.common import (
    anywhere,
    ask,
    data_dir_option,
    example,
    json_option,
    run,
    settings_of,
)
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_SHOWN = (
    "id",
    "name",
    "kind",
    "team",
    "owner",
    "roles",
    "clearance",
    "blocked",
    "expires",
    "expires_in_days",
    "last_used",
    "revoked",
    "source",
)


@click.group()
def keys() -> None:
    """Issue, list, change, rotate and revoke keys; name the first owner of an old one."""


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
@click.option("--strict", is_flag=True, help="Refuse rather than reroute.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 365))
@click.option("--owner", default=None, help="The person responsible for it.")
@click.option("--network", "networks", multiple=True, help="A CIDR from which alone it works.")
@click.option("--requests", type=click.IntRange(1), help="Requests a minute.")
@click.option("--tokens", type=click.IntRange(1), help="Tokens a minute.")
@click.option("--concurrent", type=click.IntRange(1), help="Answers at one time.")
@click.option("--budget", type=click.FloatRange(0), help="Money a month, in euros.")
@anywhere
@json_option
def create(settings: Settings, *, as_json: bool, **options: Any) -> None:
    """Issue a key; its secret is printed once."""
    show(ask(settings, "POST", "/keys", _with_limits(options)), as_json=as_json)


@keys.command("list", epilog=example("sluis keys list --json"))
@click.option("--expiring", "days", type=click.IntRange(0, 3650), help="Within so many days.")
@anywhere
@json_option
def list_(days: int | None, settings: Settings, *, as_json: bool) -> None:
    """List all keys, never their secrets."""
    path = "/keys" if days is None else f"/keys?expiring_days={days}"
    found = ask(settings, "GET", path)["keys"]
    show({"keys": [{name: key[name] for name in _SHOWN} for key in found]}, as_json=as_json)


@keys.command("change", epilog=example("sluis keys change support-bot --clearance internal"))
@click.argument("reference")
@click.option("--model", "models", multiple=True, help="All that it may use.")
@click.option("--purpose", "purposes", multiple=True, help="All that it may be used for.")
@click.option("--network", "networks", multiple=True, help="All CIDRs from which it works.")
@click.option("--clearance")
@click.option("--floor")
@click.option("--days", type=click.IntRange(1, 365), help="A new time to live, from now.")
@click.option("--requests", type=click.IntRange(1), help="Requests a minute.")
@click.option("--tokens", type=click.IntRange(1), help="Tokens a minute.")
@click.option("--concurrent", type=click.IntRange(1), help="Answers at one time.")
@click.option("--budget", type=click.FloatRange(0), help="Money a month, in euros.")
@anywhere
@json_option
def change(reference: str, settings: Settings, *, as_json: bool, **options: Any) -> None:
    """Change what a key may do; what is not given stays. Limits are changed together."""
    body = {name: value for name, value in _with_limits(options).items() if value}
    show(ask(settings, "PATCH", f"/keys/{quote(reference, safe='')}", body), as_json=as_json)


@keys.command("rotate", epilog=example("sluis keys rotate support-bot --overlap-hours 48"))
@click.argument("reference")
@click.option("--overlap-hours", default=24, show_default=True, type=click.IntRange(0, 720))
@anywhere
@json_option
def rotate(reference: str, overlap_hours: int, settings: Settings, *, as_json: bool) -> None:
    """Give a key a new secret, printed once; the one before works on for the overlap."""
    path = f"/keys/{quote(reference, safe='')}/rotate"
    show(ask(settings, "POST", path, {"overlap_hours": overlap_hours}), as_json=as_json)


@keys.command("revoke", epilog=example("sluis keys revoke support-bot"))
@click.argument("reference")
@anywhere
@json_option
def revoke(reference: str, settings: Settings, *, as_json: bool) -> None:
    """Revoke a key by id or name; running requests end within a second."""
    path = f"/keys/{quote(reference, safe='')}/revoke"
    show(ask(settings, "POST", path), as_json=as_json)


@keys.command("own", epilog=example("sluis keys own k_1a2b3c4d anna@example.nl"))
@click.argument("key_id")
@click.argument("person")
@data_dir_option
@json_option
def own(key_id: str, person: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Name PERSON as the first owner of an administrator's key from before keys had owners.

    On the machine of the control plane only, once for each key, without another person's approval.
    The person may approve changes by that key from then on, so it is on record, and each statement
    lists it as an exception.
    """
    from gateway.processes import maintenance

    show(run(maintenance.own_key(settings_of(data_dir, None), key_id, person)), as_json=as_json)


def _with_limits(options: dict[str, Any]) -> dict[str, Any]:
    """The options as a request body: limits and budget as objects."""
    named = {
        "requests_per_minute": options.pop("requests"),
        "tokens_per_minute": options.pop("tokens"),
        "concurrent": options.pop("concurrent"),
    }
    amount = options.pop("budget")
    limits = {name: value for name, value in named.items() if value is not None}
    body = {**options, "limits": limits}
    return body if amount is None else {**body, "budget": {"amount": amount}}
