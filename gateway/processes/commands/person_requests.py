"""``sluis requests``: requests of data subjects and objections, within their terms."""

import click

from gateway.processes.commands.case_lists import ask_cases, paged
from gateway.processes.commands.case_printing import show_case, show_cases
from gateway.processes.commands.common import anywhere, ask, example, json_option, moment
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_PATH = "/person-requests"


@click.group("requests")
def person_requests() -> None:
    """Record, list, show, extend and decide requests of persons."""


@person_requests.command(
    "open",
    epilog=example(
        "sluis requests open --kind access --received 2026-11-24 --person 'J. Jansen' "
        "--text 'which answers were about me?'"
    ),
)
@click.option(
    "--kind",
    required=True,
    help="access, rectification, erasure, restriction, portability, objection, "
    "automated_decision or administrative_objection.",
)
@click.option("--received", required=True, help="When it came in (ISO 8601).")
@click.option("--person", required=True, help="Who asks; stored encrypted.")
@click.option("--text", required=True, help="What is asked; stored encrypted.")
@anywhere
@json_option
def open_request(
    settings: Settings, kind: str, received: str, person: str, text: str, *, as_json: bool
) -> None:
    """Record a request; its term runs from when it came in."""
    body = {
        "kind": kind,
        "received": moment(received, end=False),
        "person": person,
        "text": text,
    }
    show(ask(settings, "POST", _PATH, body), as_json=as_json)


@person_requests.command("list", epilog=example("sluis requests list --json"))
@paged("decided")
@anywhere
@json_option
def list_requests(
    settings: Settings, state: str | None, limit: int, after: str | None, *, as_json: bool
) -> None:
    """Show requests, those that wait first; overdue ones say so."""
    show_cases(ask_cases(settings, _PATH, state, limit, after), "requests", as_json=as_json)


@person_requests.command(
    "show",
    epilog=example("sluis requests show request_5f2c81d09ab34e6f --reason 'to decide about it'"),
)
@click.argument("identity")
@click.option("--reason", help="Why you read it; recorded. Without it no text is shown.")
@anywhere
@json_option
def show_request(settings: Settings, identity: str, reason: str | None, *, as_json: bool) -> None:
    """Show one request; with a reason also its texts."""
    shown = ask(settings, "GET", f"{_PATH}/{identity}")
    revealed = None
    if reason is not None:
        body = {"reason": reason}
        revealed = ask(settings, "POST", f"{_PATH}/{identity}/reveal", body)["texts"]
    show_case(shown, revealed, as_json=as_json)


@person_requests.command(
    "identify",
    epilog=example("sluis requests identify request_5f2c81d09ab34e6f --how 'passport at the desk'"),
)
@click.argument("identity")
@click.option("--how", required=True, help="How the identity was established; stored encrypted.")
@anywhere
@json_option
def identify(settings: Settings, identity: str, how: str, *, as_json: bool) -> None:
    """Note that the identity of the person is established."""
    show(ask(settings, "POST", f"{_PATH}/{identity}/identify", {"how": how}), as_json=as_json)


@person_requests.command(
    "extend",
    epilog=example("sluis requests extend request_5f2c81d09ab34e6f --reason 'many requests'"),
)
@click.argument("identity")
@click.option("--reason", required=True, help="Why; recorded.")
@anywhere
@json_option
def extend(settings: Settings, identity: str, reason: str, *, as_json: bool) -> None:
    """Give a request the longer term that its deadline allows."""
    show(ask(settings, "POST", f"{_PATH}/{identity}/extend", {"reason": reason}), as_json=as_json)


@person_requests.command(
    "write",
    epilog=example(
        "sluis requests write request_5f2c81d09ab34e6f --direction sent --text 'we need more time'"
    ),
)
@click.argument("identity")
@click.option("--direction", required=True, type=click.Choice(["sent", "received"]))
@click.option("--text", required=True, help="The message; stored encrypted.")
@anywhere
@json_option
def write(settings: Settings, identity: str, direction: str, text: str, *, as_json: bool) -> None:
    """Keep a message to the person, or one that came from the person."""
    body = {"direction": direction, "text": text}
    show(ask(settings, "POST", f"{_PATH}/{identity}/messages", body), as_json=as_json)


@person_requests.command(
    "decide",
    epilog=example(
        "sluis requests decide request_5f2c81d09ab34e6f --outcome granted --reasons 'as asked'"
    ),
)
@click.argument("identity")
@click.option("--outcome", required=True, type=click.Choice(["granted", "partly", "refused"]))
@click.option("--reasons", required=True, help="Why; stored encrypted.")
@click.option("--answer", default="", help="What is sent to the person; stored encrypted.")
@anywhere
@json_option
def decide(
    settings: Settings, identity: str, outcome: str, reasons: str, answer: str, *, as_json: bool
) -> None:
    """Decide a request."""
    body = {"outcome": outcome, "reasons": reasons, "answer": answer}
    show(ask(settings, "POST", f"{_PATH}/{identity}/decide", body), as_json=as_json)
