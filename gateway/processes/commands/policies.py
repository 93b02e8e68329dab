"""``sluis policy``: check, test, compare, export and propose the files of a bundle."""

import dataclasses
import sys
from pathlib import Path
from typing import Any

import click

from gateway.processes.commands.bundle_files import BundleFolder
from gateway.processes.commands.common import (
    anywhere,
    ask,
    example,
    json_option,
    moment,
    settings_of,
)
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
policy_directory = click.argument("directory", required=False, type=_FOLDER)
_UNNOTICED = "no case fails without it"
_language = click.option("--language", type=click.Choice(["en", "nl"]), default="en")


@click.group()
def policy() -> None:
    """Check, test, compare, export and propose policy bundles."""


@policy.command("check", epilog=example("sluis policy check policies/"))
@policy_directory
@json_option
def check(directory: Path | None, *, as_json: bool) -> None:
    """Check a bundle: it compiles, keeps to the floors, and each rule is complete and tested.

    Names of teams, use cases and providers are checked when it is proposed.
    """
    from gateway.decisions import BundleError
    from gateway.governance.policies import bundle, strict

    try:
        files = bundle.read_bundle(directory)
        compiled = bundle.check(files)
        found = strict.faults(files)
    except BundleError as error:
        raise click.ClickException(str(error)) from error
    if found and not as_json:
        click.echo("\n".join(map(str, found)))
        sys.exit(1)
    listed = [dataclasses.asdict(fault) for fault in found]
    show({"ok": not found, "digest": compiled.digest, "faults": listed}, as_json=as_json)
    sys.exit(1 if found else 0)


@policy.command("test", epilog=example("sluis policy test policies/ --mutate"))
@policy_directory
@click.option("--mutate", is_flag=True, help="Also remove each rule in turn: a case must fail.")
@json_option
def test(directory: Path | None, *, mutate: bool, as_json: bool) -> None:
    """Run the cases of a bundle."""
    from gateway.decisions import BundleError
    from gateway.governance.policies import bundle, cases, mutation

    cache = settings_of().cache_dir
    try:
        files = bundle.read_bundle(directory)
        results = cases.run_tests(files, cache)
        failed = [dataclasses.asdict(result) for result in results if not result.passed]
        unnoticed = mutation.unnoticed(files, cache) if mutate and not failed else []
    except BundleError as error:
        raise click.ClickException(str(error)) from error
    report = {"cases": len(results), "failed": len(failed), "failures": failed}
    if mutate:
        report["untested"] = [{"rule": rule, "why": _UNNOTICED} for rule in unnoticed]
    show(report, as_json=as_json)
    sys.exit(1 if failed or unnoticed else 0)


@policy.command("show", epilog=example("sluis policy show --language nl"))
@policy_directory
@_language
@anywhere
@json_option
def show_rules(settings: Settings, directory: Path | None, language: str, *, as_json: bool) -> None:
    """Show the rules in force, or those of DIRECTORY, as one sentence each."""
    rules = _rules_of(directory) if directory else ask(settings, "GET", "/policies/rules")["rules"]
    if as_json:
        show({"rules": rules}, as_json=True)
        return
    for rule in rules:
        name = rule["id"] or rule["kind"]
        click.echo(f"{rule['file']}:{rule['line']}: {name}: {rule['sentences'][language]}")


def _rules_of(directory: Path) -> list[dict[str, Any]]:
    from gateway.decisions import BundleError
    from gateway.governance.policies import bundle
    from gateway.governance.policies.rule_sentences import rule_sentences

    try:
        return [rule.model_dump() for rule in rule_sentences(bundle.read_bundle(directory))]
    except BundleError as error:
        raise click.ClickException(str(error)) from error


@policy.command("export", epilog=example("sluis policy export -o bundle/"))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="A directory that is empty or does not exist.",
)
@anywhere
@json_option
def export(settings: Settings, output: Path, *, as_json: bool) -> None:
    """Write the bundle in force to a directory, to change it there and propose it."""
    BundleFolder.check_empty(output)
    found = ask(settings, "GET", "/policies")
    BundleFolder(output).write(found["files"], found["digest"])
    report = {"digest": found["digest"], "files": len(found["files"]), "written": str(output)}
    show(report, as_json=as_json)


@policy.command("diff", epilog=example("sluis policy diff bundle/"))
@click.argument("directory", type=_FOLDER)
@_language
@anywhere
@json_option
def diff(settings: Settings, directory: Path, language: str, *, as_json: bool) -> None:
    """Show what DIRECTORY, as the whole bundle, changes of the one in force.

    Exit status: 0 the same, 1 different, 2 not compared.
    """
    try:
        report = _compared(settings, {"files": BundleFolder(directory).read(), "whole": True})
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    _show_report(report, language, as_json=as_json)
    sys.exit(0 if report["before"] == report["after"] else 1)


