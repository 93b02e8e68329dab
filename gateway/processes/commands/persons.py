"""``sluis persons``: who is known, who has left, and the way back."""

from urllib.parse import quote, urlencode

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_SHOWN = ("id", "issuer", "user_name", "email", "display_name", "state", "source")
_reason = click.option("--reason", required=True, help="Why; it is kept in the trail.")
_person = click.argument("person")


@click.group()
def persons() -> None:
    """List persons, end their access, and propose to give it back.

    PERSON is an id, a user name, an e-mail address or a pseudonym from the trail.
    """


@persons.command("list", epilog=example("sluis persons list --query jan"))
@click.option("--query", default="", help="The beginning of a name or an e-mail address.")
@click.option("--offset", default=0, show_default=True, help="How many to pass over.")
@click.option("--limit", default=100, show_default=True, help="How many to show, at most 1000.")
@anywhere
@json_option
def list_(settings: Settings, query: str, offset: int, limit: int, *, as_json: bool) -> None:
    """List persons, the oldest first."""
    parameters = urlencode({"query": query, "offset": offset, "limit": limit})
    found = ask(settings, "GET", f"/persons?{parameters}")
    rows = [{name: one[name] for name in _SHOWN} for one in found["persons"]]
    show({"persons": rows, "total": found["total"]}, as_json=as_json)


@persons.command("show", epilog=example("sluis persons show jan@example.nl"))
@_person
@anywhere
@json_option
def show_(settings: Settings, person: str, *, as_json: bool) -> None:
    """Show one person with groups, roles and keys."""
    show(ask(settings, "GET", f"/persons/{_quoted(person)}"), as_json=as_json)


@persons.command(
    "deactivate", epilog=example("sluis persons deactivate jan@example.nl --reason 'left'")
)
@_person
@_reason
@anywhere
@json_option
def deactivate(settings: Settings, person: str, reason: str, *, as_json: bool) -> None:
    """End the access of a person at once: tokens, streams, sign-ons and owned keys."""
    _act(settings, person, "deactivate", reason, as_json=as_json)


@persons.command(
    "reactivate", epilog=example("sluis persons reactivate jan@example.nl --reason 'came back'")
)
@_person
@_reason
@anywhere
@json_option
def reactivate(settings: Settings, person: str, reason: str, *, as_json: bool) -> None:
    """Propose to give a person access again; another person approves."""
    _act(settings, person, "reactivate", reason, as_json=as_json)


@persons.command(
    "sign-out", epilog=example("sluis persons sign-out jan@example.nl --reason 'lost laptop'")
)
@_person
@_reason
@anywhere
@json_option
def sign_out(settings: Settings, person: str, reason: str, *, as_json: bool) -> None:
    """End the sign-ons of a person until now; they may sign in again."""
    _act(settings, person, "sign-out", reason, as_json=as_json)


@persons.command(
    "hand-over",
    epilog=example("sluis persons hand-over k_1a2b3c4d els@example.nl --reason 'Jan left'"),
)
@click.argument("key")
@_person
@_reason
@anywhere
@json_option
def hand_over(settings: Settings, key: str, person: str, reason: str, *, as_json: bool) -> None:
    """Propose to make a person the owner of a key, by its id or name."""
    body = {"owner": person, "reason": reason}
    show(ask(settings, "POST", f"/keys/{_quoted(key)}/hand-over", body), as_json=as_json)


def _act(settings: Settings, person: str, how: str, reason: str, *, as_json: bool) -> None:
    path = f"/persons/{_quoted(person)}/{how}"
    show(ask(settings, "POST", path, {"reason": reason}), as_json=as_json)


def _quoted(text: str) -> str:
    return quote(text, safe="")
