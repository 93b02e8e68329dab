"""``sluis acceptance``: check an installation as its clients use it, with a signed report."""

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


@click.command(
    "acceptance",
    epilog=example(
        "SLUIS_ACCEPTANCE_KEY=sk-… sluis acceptance --gateway https://llm.example.nl "
        "--output acceptance.json\n"
        "  sluis acceptance --gateway http://10.0.0.11:8080 --gateway http://10.0.0.12:8080 "
        "--control http://10.0.0.13:8081 --language nl --output acceptatie.json\n"
        "  sluis reports verify acceptance.json --key signing.pub"
    ),
)
@click.option(
    "--gateway",
    "gateways",
    multiple=True,
    required=True,
    help="The address of a gateway; repeat it. Requests go to the first.",
)
@click.option("--control", help="The address of the control plane.")
@click.option(
    "--key",
    envvar="SLUIS_ACCEPTANCE_KEY",
    show_envvar=True,
    help="An API key for short requests to every deployment; give it in the variable.",
)
@click.option(
    "--token",
    envvar="SLUIS_ACCEPTANCE_TOKEN",
    show_envvar=True,
    help="A token of the sign-on, whose rights are shown; give it in the variable.",
)
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The signed report (JSON); the text is beside it, with the suffix .txt.",
)
@click.option("--language", type=click.Choice(["en", "nl"]), default="en", show_default=True)
@data_dir_option
@json_option
def acceptance(
    gateways: tuple[str, ...],
    control: str | None,
    key: str | None,
    token: str | None,
    output: Path,
    language: str,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Check sign-on, proxies, providers, database, keys and detectors; write a signed report.

    Run it where the control plane runs: it needs the database and signs with the installation's
    key. Requests cost some tokens and hold no personal data; the person in one of them is invented.
    Exit code 0 only without faults.
    """
    from gateway.processes.acceptance.report import as_text
    from gateway.processes.acceptance.run import Subject, accept

    subject = Subject(gateways, control, key, token)
    facts = run(accept(settings_of(data_dir), subject, language=language, output=output))
    if as_json:
        show({"written": str(output), **facts.summary()}, as_json=True)
    else:
        click.echo(as_text(facts, language), nl=False)
    sys.exit(1 if facts.faults else 0)