@policy.command("propose", epilog=example("sluis policy propose -f bundle/ --comment 'why'"))
@click.argument("directory", required=False, type=_FOLDER)
@click.option(
    "-f",
    "--from",
    "whole",
    type=_FOLDER,
    help="The whole bundle: files that this directory lacks are removed.",
)
@click.option("--comment", default="", help="Why, for the person who decides.")
@click.option("--yes", is_flag=True, help="Do not ask before files are removed.")
@_language
@anywhere
@json_option
def propose(
    settings: Settings,
    directory: Path | None,
    whole: Path | None,
    comment: str,
    language: str,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Propose a bundle; what it changes is shown before it is sent.

    With -f a directory is the whole bundle. The files of DIRECTORY are put into the bundle in
    force, and all others stay as they are.
    """
    if (directory is None) == (whole is None):
        raise click.UsageError("Give a directory: -f for the whole bundle, or files to put in.")
    folder = BundleFolder(whole or directory or Path())
    body: dict[str, Any] = {"files": folder.read(), "whole": whole is not None}
    if whole and (known := folder.digests()):
        body["base"] = folder.base(ask(settings, "GET", "/policies")["digest"], known)
    report = _compared(settings, body)
    body["base"] = report["before"]
    if not as_json:
        _show_report(report, language, as_json=False)
    if report["files"]["removed"] and not yes:
        removed = ", ".join(report["files"]["removed"])
        click.confirm(f"This removes {removed}. Propose it?", abort=True, err=True)
    done = ask(settings, "POST", "/policies/proposals", {**body, "comment": comment})
    if whole:
        folder.note(report["after"])
    following = f"another person decides: sluis proposals approve {done['id']}"
    show({**done, "next": following}, as_json=as_json)


@policy.command("rollback", epilog=example("sluis policy rollback --comment 'incident 12'"))
@click.option("--to", default=None, metavar="DIGEST", help="An earlier bundle; default: the last.")
@click.option("--comment", default="", help="Why, for the person who decides.")
@anywhere
@json_option
def rollback(settings: Settings, to: str | None, comment: str, *, as_json: bool) -> None:
    """Propose the bundle that was in force before; another person approves it."""
    done = ask(settings, "POST", "/policies/rollback", {"to": to, "comment": comment})
    following = f"another person decides: sluis proposals approve {done['id']}"
    show({**done, "next": following}, as_json=as_json)


@policy.command("status", epilog=example("sluis policy status"))
@anywhere
@json_option
def status(settings: Settings, *, as_json: bool) -> None:
    """Show the bundle in force, which bundle each gateway runs, and the faults of the bundle.

    Exit status: 0 when all gateways run it, 1 when one does not.
    """
    report = ask(settings, "GET", "/policies/status")
    show(report, as_json=as_json)
    sys.exit(0 if report["converged"] else 1)


@policy.command(
    "replay", epilog=example("sluis policy replay bundle/ --from 2026-11-20 --to 2026-11-26")
)
@click.argument("directory", required=False, type=_FOLDER)
@click.option("--proposal", default=None, metavar="ID", help="A proposal in place of a directory.")
@click.option("--from", "since", required=True, help="First day or moment.")
@click.option("--to", "until", required=True, help="Last day or moment.")
@click.option(
    "--reason",
    default="",
    help="Also read stored, redacted bodies, and name requests; recorded. Needs audit:reveal.",
)
@anywhere
@json_option
def replay(
    settings: Settings,
    directory: Path | None,
    proposal: str | None,
    since: str,
    until: str,
    reason: str,
    *,
    as_json: bool,
) -> None:
    """Show what a bundle would have decided about the recorded requests of a period."""
    if (directory is None) == (proposal is None):
        raise click.UsageError("Give a directory, or --proposal.")
    body: dict[str, Any] = {
        "since": moment(since, end=False),
        "until": moment(until, end=True),
        "proposal": proposal,
    }
    if directory:
        body |= {"files": BundleFolder(directory).read(), "whole": True}
    if reason:
        report = ask(settings, "POST", "/policies/replay/texts", {**body, "reason": reason})
    else:
        report = ask(settings, "POST", "/policies/replay", body)
    show(report, as_json=as_json)


def _compared(settings: Settings, body: dict[str, Any]) -> dict[str, Any]:
    return dict(ask(settings, "POST", "/policies/difference", body))


def _show_report(report: dict[str, Any], language: str, *, as_json: bool) -> None:
    if as_json:
        show(report, as_json=True)
        return
    for sentence in report["sentences"][language]:
        click.echo(sentence)
