"""``sluis notices``: the channels that get notices of what waits, and a test of one."""

from urllib.parse import quote

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings


@click.group()
def notices() -> None:
    """Show and test the channels that get notices of what waits (SLUIS_NOTICES)."""


@notices.command("list", epilog=example("sluis notices list --json"))
@anywhere
@json_option
def list_channels(settings: Settings, *, as_json: bool) -> None:
    """List the channels: when each took a message last, and why it fails."""
    found = ask(settings, "GET", "/notices")["channels"]
    lines = [{name: value for name, value in one.items() if value} for one in found]
    show({"channels": found if as_json else lines}, as_json=as_json)


@notices.command("test", epilog=example("sluis notices test desk"))
@click.argument("channel")
@anywhere
@json_option
def test_channel(settings: Settings, channel: str, *, as_json: bool) -> None:
    """Send a test message to a channel now; recorded."""
    found = ask(settings, "POST", f"/notices/{quote(channel, safe='')}/test")
    if not found["sent"]:
        raise click.ClickException(f"{channel} did not take the message: {found['reason']}.")
    show(found, as_json=as_json)
