"""``sluis subjects``: what is stored of a person, as a package for that person."""

from pathlib import Path

import click

from gateway.processes.commands.common import anywhere, example, json_option, run, show
from gateway.processes.settings import Settings

_REASON = "request of the person (GDPR article 15)"


@click.group()
def subjects() -> None:
    """Answer a person who asks what is stored."""


@subjects.command(
    "export",
    epilog=example(
        "sluis subjects export --type EMAIL --value jan@example.nl --type PERSON "
        "--value 'Jan de Vries' --output jan.zip"
    ),
)
@click.option(
    "--type",
    "types",
    multiple=True,
    required=True,
    help="The type of an identifier; repeat it, each with its --value.",
)
@click.option("--value", "values", multiple=True, required=True, help="The identifier itself.")
@click.option(
    "--reason", default=_REASON, show_default=True, help="Why; without the person's name or number."
)
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@anywhere
@json_option
def export(
    settings: Settings,
    types: tuple[str, ...],
    values: tuple[str, ...],
    reason: str,
    output: Path,
    *,
    as_json: bool,
) -> None:
    """Write all that is stored of a person, explained in Dutch and English."""
    from gateway.processes import control_client

    if len(types) != len(values):
        raise click.UsageError("Give one --value for each --type.")
    named = [
        {"type": type_.strip().upper(), "value": value}
        for type_, value in zip(types, values, strict=True)
    ]
    body = {"subjects": named, "reason": reason}
    done = run(control_client.package(settings, "/subjects/export", body, output))
    show({**done, "written": str(output)}, as_json=as_json)
