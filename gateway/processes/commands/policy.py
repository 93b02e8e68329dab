"""``sluis policy``: look at a bundle in files, before anybody proposes it."""

import dataclasses
import sys
from pathlib import Path

import click

from gateway.processes.commands.common import example, json_option, show

_directory = click.argument(
    "directory", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)


@click.group()
def policy() -> None:
    """Check and test policy bundles."""


@policy.command("check", epilog=example("sluis policy check policies/"))
@_directory
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
@_directory
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
