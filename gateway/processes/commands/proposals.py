"""``sluis proposals``: list the changes that need another person, and decide them."""

import difflib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

import click

from gateway.processes.commands import approving
from gateway.processes.commands.common import anywhere, ask, example, json_option
from gateway.processes.commands.printing import Report, show
from gateway.processes.settings import Settings

_SHOWN = ("id", "kind", "subject", "state", "proposed_by", "expires", "decided_by", "comment")
_comment = click.option("--comment", default="", help="Why; recorded with the decision.")


@click.group()
def proposals() -> None:
    """List, show, approve and reject proposals; `sluis policy propose` makes one."""


@proposals.command("list", epilog=example("sluis proposals list --state pending"))
@click.option("--asked", is_flag=True, help="Those that wait and that you were asked to review.")
@click.option(
    "--state",
    type=click.Choice(["pending", "approved", "rejected", "superseded", "expired"]),
    default=None,
)
@anywhere
@json_option
def list_(settings: Settings, state: str | None, *, asked: bool, as_json: bool) -> None:
    """Show all proposals, newest first."""
    wanted = {"state": state, "asked": "true" if asked else None}
    query = urlencode({name: value for name, value in wanted.items() if value})
    chosen: list[Report] = ask(settings, "GET", f"/proposals?{query}")["proposals"]
    if not as_json:
        chosen = [{name: proposal[name] for name in _SHOWN} for proposal in chosen]
    show({"proposals": chosen}, as_json=as_json)


@proposals.command("show", epilog=example("sluis proposals show 5f2c81d09ab34e6f"))
@click.argument("identity")
@anywhere
@json_option
def show_(settings: Settings, identity: str, *, as_json: bool) -> None:
    """Show one proposal with what it changes."""
    shown: Report = ask(settings, "GET", _path(identity))
    if shown["kind"] == "terms" and _may_read_terms(settings):
        shown |= ask(settings, "GET", f"/terms{_path(identity)}")
    if shown["kind"] == "evaluation_suite" and shown["state"] == "pending":
        shown["next"] = f"read its items: sluis models proposed-suite {identity}"
    if as_json:
        show(shown, as_json=True)
        return
    changes, report = shown.pop("changes"), shown.pop("difference")
    show(shown, as_json=False)
    for sentence in report["sentences"]["en"] if report else ():
        click.echo(sentence)
    for path, change in changes.items():
        click.echo("\n".join(_difference(path, change)))


@proposals.command(
    "approve", epilog=example("sluis proposals approve 5f2c81d09ab34e6f --comment 'agreed'")
)
@click.argument("identity")
@_comment
@approving.port_option
@anywhere
@json_option
def approve(
    settings: Settings, identity: str, comment: str, sign_on_port: int, *, as_json: bool
) -> None:
    """Approve another person's proposal; its change is in force when this returns.

    While more persons have to approve it, the state stays pending and `waits_for` names them.
    Where the identity provider signs approvals, this opens a sign-on in the browser.
    """
    path, body = _path(identity), {"comment": comment}
    done = approving.approve(settings, path, body, port=sign_on_port)
    show({"proposal": identity, **done}, as_json=as_json)


@proposals.command(
    "reject", epilog=example("sluis proposals reject 5f2c81d09ab34e6f --comment 'too wide'")
)
@click.argument("identity")
@_comment
@anywhere
@json_option
def reject(settings: Settings, identity: str, comment: str, *, as_json: bool) -> None:
    """Reject a proposal; nothing changes."""
    done = ask(settings, "POST", f"{_path(identity)}/reject", {"comment": comment})
    show({"proposal": identity, **done}, as_json=as_json)


@proposals.command(
    "comment", epilog=example("sluis proposals comment 5f2c81d09ab34e6f 'which teams use this?'")
)
@click.argument("identity")
@click.argument("text")
@anywhere
@json_option
def comment_(settings: Settings, identity: str, text: str, *, as_json: bool) -> None:
    """Comment on a proposal that waits; `show` has the thread."""
    show(ask(settings, "POST", f"{_path(identity)}/comments", {"text": text}), as_json=as_json)


@proposals.command(
    "ask",
    epilog=example("sluis proposals ask 5f2c81d09ab34e6f --role policy_approver"),
)
@click.argument("identity")
@click.option(
    "--person", "persons", multiple=True, help="User name, e-mail address or owner of a key."
)
@click.option("--role", "roles", multiple=True, help="A role that may approve it.")
@anywhere
@json_option
def ask_(
    settings: Settings,
    identity: str,
    persons: Sequence[str],
    roles: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Ask persons and roles who may approve a proposal to review it."""
    body = {"persons": list(persons), "roles": list(roles)}
    show(ask(settings, "POST", f"{_path(identity)}/reviewers", body), as_json=as_json)


def _path(identity: str) -> str:
    return f"/proposals/{quote(identity, safe='')}"


def _may_read_terms(settings: Settings) -> bool:
    return "terms:read" in ask(settings, "GET", "/me")["permissions"]


def _difference(path: str, change: dict[str, Any]) -> list[str]:
    """The lines of a unified diff of one file."""
    before, after = ((change[side] or "").splitlines() for side in ("before", "after"))
    return list(difflib.unified_diff(before, after, f"{path} (in force)", path, lineterm=""))
