"""``sluis teams``, ``sluis use-cases``, ``sluis mandates``: list, show, set and delete records."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from gateway.core.objects.kinds import KINDS
from gateway.core.objects.mandates import MANDATE
from gateway.processes.commands.common import (
    anywhere,
    ask,
    example,
    fields_in,
    fields_option,
    json_option,
)
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings


def _group(
    kind: str, about: str, *, sample: str, delete: str, listed: Sequence[str] = ()
) -> click.Group:
    """The commands for the records of a kind.

    ``sample`` is a name for examples. ``listed`` are the fields that a list shows to people.
    """
    one = KINDS[kind].label.en.lower()
    command = f"{one.replace(' ', '-')}s"
    place = f"/{command}"

    def path_of(name: str) -> str:
        return f"{place}/{quote(name, safe='')}"

    @click.group(command, help=about)
    def group() -> None:
        pass

    @group.command(
        "list", help=f"List all {one}s, with their state.", epilog=example(f"sluis {command} list")
    )
    @anywhere
    @json_option
    def list_(settings: Settings, *, as_json: bool) -> None:
        answer = ask(settings, "GET", place)
        show(answer if as_json else _lines(answer, listed), as_json=as_json)

    @group.command(
        "show",
        help=f"Show all that is stated about a {one}.",
        epilog=example(f"sluis {command} show {sample}"),
    )
    @click.argument("name")
    @anywhere
    @json_option
    def show_(name: str, settings: Settings, *, as_json: bool) -> None:
        found = ask(settings, "GET", path_of(name))
        stated = {field: value for field, value in found.items() if value is not None}
        show(found if as_json else stated, as_json=as_json)

    @group.command(
        "set",
        help=f"Create a {one}, or change all that is stated about it.\n\n"
        "What widens waits for another person; the answer names the proposal.",
        epilog=example(f"sluis {command} set {sample} --file {sample}.yaml"),
    )
    @click.argument("name")
    @fields_option(f"YAML with the fields of a {one}.")
    @anywhere
    @json_option
    def set_(name: str, path: Path, settings: Settings, *, as_json: bool) -> None:
        body = fields_in(path)
        if body.pop("name", name) != name:
            raise click.ClickException(f"{path}: these are the fields of another {one}.")
        show(ask(settings, "PUT", path_of(name), body), as_json=as_json)

    @group.command("delete", help=delete, epilog=example(f"sluis {command} delete {sample}"))
    @click.argument("name")
    @anywhere
    @json_option
    def delete_(name: str, settings: Settings, *, as_json: bool) -> None:
        show(ask(settings, "DELETE", path_of(name)), as_json=as_json)

    return group


def _lines(answer: dict[str, Any], listed: Sequence[str]) -> dict[str, Any]:
    """An answer with these fields of each record; with all where none are named."""
    return {
        part: [_line(row, listed) for row in rows] if listed and isinstance(rows, list) else rows
        for part, rows in answer.items()
    }


def _line(row: dict[str, Any], listed: Sequence[str]) -> dict[str, Any]:
    state = {"stopped": "stopped"} if row.get("stopped") else {}
    return {field: row[field] for field in listed} | state


GROUPS = (
    _group(
        "team",
        "Groups of keys that share a budget and limits.",
        sample="support",
        delete="Delete a team that no live key names.",
    ),
    _group(
        "use_case",
        "Registered purposes: who answers for them, their risk and their review.",
        sample="letters",
        delete="Delete the record of a use case that no key is for.",
        listed=("name", "owner", "risk", "source", "review", "review_state", "lacking"),
    ),
    _group(
        MANDATE,
        "Bounds, given by two persons, within which one person acts alone.",
        sample="daily",
        delete="End a mandate at once. What was changed under it stays.",
        listed=("name", "holder", "role", "until", "ended", "mine"),
    ),
)
