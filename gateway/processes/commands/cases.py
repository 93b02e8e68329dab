"""``sluis incidents`` and ``sluis complaints``: handle cases within their deadlines."""

import sys
from typing import Any

import click

from gateway.processes.commands.case_lists import ask_cases, paged
from gateway.processes.commands.case_printing import show_case, show_cases
from gateway.processes.commands.common import anywhere, ask, example, json_option, moment
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_severity = click.option(
    "--severity", type=click.Choice(["low", "medium", "high", "critical"]), help="How serious."
)


@click.group()
def incidents() -> None:
    """Open, list, show, judge and close incidents."""


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
    help="serious_harm, death, infringement, disruption, security, data_breach, wrong_answer or "
    "other; it decides which deadlines may bind.",
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
@_severity
@anywhere
@json_option
def open_incident(
    settings: Settings,
    kind: str,
    description: str,
    aware: str,
    requests: tuple[str, ...],
    model: str | None,
    severity: str | None,
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
        "severity": severity,
    }
    show(ask(settings, "POST", "/incidents", body), as_json=as_json)


@incidents.command("list", epilog=example("sluis incidents list --json"))
@paged("closed")
@anywhere
@json_option
def list_incidents(
    settings: Settings, state: str | None, limit: int, after: str | None, *, as_json: bool
) -> None:
    """Show incidents, those that wait first; overdue ones say so."""
    show_cases(ask_cases(settings, "/incidents", state, limit, after), "incidents", as_json=as_json)


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
def show_incident(settings: Settings, identity: str, reason: str | None, *, as_json: bool) -> None:
    """Show one incident; with a reason also what was written about it."""
    _show_case(settings, "/incidents", identity, reason, as_json=as_json)


@incidents.command(
    "contain",
    epilog=example(
        "sluis incidents contain incident_5f2c81d09ab34e6f --use-case hiring "
        "--version letters@2 --reason 'wrong advice' --wait"
    ),
)
@click.argument("identity")
@click.option("--use-case", "use_cases", multiple=True, help="Stop this use case; repeat it.")
@click.option("--alias", "aliases", multiple=True, help="Stop this alias; repeat it.")
@click.option("--deployment", "deployments", multiple=True, help="Stop this one; repeat it.")
@click.option("--key", "keys", multiple=True, help="Stop this key, by its id or name; repeat it.")
@click.option("--version", "versions", multiple=True, help="Quarantine NAME@VERSION; repeat it.")
@click.option("--reason", required=True, help="Why; recorded.")
@click.option("--wait", is_flag=True, help="Wait until all gateways have acknowledged it.")
@anywhere
@json_option
def contain_incident(
    settings: Settings, identity: str, reason: str, *, wait: bool, as_json: bool, **named: Any
) -> None:
    """Stop all that an incident concerns in one action, and show which gateways have followed.

    With --wait the exit code is 3 when a gateway has not acknowledged it within 5 seconds.
    """
    body = {**{name: list(given) for name, given in named.items()}, "reason": reason, "wait": wait}
    done = ask(settings, "POST", f"/incidents/{identity}/contain", body)
    show(done, as_json=as_json)
    if wait and done["silent"]:
        silent = ", ".join(done["silent"])
        click.echo(f"Stopped, but not acknowledged within 5 seconds by: {silent}.", err=True)
        sys.exit(3)


@incidents.command(
    "follow",
    epilog=example(
        "sluis incidents follow incident_5f2c81d09ab34e6f --text 'add a rule' --due 2026-12-31\n"
        "  sluis incidents follow incident_5f2c81d09ab34e6f --done 1"
    ),
)
@click.argument("identity")
@click.option("--text", help="What is to be done; stored encrypted.")
@click.option("--due", help="By when (ISO 8601).")
@click.option("--done", type=int, help="The number of a task that is done.")
@anywhere
@json_option
def follow_up(
    settings: Settings,
    identity: str,
    text: str | None,
    due: str | None,
    done: int | None,
    *,
    as_json: bool,
) -> None:
    """Add a task that follows from an incident, or note that one is done."""
    if (text is None) == (done is None):
        raise click.UsageError("Give --text, or --done with a number.")
    path = f"/incidents/{identity}/follow-ups"
    if done is not None:
        show(ask(settings, "POST", f"{path}/{done}/done"), as_json=as_json)
        return
    body = {"text": text, "due": moment(due, end=False) if due else None}
    show(ask(settings, "POST", path, body), as_json=as_json)


@incidents.command(
    "judge",
    epilog=example(
        "sluis incidents judge incident_5f2c81d09ab34e6f --rule gdpr-33 "
        "--reasons 'names of 40 clients, a risk is likely'\n"
        "  sluis incidents judge incident_5f2c81d09ab34e6f --no-report --reasons 'no person harmed'"
    ),
)
@click.argument("identity")
@click.option("--rule", "rules", multiple=True, help="A deadline that binds; repeat it.")
@click.option("--no-report", is_flag=True, help="It need not be reported.")
@click.option("--reasons", required=True, help="Why; stored encrypted.")
@click.option("--classified", help="When it was classified (ISO 8601); without it now.")
@_severity
@anywhere
@json_option
def judge_incident(
    settings: Settings,
    identity: str,
    rules: tuple[str, ...],
    reasons: str,
    classified: str | None,
    severity: str | None,
    *,
    no_report: bool,
    as_json: bool,
) -> None:
    """Say which deadlines bind an incident, or that it need not be reported."""
    if bool(rules) == no_report:
        raise click.UsageError("Give --rule once or more, or --no-report.")
    body = {
        "rules": list(rules),
        "reasons": reasons,
        "classified": moment(classified, end=False) if classified else None,
        "severity": severity,
    }
    show(ask(settings, "POST", f"/incidents/{identity}/judge", body), as_json=as_json)


