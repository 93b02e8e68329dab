"""``sluis incidents``: what went wrong, and by when it must be reported."""

import click

from gateway.processes.commands.audit import moment
from gateway.processes.commands.common import anywhere, ask, example, json_option, show
from gateway.processes.settings import Settings


@click.group()
def incidents() -> None:
    """Open, list, show and close incidents."""


@incidents.command(
    "open",
    epilog=example(
        "sluis incidents open --kind data_breach --aware 2026-11-24T09:30+01:00 "
        "--audit-id 0f5c0d7a9b1e4c52a3f6d8e1b2c49a70 --description 'answers went to a wrong person'"
    ),
)
@click.option(
    "--kind",
    required=True,
    help="serious_harm, death, infringement, disruption, data_breach, wrong_answer or "
    "other; it decides the article and the deadline.",
)
@click.option("--description", required=True, help="What happened; stored encrypted.")
@click.option(
    "--aware",
    required=True,
    help="When the organisation became aware of it (ISO 8601; UTC without an offset).",
)
@click.option(
    "--audit-id",
    "requests",
    multiple=True,
    help="A request concerned, held from now on; repeat it.",
)
@click.option("--model", help="The model or deployment concerned.")
@anywhere
@json_option
def open_(
    settings: Settings,
    kind: str,
    description: str,
    aware: str,
    requests: tuple[str, ...],
    model: str | None,
    *,
    as_json: bool,
) -> None:
    """Open an incident; the requests that are named go under a legal hold."""
    body = {
        "kind": kind,
        "description": description,
        "aware": moment(aware, end=False),
        "requests": list(requests),
        "model": model,
    }
    show(ask(settings, "POST", "/incidents", body), as_json=as_json)


@incidents.command("list", epilog=example("sluis incidents list --json"))
@anywhere
@json_option
def list_(settings: Settings, *, as_json: bool) -> None:
    """Show all incidents, those that wait first; overdue ones say so."""
    found = ask(settings, "GET", "/incidents")
    show({"incidents": found["incidents"]}, as_json=as_json)


@incidents.command(
    "show",
    epilog=example(
        "sluis incidents show incident_5f2c81d09ab34e6f\n"
        "  sluis incidents show incident_5f2c81d09ab34e6f --reason 'report to the authority'"
    ),
)
@click.argument("identity")
@click.option("--reason", help="Why you read what was written about it; on record.")
@anywhere
@json_option
def show_(settings: Settings, identity: str, reason: str | None, *, as_json: bool) -> None:
    """Show one incident; with a reason also what was written about it."""
    show_case(settings, "/incidents", identity, reason, as_json=as_json)


@incidents.command(
    "close",
    epilog=example(
        "sluis incidents close incident_5f2c81d09ab34e6f --reported 2026-11-25T16:00 "
        "--outcome 'reported, people told, rule added'"
    ),
)
@click.argument("identity")
@click.option("--outcome", required=True, help="How it ended; stored encrypted.")
@click.option("--reported", help="When it was reported to the authority, where it was.")
@anywhere
@json_option
def close(
    settings: Settings, identity: str, outcome: str, reported: str | None, *, as_json: bool
) -> None:
    """Close an incident; its hold stays until `sluis holds release`."""
    body = {"outcome": outcome, "reported": moment(reported, end=False) if reported else None}
    show(ask(settings, "POST", f"/incidents/{identity}/close", body), as_json=as_json)


def show_case(
    settings: Settings, path: str, identity: str, reason: str | None, *, as_json: bool
) -> None:
    """Prints one incident or complaint, and its texts where a reason is given."""
    shown = ask(settings, "GET", f"{path}/{identity}")
    if reason is not None:
        told = ask(settings, "POST", f"{path}/{identity}/reveal", {"reason": reason})
        shown |= told["texts"]
    show(shown, as_json=as_json)
