"""``sluis subjects``: export or erase what is stored of a person."""

from pathlib import Path

import click

from gateway.processes.commands.common import anywhere, ask, example, identifier, json_option, run
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_ACCESS_REQUEST = "request of the person (GDPR article 15)"


@click.group()
def subjects() -> None:
    """Answer a person who asks what is stored, or asks to erase it."""


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
    "--reason",
    default=_ACCESS_REQUEST,
    show_default=True,
    help="Why; without the person's name or number.",
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


@subjects.command(
    "erase",
    epilog=example(
        "sluis subjects erase --subject 'PERSON=Jan de Vries' --subject EMAIL=jan@example.nl "
        "--reason 'request 2026-117'\n  sluis erase --replay .sluis.erasures.jsonl"
    ),
)
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    metavar="TYPE=VALUE",
    help="An identifier of the person; repeat it for each one and each spelling.",
)
@click.option("--reason", help="Why; without the person's name or number.")
@click.option("--dry-run", is_flag=True, help="Only count, and show the entries.")
@click.option(
    "--replay",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="After a restore: erase again the persons in this file of erasures.",
)
@anywhere
@json_option
def erase(
    settings: Settings,
    subjects: tuple[str, ...],
    reason: str | None,
    replay: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Destroy the keys of all stored values of a person.

    `sluis erase` and `sluis subjects erase` are the same command.
    """
    if replay is not None:
        if subjects or dry_run:
            raise click.UsageError("--replay takes all from its file: leave the rest out.")
        _replay(settings, replay, as_json=as_json)
        return
    if not subjects or not reason:
        raise click.UsageError("Give --subject and --reason (or --replay).")
    body = {"subjects": [identifier(text) for text in subjects], "reason": reason}
    path = "/subjects/find" if dry_run else "/subjects/erase"
    show(ask(settings, "POST", path, body), as_json=as_json)


def _replay(settings: Settings, path: Path, *, as_json: bool) -> None:
    import msgspec

    from gateway.core.errors import InvalidRequest
    from gateway.governance.data_subjects.tombstones import read

    try:
        stones = [msgspec.to_builtins(stone) for stone in read(path)]
    except InvalidRequest as error:
        raise click.ClickException(error.message) from error
    done = ask(settings, "POST", "/subjects/replay", {"tombstones": stones})
    show(done, as_json=as_json)
    if done["on_hold"]:
        raise click.ClickException(
            f"{done['on_hold']} of them are under a legal hold in this database and were not "
            "erased: release the hold, then replay again."
        )
