"""``sluis apply``: set the catalogue to the content of a file."""

from pathlib import Path

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option, show
from gateway.processes.settings import Settings


@click.command(
    epilog=example(
        "sluis apply -f sluis.yaml\n"
        "  SLUIS_TOKEN=… sluis apply -f sluis.yaml --url https://control.example.nl"
    )
)
@click.option(
    "-f",
    "--file",
    "path",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@anywhere
@json_option
def apply(path: Path, settings: Settings, *, as_json: bool) -> None:
    """Make the catalogue what a sluis.yaml says.

    `env:NAME` is read where the control plane runs.
    """
    body = {"text": path.read_text(encoding="utf-8"), "source": path.name}
    done = ask(settings, "POST", "/apply", body)
    warnings = [{"warning": warning} for warning in done["warnings"]]
    report = {**done["applied"], "snapshot": done["snapshot"], "warnings": warnings}
    show(report, as_json=as_json)
