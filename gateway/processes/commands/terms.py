"""``sluis terms``: list the organisation's own terms, and propose to change them."""

from pathlib import Path

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_kind = click.option(
    "--kind",
    type=click.Choice(["deny", "allow"]),
    required=True,
    help="deny: always taken out; allow: never taken for a name or an address.",
)


@click.group()
def terms() -> None:
    """List the organisation's own terms, and propose to change them."""


@terms.command("list", epilog=example("sluis terms list --kind deny"))
@_kind
@click.option("--offset", default=0, show_default=True, help="How many to pass over.")
@click.option("--limit", default=200, show_default=True, help="How many to show, at most 1000.")
@anywhere
@json_option
def list_(settings: Settings, kind: str, offset: int, limit: int, *, as_json: bool) -> None:
    """Show a list in alphabetical order."""
    path = f"/terms?kind={kind}&offset={offset}&limit={limit}"
    show(ask(settings, "GET", path), as_json=as_json)


@terms.command(
    "propose",
    epilog=example(
        "sluis terms propose --kind deny --type PERSON --file customers.txt "
        "--reason 'new customers'"
    ),
)
@_kind
@click.option(
    "--type",
    "type_",
    default="PERSON",
    show_default=True,
    help="The type of personal data of denied terms.",
)
@click.option(
    "--file",
    "path",
    required=True,
    help="A text file in UTF-8, one term a line.",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option("--reason", required=True, help="Why, for the person who decides.")
@click.option("--remove", is_flag=True, help="Take the terms off the list.")
@anywhere
@json_option
def propose(
    settings: Settings,
    kind: str,
    type_: str,
    path: Path,
    reason: str,
    *,
    remove: bool,
    as_json: bool,
) -> None:
    """Propose to add the terms of a file, or to remove them."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    named = [{"kind": kind, "text": line, "type": type_} for line in lines if line.strip()]
    body = {("remove" if remove else "add"): named, "reason": reason}
    show(ask(settings, "POST", "/terms", body), as_json=as_json)
