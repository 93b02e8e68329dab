"""``sluis break-glass``: list, end and review exceptions."""

import datetime
from urllib.parse import quote

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_SHOWN = ("id", "state", "subject", "author", "approver", "until", "review_due")
_MOMENTS = ("until", "review_due")
_identity = click.argument("identity")


@click.group("break-glass")
def break_glass() -> None:
    """Exceptions: approved first, ended by themselves, reviewed after.

    `sluis apply --break-glass 8h` proposes one.
    """


@break_glass.command("list", epilog=example("sluis break-glass list"))
@anywhere
@json_option
def list_(settings: Settings, *, as_json: bool) -> None:
    """List all exceptions, newest first."""
    found = ask(settings, "GET", "/break-glass")["exceptions"]
    lines = [
        {name: _text(one[name]) if name in _MOMENTS else one[name] for name in _SHOWN}
        for one in found
    ]
    show({"exceptions": found if as_json else lines}, as_json=as_json)


@break_glass.command("end", epilog=example("sluis break-glass end 5f2c81d09ab34e6f"))
@_identity
@anywhere
@json_option
def end(settings: Settings, identity: str, *, as_json: bool) -> None:
    """End an exception before its time."""
    show(ask(settings, "POST", f"{_path(identity)}/end"), as_json=as_json)


@break_glass.command(
    "review",
    epilog=example("sluis break-glass review 5f2c81d09ab34e6f --comment 'used twice, as meant'"),
)
@_identity
@click.option("--comment", required=True, help="What you found; recorded.")
@anywhere
@json_option
def review(settings: Settings, identity: str, comment: str, *, as_json: bool) -> None:
    """Record the review of an exception that has ended; not by the person who proposed it."""
    path = f"{_path(identity)}/review"
    show(ask(settings, "POST", path, {"comment": comment}), as_json=as_json)


def _path(identity: str) -> str:
    return f"/break-glass/{quote(identity, safe='')}"


def _text(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="minutes")
