"""``sluis own``: the use cases and teams of whoever asks, and what waits for them as an owner."""

from pathlib import Path
from urllib.parse import quote, urlencode

import click

from gateway.processes.commands import approving
from gateway.processes.commands.common import (
    anywhere,
    ask,
    example,
    fields_in,
    fields_option,
    json_option,
)
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_since = click.option("--from", "since", default=None, help="A day or a moment (ISO 8601).")
_until = click.option("--to", "until", default=None, help="A day or a moment (ISO 8601).")
_by = click.option("--by", type=click.Choice(["hour", "day", "month"]), default="day")


@click.group()
def own() -> None:
    """What the record of a use case or a team gives to you: nobody else's is shown."""


@own.command("use-cases", epilog=example("sluis own use-cases"))
@anywhere
@json_option
def use_cases(settings: Settings, *, as_json: bool) -> None:
    """List the use cases that you own, with the reviews of their requests."""
    show(ask(settings, "GET", "/own-use-cases"), as_json=as_json)


@own.command("usage", epilog=example("sluis own usage letters --by month"))
@click.argument("name")
@click.option("--team", is_flag=True, help="NAME is a team that you lead.")
@_since
@_until
@_by
@anywhere
@json_option
def usage(
    settings: Settings,
    name: str,
    since: str | None,
    until: str | None,
    by: str,
    *,
    team: bool,
    as_json: bool,
) -> None:
    """Show the figures of a use case that you own, or of a team that you lead."""
    asked = {"from": since, "to": until, "by": by}
    query = urlencode({part: value for part, value in asked.items() if value})
    place = "/own-teams" if team else "/own-use-cases"
    show(ask(settings, "GET", f"{place}/{_quoted(name)}/usage?{query}"), as_json=as_json)


@own.command("propose", epilog=example("sluis own propose letters --file letters.yaml"))
@click.argument("name")
@fields_option("YAML with the fields of a use case in sluis.yaml, without its name.")
@anywhere
@json_option
def propose(settings: Settings, name: str, path: Path, *, as_json: bool) -> None:
    """Propose a change of a use case that you own; what narrows it is in force at once."""
    answer = ask(settings, "PUT", f"/own-use-cases/{_quoted(name)}", fields_in(path))
    show(answer, as_json=as_json)


@own.command("stop", epilog=example("sluis own stop letters --reason 'complaint 12'"))
@click.argument("name")
@click.option("--reason", required=True, help="Why; recorded with the stop.")
@anywhere
@json_option
def stop(settings: Settings, name: str, reason: str, *, as_json: bool) -> None:
    """Stop a use case that you own; two persons start it again."""
    answer = ask(settings, "POST", f"/own-use-cases/{_quoted(name)}/stop", {"reason": reason})
    show(answer, as_json=as_json)


@own.command("teams", epilog=example("sluis own teams"))
@anywhere
@json_option
def teams(settings: Settings, *, as_json: bool) -> None:
    """List the teams that you lead, with their budget and keys."""
    show(ask(settings, "GET", "/own-teams"), as_json=as_json)


@own.command("approvals", epilog=example("sluis own approvals"))
@anywhere
@json_option
def approvals(settings: Settings, *, as_json: bool) -> None:
    """List what waits for you as the owner of a use case."""
    show(ask(settings, "GET", "/own-approvals"), as_json=as_json)


@own.command("approve", epilog=example("sluis own approve 5f2c81d09ab34e6f --comment 'agreed'"))
@click.argument("identity")
@click.option("--comment", default="", help="Why; recorded with the decision.")
@approving.port_option
@anywhere
@json_option
def approve(
    settings: Settings, identity: str, comment: str, sign_on_port: int, *, as_json: bool
) -> None:
    """Approve, as its owner, that a use case starts or gets another risk class."""
    path, body = f"/own-approvals/{_quoted(identity)}", {"comment": comment}
    done = approving.approve(settings, path, body, port=sign_on_port)
    show({"proposal": identity, **done}, as_json=as_json)


@own.command("reject", epilog=example("sluis own reject 5f2c81d09ab34e6f --comment 'too early'"))
@click.argument("identity")
@click.option("--comment", default="", help="Why; recorded with the decision.")
@anywhere
@json_option
def reject(settings: Settings, identity: str, comment: str, *, as_json: bool) -> None:
    """Reject, as its owner, that a use case starts or gets another risk class."""
    path = f"/own-approvals/{_quoted(identity)}/reject"
    show(
        {"proposal": identity, **ask(settings, "POST", path, {"comment": comment})}, as_json=as_json
    )


def _quoted(name: str) -> str:
    return quote(name, safe="")
