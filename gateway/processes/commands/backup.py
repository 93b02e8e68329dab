"""``sluis backup``: a copy of an embedded installation, made while it runs."""

from pathlib import Path

import click

from gateway.processes.commands.common import (
    data_dir_option,
    example,
    json_option,
    refusals_shown,
    settings_of,
)
from gateway.processes.commands.printing import show

_directory = click.Path(path_type=Path, file_okay=False)


@click.command(
    "backup",
    epilog=example("sluis backup --output /backup/data-1130 --secrets /safe/secrets-1130"),
)
@click.option("--output", required=True, type=_directory, help="A new directory for the data.")
@click.option(
    "--secrets",
    type=_directory,
    help="A new directory for the secrets; keep it elsewhere. Without it they are not copied.",
)
@data_dir_option
@json_option
def backup(output: Path, secrets: Path | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Copy databases and ledgers while processes run (embedded mode only).

    With PostgreSQL use pg_dump. Neither the newest signed head nor the file of erasures is part of
    a backup: they say what a restored backup lacks.
    """
    from gateway.processes.backup import back_up

    with refusals_shown():
        done = back_up(settings_of(data_dir), output, secrets)
    show(done, as_json=as_json)
