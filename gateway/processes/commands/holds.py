"""``sluis holds``: legal holds, which stop erasure and expiry."""

import click

from gateway.processes.commands.common import (
    anywhere,
    ask,
    example,
    identifier,
    json_option,
    moment,
)
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings


@click.group()
def holds() -> None:
    """Place, list and release legal holds."""


@holds.command(
    "create",
    epilog=example(
        "sluis holds create --subject EMAIL=jan@example.nl --review 2027-05-01 "
        "--reason 'claim 2026-31'\n"
        "  sluis holds create --use-case hiring --from 2026-01-01 --to 2026-06-30 "
        "--review 2027-01-01 --reason 'inspection 12'"
    ),
)
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    metavar="TYPE=VALUE",
    help="An identifier of the person; repeat it for each one and each spelling.",
)
@click.option("--use-case", help="Entries of this use case.")
@click.option("--audit-id", "requests", multiple=True, help="This request; repeat it.")
@click.option("--from", "since", help="First day or moment (ISO 8601, UTC).")
@click.option("--to", "until", help="End, exclusive; a day means its end.")
@click.option("--review", required=True, help="When the hold must be reviewed.")
@click.option("--reason", required=True, help="Why; without the person's name or number.")
@anywhere
@json_option
def create(
    settings: Settings,
    subjects: tuple[str, ...],
    use_case: str | None,
    requests: tuple[str, ...],
    since: str | None,
    until: str | None,
    review: str,
    reason: str,
    *,
    as_json: bool,
) -> None:
    """Hold the entries to which all given conditions apply."""
    body = {
        "subjects": [identifier(text) for text in subjects],
        "use_case": use_case,
        "requests": list(requests),
        "review": moment(review, end=False),
        "reason": reason,
        "since": moment(since, end=False) if since else None,
        "until": moment(until, end=True) if until else None,
    }
    show(ask(settings, "POST", "/holds", body), as_json=as_json)


@holds.command("list", epilog=example("sluis holds list --json"))
@anywhere
@json_option
def list_(settings: Settings, *, as_json: bool) -> None:
    """Show all holds; one that is overdue still holds."""
    show(ask(settings, "GET", "/holds"), as_json=as_json)


@holds.command(
    "release", epilog=example("sluis holds release hold_5f2c81d09ab3 --reason 'claim settled'")
)
@click.argument("identity")
@click.option("--reason", required=True, help="Why.")
@anywhere
@json_option
def release(settings: Settings, identity: str, reason: str, *, as_json: bool) -> None:
    """Release a hold, or propose to: policy says whether a second person must approve."""
    body = {"reason": reason}
    show(ask(settings, "POST", f"/holds/{identity}/release", body), as_json=as_json)
