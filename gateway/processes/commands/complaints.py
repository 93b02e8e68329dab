"""``sluis complaints``: what people complained about, and what is decided."""

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option, show
from gateway.processes.commands.incidents import show_case
from gateway.processes.settings import Settings


@click.group()
def complaints() -> None:
    """List, show and decide complaints; people send them to POST /complaints."""


@complaints.command("list", epilog=example("sluis complaints list --json"))
@anywhere
@json_option
def list_(settings: Settings, *, as_json: bool) -> None:
    """Show all complaints, those that wait first; overdue ones say so."""
    show(ask(settings, "GET", "/complaints"), as_json=as_json)


@complaints.command(
    "show",
    epilog=example(
        "sluis complaints show complaint_5f2c81d09ab34e6f --reason 'to decide about it'"
    ),
)
@click.argument("identity")
@click.option("--reason", help="Why you read it; on record.")
@anywhere
@json_option
def show_(settings: Settings, identity: str, reason: str | None, *, as_json: bool) -> None:
    """Show one complaint; with a reason also its text."""
    show_case(settings, "/complaints", identity, reason, as_json=as_json)


@complaints.command(
    "decide",
    epilog=example(
        "sluis complaints decide complaint_5f2c81d09ab34e6f --outcome upheld "
        "--reasons 'the answer named the wrong term'"
    ),
)
@click.argument("identity")
@click.option("--outcome", required=True, type=click.Choice(["upheld", "partly", "rejected"]))
@click.option("--reasons", required=True, help="Why; stored encrypted.")
@anywhere
@json_option
def decide(settings: Settings, identity: str, outcome: str, reasons: str, *, as_json: bool) -> None:
    """Decide a complaint; its hold stays until `sluis holds release`."""
    body = {"outcome": outcome, "reasons": reasons}
    show(ask(settings, "POST", f"/complaints/{identity}/decide", body), as_json=as_json)
