"""``sluis migrate`` and ``sluis doctor``: the installation on this machine."""

import sys
from pathlib import Path

import click

from gateway.processes.commands.common import (
    data_dir_option,
    example,
    json_option,
    run,
    settings_of,
)
from gateway.processes.commands.printing import show


@click.command(epilog=example("SLUIS_DATABASE_URL=postgresql://… sluis migrate"))
@data_dir_option
def migrate(data_dir: Path | None) -> None:
    """Bring the database to this version."""
    from gateway.processes import maintenance

    run(maintenance.migrate(settings_of(data_dir)))
    click.echo("The database is up to date.")


@click.command(epilog=example("sluis doctor"))
@data_dir_option
@json_option
def doctor(data_dir: Path | None, *, as_json: bool) -> None:
    """Check this installation and say what to do about what is wrong."""
    from gateway.processes import maintenance

    report = run(maintenance.doctor(settings_of(data_dir)))
    show(report, as_json=as_json)
    sys.exit(0 if all(line["ok"] for line in report["checks"]) else 1)
