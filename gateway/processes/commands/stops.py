"""``sluis stop``, ``sluis start`` and ``sluis stops``: stop switches."""

import sys
from typing import Any
from urllib.parse import quote

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_PATHS = {
    "use-case": "use-cases",
    "deployment": "deployments",
    "alias": "aliases",
    "key": "keys",
}
_what = click.argument("what", type=click.Choice(list(_PATHS)))


@click.command(epilog=example("sluis stop use-case hiring --reason 'incident 12' --wait"))
@_what
@click.argument("name")
@click.option("--reason", required=True, help="Why; recorded.")
@click.option("--wait", is_flag=True, help="Wait until all gateways have acknowledged it.")
@anywhere
@json_option
def stop(
    settings: Settings, what: str, name: str, reason: str, *, wait: bool, as_json: bool
) -> None:
    """Stop a use case, a deployment, an alias or a key: at once, and running answers too.

    With --wait the exit code is 3 when a gateway has not acknowledged it within 5 seconds.
    """
    path = f"/{_PATHS[what]}/{quote(name, safe='')}/stop"
    stopped = ask(settings, "POST", path, {"reason": reason, "wait": wait})
    show(stopped, as_json=as_json)
    if wait and stopped["silent"]:
        named = ", ".join(stopped["silent"])
        click.echo(f"Stopped, but not acknowledged within 5 seconds by: {named}.", err=True)
        sys.exit(3)


@click.command(epilog=example("sluis start use-case hiring --reason 'incident 12 is closed'"))
@_what
@click.argument("name")
@click.option("--reason", required=True, help="Why; recorded.")
@anywhere
@json_option
def start(settings: Settings, what: str, name: str, reason: str, *, as_json: bool) -> None:
    """Propose to start again what was stopped; another person approves it.

    Nothing changes before that: see `sluis proposals approve`.
    """
    path = f"/{_PATHS[what]}/{quote(name, safe='')}/start"
    show(ask(settings, "POST", path, {"reason": reason}), as_json=as_json)


@click.command(epilog=example("sluis stops --json"))
@anywhere
@json_option
def stops(settings: Settings, *, as_json: bool) -> None:
    """Show what is stopped, and which gateways have acknowledged it."""
    found = ask(settings, "GET", "/stops")
    show(
        {"stops": found["stops"] if as_json else [_line(one) for one in found["stops"]]},
        as_json=as_json,
    )


def _line(stopped: dict[str, Any]) -> dict[str, Any]:
    followed = sum(one["state"] == "acknowledged" for one in stopped["gateways"])
    return {
        **{name: stopped[name] for name in ("kind", "name", "by", "reason")},
        "acknowledged": f"{followed} of {len(stopped['gateways'])}",
        "silent": ", ".join(stopped["silent"]),
    }
