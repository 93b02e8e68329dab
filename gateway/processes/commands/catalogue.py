"""``sluis apply``: set the catalogue to the content of a file."""

import json
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from gateway.governance.changes.recovery import digest_of_code, new_code
from gateway.processes.commands.common import (
    anywhere,
    ask,
    data_dir_option,
    example,
    json_option,
    run,
    settings_of,
)
from gateway.processes.commands.printing import Report, show
from gateway.processes.settings import Settings

WAITING = 3  # the exit code when a part waits for another person
REJECTED = 4
_POLL_S = 2.0
_WHICH = ("first", "second")
_DURATION = re.compile(r"([1-9]\d{0,4})([mh])")


class MinutesParam(click.ParamType[int]):
    """A time in minutes or hours: 90m, 8h; gives minutes."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The minutes."""
        found = _DURATION.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is not a time such as 90m or 8h.", param, ctx)
        return int(found[1]) * (60 if found[2] == "h" else 1)


@click.command(
    epilog=example(
        "sluis apply -f sluis.yaml\n"
        "  SLUIS_TOKEN=… sluis apply -f sluis.yaml --url https://control.example.nl --wait 600"
    )
)
@click.option(
    "-f",
    "--file",
    "path",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option("--comment", default="", help="Why; shown to the person who decides.")
@click.option(
    "--all-or-nothing", is_flag=True, help="Change nothing until the whole file is approved."
)
@click.option(
    "--wait",
    "wait_s",
    default=0.0,
    metavar="SECONDS",
    help="Wait for the decision about what needs another person.",
)
@click.option("--allow-waiting", is_flag=True, help="Exit with 0 although a part waits.")
@click.option(
    "--break-glass",
    "minutes",
    type=MinutesParam(),
    help="What waits is an exception that ends by itself after this time, such as 90m or 8h; at "
    "most 72h. Give --comment too.",
)
@click.option(
    "--may-lock-out",
    is_flag=True,
    help="Accept that fewer than two persons can approve changes once this file is in force.",
)
@click.option("--door", default="local", hidden=True)
@anywhere
@json_option
def apply(
    path: Path,
    settings: Settings,
    *,
    comment: str,
    all_or_nothing: bool,
    wait_s: float,
    allow_waiting: bool,
    minutes: int | None,
    may_lock_out: bool,
    door: str,
    as_json: bool,
) -> None:
    """Make the catalogue what a sluis.yaml says.

    What narrows is in force at once. What widens waits for another person, in a proposal. Exit
    code: 0 when the whole file is in force, 3 when a part waits, 4 when it was rejected.

    `env:NAME` is read where the control plane runs.
    """
    body = {
        "text": path.read_text(encoding="utf-8"),
        "source": path.name,
        "comment": comment,
        "all_or_nothing": all_or_nothing,
        "exception_minutes": minutes,
        "may_lock_out": may_lock_out,
        "door": "api" if settings.remote_url and door == "local" else door,
    }
    done: Report = ask(settings, "POST", "/apply", body)
    state = "applied"
    if "proposal" in done:
        state = _decision(settings, done["proposal"], wait_s)
    show(_report(done, state), as_json=as_json)
    if state == "pending" and not allow_waiting:
        raise SystemExit(WAITING)
    if state in {"rejected", "superseded"}:
        raise SystemExit(REJECTED)


@click.group()
def recover() -> None:
    """Open the way back when no one can approve changes any more."""


@recover.command("code", epilog=example("sluis recover code --person anna@example.nl"))
@click.option("--person", required=True, help="Who you are, as approvals.recovery names you.")
def code(person: str) -> None:
    """Make a code of your own, and the lines of it for sluis.yaml.

    Each of two persons runs this on their own machine, and keeps the code away from the other.
    """
    made = new_code()
    click.echo(f"Your code, shown once; keep it sealed:\n\n  {made}\n")
    click.echo("Add to sluis.yaml, and apply it:\n\napprovals:\n  recovery:")
    click.echo(
        f"    - {{person: {json.dumps(person)}, digest: {json.dumps(digest_of_code(made))}}}"
    )


@recover.command("apply", epilog=example("sluis recover apply -f sluis.yaml"))
@click.option(
    "-f",
    "--file",
    "path",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@data_dir_option
@json_option
def recover_apply(path: Path, data_dir: Path | None, *, as_json: bool) -> None:
    """Put a file into force by the codes of two persons, on the machine of the control plane.

    Both type their code. It is on record with both names, and the codes work once.
    """
    codes = [click.prompt(f"Code of the {which} person", hide_input=True) for which in _WHICH]
    body = {
        "text": path.read_text(encoding="utf-8"),
        "source": path.name,
        "door": "local",
        "recovery": codes,
    }
    done: Report = ask(settings_of(data_dir, None), "POST", "/apply", body)
    show(_report(done, "applied"), as_json=as_json)


@recover.command("check", epilog=example("sluis recover check"))
@data_dir_option
@json_option
def recover_check(data_dir: Path | None, *, as_json: bool) -> None:
    """Prove on the machine of the control plane that a code is in force, without using it up.

    The person types the code. It is on record with the name, and `sluis doctor` shows the date.
    """
    from gateway.processes import maintenance

    code = click.prompt("Your code", hide_input=True)
    show(run(maintenance.prove_code(settings_of(data_dir, None), code)), as_json=as_json)


def _decision(settings: Settings, proposal: str, wait_s: float) -> str:
    """The state of a proposal, once it is decided or the time is over."""
    ends = time.monotonic() + wait_s
    path = f"/proposals/{quote(proposal, safe='')}"
    while True:
        state = str(ask(settings, "GET", path)["state"])
        left = ends - time.monotonic()
        if state != "pending" or left <= 0:
            return state
        time.sleep(min(_POLL_S, left))


def _report(done: Report, state: str) -> Report:
    report = {
        **(done["sections"] if "sections" in done else done["applied"]),
        "snapshot": done["snapshot"],
        "state": state,
        "changed": [
            {"in force": line} for line in done["changed" if "changed" in done else "applied"]
        ],
        "warnings": [{"warning": warning} for warning in done["warnings"]],
    }
    if "proposal" in done:
        report["waiting"] = [{"waits": line} for line in done["waiting"]]
        report["proposal"] = done["proposal"]
        report["next"] = (
            f"another person decides: sluis proposals approve {done['proposal']} --comment …"
        )
    return report
