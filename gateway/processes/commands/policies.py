"""``sluis policy``: check, test, compare, export and propose the files of a bundle."""

import dataclasses
import sys
from pathlib import Path
from typing import Any

import click

from gateway.processes.commands.bundle_files import BundleFolder
from gateway.processes.commands.common import anywhere, ask, example, json_option, show
from gateway.processes.settings import Settings

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
policy_directory = click.argument("directory", required=False, type=_FOLDER)
_language = click.option("--language", type=click.Choice(["en", "nl"]), default="en")


@click.group()
def policy() -> None:
    """Check, test, compare, export and propose policy bundles."""


@policy.command("check", epilog=example("sluis policy check policies/"))
@policy_directory
@json_option
def check(directory: Path | None, *, as_json: bool) -> None:
    """Compile a bundle and prove its invariants over all levels and zones."""
    from gateway.decisions import BundleError
    from gateway.governance.policies import bundle

    try:
        compiled = bundle.check(bundle.read_bundle(directory))
    except BundleError as error:
        raise click.ClickException(str(error)) from error
    show({"ok": True, "digest": compiled.digest}, as_json=as_json)


@policy.command("test", epilog=example("sluis policy test policies/"))
@policy_directory
@json_option
def test(directory: Path | None, *, as_json: bool) -> None:
    """Run the golden cases of a bundle."""
    from gateway.decisions import BundleError
    from gateway.governance.policies import bundle, cases

    try:
        results = cases.run_tests(bundle.read_bundle(directory))
    except BundleError as error:
        raise click.ClickException(str(error)) from error
    failed = [dataclasses.asdict(result) for result in results if not result.passed]
    show({"cases": len(results), "failed": len(failed), "failures": failed}, as_json=as_json)
    sys.exit(0 if not failed else 1)


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


def _compared(settings: Settings, body: dict[str, Any]) -> dict[str, Any]:
    return dict(ask(settings, "POST", "/policies/difference", body))


def _show_report(report: dict[str, Any], language: str, *, as_json: bool) -> None:
    if as_json:
        show(report, as_json=True)
        return
    for sentence in report["sentences"][language]:
        click.echo(sentence)