@incidents.command(
    "draft",
    epilog=example(
        "sluis incidents draft incident_5f2c81d09ab34e6f --rule gdpr-33 --language nl "
        "--reason 'report to the authority' > report.md"
    ),
)
@click.argument("identity")
@click.option("--rule", required=True, help="The deadline for which a report is due.")
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl")
@click.option("--reason", required=True, help="Why you read its texts; recorded.")
@anywhere
@json_option
def draft_report(
    settings: Settings, identity: str, rule: str, language: str, reason: str, *, as_json: bool
) -> None:
    """Write the draft of a report to an authority in Markdown; a person completes it."""
    body = {"rule": rule, "language": language, "reason": reason}
    found = ask(settings, "POST", f"/incidents/{identity}/draft", body)
    if as_json:
        show(found, as_json=True)
    else:
        click.echo(found["markdown"], nl=False)


@incidents.command(
    "report",
    epilog=example(
        "sluis incidents report incident_5f2c81d09ab34e6f --rule gdpr-33 --at 2026-11-25T16:00"
    ),
)
@click.argument("identity")
@click.option("--rule", required=True, help="The deadline that this report meets.")
@click.option("--at", required=True, help="When it was reported (ISO 8601).")
@anywhere
@json_option
def report_incident(
    settings: Settings, identity: str, rule: str, at: str, *, as_json: bool
) -> None:
    """Note that a report was made to the authority; what follows it starts to run."""
    body = {"rule": rule, "at": moment(at, end=False)}
    show(ask(settings, "POST", f"/incidents/{identity}/report", body), as_json=as_json)


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
def close_incident(
    settings: Settings, identity: str, outcome: str, reported: str | None, *, as_json: bool
) -> None:
    """Close an incident; its hold stays until `sluis holds release`."""
    body = {"outcome": outcome, "reported": moment(reported, end=False) if reported else None}
    show(ask(settings, "POST", f"/incidents/{identity}/close", body), as_json=as_json)


@click.group()
def complaints() -> None:
    """List, show and decide complaints; people send them to POST /complaints."""


@complaints.command("list", epilog=example("sluis complaints list --json"))
@paged("decided")
@anywhere
@json_option
def list_complaints(
    settings: Settings, state: str | None, limit: int, after: str | None, *, as_json: bool
) -> None:
    """Show complaints, those that wait first; overdue ones say so."""
    show_cases(
        ask_cases(settings, "/complaints", state, limit, after), "complaints", as_json=as_json
    )


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
def show_complaint(settings: Settings, identity: str, reason: str | None, *, as_json: bool) -> None:
    """Show one complaint; with a reason also its text."""
    _show_case(settings, "/complaints", identity, reason, as_json=as_json)


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
@click.option("--answer", default="", help="What is sent to the complainant; stored encrypted.")
@anywhere
@json_option
def decide_complaint(
    settings: Settings, identity: str, outcome: str, reasons: str, answer: str, *, as_json: bool
) -> None:
    """Decide a complaint; its hold stays until `sluis holds release`."""
    body = {"outcome": outcome, "reasons": reasons, "answer": answer}
    show(ask(settings, "POST", f"/complaints/{identity}/decide", body), as_json=as_json)


@complaints.command(
    "explain",
    epilog=example("sluis complaints explain complaint_5f2c81d09ab34e6f --language en"),
)
@click.argument("identity")
@click.option("--language", type=click.Choice(["nl", "en"]), default="nl")
@anywhere
@json_option
def explain_complaint(settings: Settings, identity: str, language: str, *, as_json: bool) -> None:
    """Explain in plain words what happened: which model, which rules, which data, who decided."""
    found = ask(settings, "GET", f"/complaints/{identity}/explanation?language={language}")
    if as_json:
        show(found, as_json=True)
    else:
        click.echo("\n".join(found["sentences"]))


@complaints.command(
    "write",
    epilog=example(
        "sluis complaints write complaint_5f2c81d09ab34e6f --direction received --text 'he called'"
    ),
)
@click.argument("identity")
@click.option("--direction", required=True, type=click.Choice(["sent", "received"]))
@click.option("--text", required=True, help="The message; stored encrypted.")
@anywhere
@json_option
def write_message(
    settings: Settings, identity: str, direction: str, text: str, *, as_json: bool
) -> None:
    """Keep a message to the complainant, or one that came from the complainant."""
    body = {"direction": direction, "text": text}
    show(ask(settings, "POST", f"/complaints/{identity}/messages", body), as_json=as_json)


@complaints.command(
    "extend",
    epilog=example("sluis complaints extend complaint_5f2c81d09ab34e6f --reason 'we told him'"),
)
@click.argument("identity")
@click.option("--reason", required=True, help="Why; recorded.")
@anywhere
@json_option
def extend_complaint(settings: Settings, identity: str, reason: str, *, as_json: bool) -> None:
    """Give a complaint the longer term that its deadline allows."""
    body = {"reason": reason}
    show(ask(settings, "POST", f"/complaints/{identity}/extend", body), as_json=as_json)


def _show_case(
    settings: Settings, path: str, identity: str, reason: str | None, *, as_json: bool
) -> None:
    """Print one incident or complaint, and its texts where a reason is given."""
    shown = ask(settings, "GET", f"{path}/{identity}")
    revealed = None
    if reason is not None:
        body = {"reason": reason}
        revealed = ask(settings, "POST", f"{path}/{identity}/reveal", body)["texts"]
    show_case(shown, revealed, as_json=as_json)
