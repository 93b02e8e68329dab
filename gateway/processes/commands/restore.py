"""``sluis restore``: what to do after an older backup of the database was restored."""

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings


@click.command(
    "restore", epilog=example("sluis restore\n  sluis restore --reason 'disk failure, CHG-2041'")
)
@click.option("--reason", help="Why entries are lost; proposes to go on without them.")
@anywhere
@json_option
def restore(settings: Settings, reason: str | None, *, as_json: bool) -> None:
    """Show what a restored database lacks; with --reason, propose to go on without it.

    Nothing is signed while signed entries are missing. Restore the newest backup first. Another
    person approves the gap; it stays in the trail.
    """
    if reason is None:
        show(ask(settings, "GET", "/trail/gap"), as_json=as_json)
    else:
        show(ask(settings, "POST", "/trail/gap", {"reason": reason}), as_json=as_json)
