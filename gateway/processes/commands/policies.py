"""``sluis policy``: check and test the files of a bundle, and propose them."""

import dataclasses
import sys
from pathlib import Path

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option, show
from gateway.processes.settings import Settings

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
policy_directory = click.argument("directory", required=False, type=_FOLDER)


@click.group()
def policy() -> None:
    """Check, test and propose policy bundles."""


@policy.command("check", epilog=example("sluis policy check policies/"))
@policy_directory
@json_option
def check(directory: Path | None, *, as_json: bool) -> None:
    """Compile a bundle and prove its invariants over all levels and zones."""
    from gateway.decisions import BundleError
    from gateway.governance.policies import service

    try:
        compiled = service.check(service.read_bundle(directory))
    except BundleError as error:
        raise click.ClickException(str(error)) from error
    show({"ok": True, "digest": compiled.digest}, as_json=as_json)


@policy.command("test", epilog=example("sluis policy test policies/"))
@policy_directory
@json_option
def test(directory: Path | None, *, as_json: bool) -> None:
    """Run the golden cases of a bundle."""
    from gateway.decisions import BundleError
    from gateway.governance.policies import service

    try:
        results = service.run_tests(service.read_bundle(directory))
    except BundleError as error:
        raise click.ClickException(str(error)) from error
    failed = [dataclasses.asdict(result) for result in results if not result.passed]
    show({"cases": len(results), "failed": len(failed), "failures": failed}, as_json=as_json)
    sys.exit(0 if not failed else 1)


@policy.command(
    "propose", epilog=example("sluis policy propose policies/ --comment 'names to eu redacted'")
)
@click.argument("directory", type=_FOLDER)
@click.option("--comment", default="", help="Why, for the person who decides.")
@anywhere
@json_option
def propose(settings: Settings, directory: Path, comment: str, *, as_json: bool) -> None:
    """Propose the files of a bundle; files that DIRECTORY lacks stay as they are."""
    from gateway.decisions import BundleError
    from gateway.governance.policies import service

    try:
        files = service.read_bundle(directory)
    except BundleError as error:
        raise click.ClickException(str(error)) from error
    if not files:
        raise click.ClickException(f"{directory} holds no policy files: give a bundle's directory.")
    done = ask(settings, "POST", "/policies/proposals", {"files": files, "comment": comment})
    following = f"another person decides: sluis proposals approve {done['id']}"
    show({**done, "next": following}, as_json=as_json)
