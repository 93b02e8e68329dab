"""``sluis erase``: what is stored of a person, and destroying it."""

from pathlib import Path

import click

from gateway.processes.commands.common import anywhere, ask, example, json_option, show
from gateway.processes.settings import Settings


@click.command(
    epilog=example(
        "sluis erase --subject 'PERSON=Jan de Vries' --subject EMAIL=jan@example.nl "
        "--reason 'request 2026-117'\n  sluis erase --replay .sluis.erasures.jsonl"
    )
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
    help="After a restore: erase again whom this file of erasures names.",
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
    """Destroy the keys of all stored values of a person."""
    if replay is not None:
        if subjects or dry_run:
            raise click.UsageError("--replay takes all from its file: leave the rest out.")
        _replay(settings, replay, as_json=as_json)
        return
    if not subjects or not reason:
        raise click.UsageError("Give --subject and --reason (or --replay).")
    body = {"subjects": [subject_of(given) for given in subjects], "reason": reason}
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


def subject_of(given: str) -> dict[str, str]:
    """An identifier that was given as TYPE=VALUE."""
    type_, equals, value = given.partition("=")
    if not equals or not value.strip():
        raise click.UsageError("--subject must be TYPE=VALUE, for example EMAIL=jan@example.nl.")
    return {"type": type_.strip().upper(), "value": value}
