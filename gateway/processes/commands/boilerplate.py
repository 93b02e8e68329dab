"""``sluis policy boilerplate``: review what a client sends with every request."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import yaml

from gateway.processes.commands.common import example, json_option
from gateway.processes.commands.policies import policy_directory
from gateway.processes.commands.printing import show

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_recordings = click.argument("recordings", nargs=-1, required=True, type=_FILE)


@click.group("boilerplate")
def boilerplate() -> None:
    """Review the instructions and tools that a client sends with every request.

    The gateway does not scan reviewed text. A RECORDING is a file of request bodies, as JSON
    or one a line. Give two or more, of different users and projects: only the paragraphs and lines
    that all of them hold count. They are listed as digests in boilerplate.yaml of a policy bundle,
    which another person approves.
    """


@boilerplate.command("list", epilog=example("sluis policy boilerplate list policies/"))
@policy_directory
@json_option
def list_releases(directory: Path | None, *, as_json: bool) -> None:
    """List the reviewed clients and versions of a bundle."""
    from gateway.decisions import BundleError
    from gateway.governance.policies import bundle

    try:
        compiled = bundle.check(bundle.read_bundle(directory))
    except BundleError as error:
        raise click.ClickException(str(error)) from error
    releases = [
        {
            "client": one.client,
            "version": one.version,
            "paragraphs": len(one.digests),
            "reviewed_by": one.reviewed_by,
            "reviewed_on": one.reviewed_on.isoformat(),
        }
        for one in compiled.boilerplate.releases
    ]
    show({"releases": releases}, as_json=as_json)


@boilerplate.command("show", epilog=example("sluis policy boilerplate show one.json two.json"))
@_recordings
def show_paragraphs(recordings: Sequence[Path]) -> None:
    """Print what all recordings hold, by paragraph or line, for the person who reviews it."""
    for digest, text in _common(recordings).items():
        click.echo(f"{digest}\n{text}\n")


@boilerplate.command(
    "digest",
    epilog=example(
        "sluis policy boilerplate digest one.json two.json "
        "--client 'Claude Code' --release 2.1.197 --by 'A. Jansen'"
    ),
)
@_recordings
@click.option("--client", required=True, help="The name of the client.")
@click.option("--release", required=True, help="The version of the client.")
@click.option("--by", required=True, help="Who has read the paragraphs that `show` prints.")
def digest(recordings: Sequence[Path], client: str, release: str, by: str) -> None:
    """Print the entry of boilerplate.yaml for the paragraphs that all recordings hold."""
    entry = {
        "client": client,
        "version": release,
        "reviewed_by": by,
        "reviewed_on": datetime.now(tz=UTC).date(),
        "digests": list(_common(recordings)),
    }
    click.echo(yaml.safe_dump([entry], sort_keys=False, allow_unicode=True), nl=False)


@boilerplate.command(
    "template",
    epilog=example(
        "sluis policy boilerplate template refine.txt judge.txt "
        "--application 'Case summaries' --release 4 --by 'A. Jansen'"
    ),
)
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--application", required=True, help="The name of the application.")
@click.option("--release", required=True, help="The version of its templates.")
@click.option("--by", required=True, help="Who has read the templates.")
def template_entry(files: Sequence[Path], application: str, release: str, by: str) -> None:
    """Print the entry of boilerplate.yaml for the prompt templates of an application.

    Each FILE is one template as text, with {slots} where the application fills in what a person
    or a document says. Rules on attacks, and detection, read what is filled in and not the
    template. The part of a sentence beside a slot and pieces shorter than 40 characters are read:
    they are printed on stderr. Let a slot stand in a line or sentence of its own.
    """
    from gateway.privacy.boilerplate import template

    found = [template(_read(file)) for file in files]
    entry = {
        "client": application,
        "version": release,
        "reviewed_by": by,
        "reviewed_on": datetime.now(tz=UTC).date(),
        "digests": [digest for one in found for digest in one.texts if digest not in one.sentences],
        "sentences": [digest for one in found for digest in one.sentences],
    }
    click.echo(yaml.safe_dump([entry], sort_keys=False, allow_unicode=True), nl=False)
    for one in found:
        for sentence in one.unlisted:
            click.echo(f"still read: {sentence}", err=True)


def _each(lists: Iterable[Iterable[str]]) -> list[str]:
    return sorted({digest for one in lists for digest in one})


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is no text in UTF-8.") from error


def _common(recordings: Sequence[Path]) -> dict[str, str]:
    from gateway.privacy.boilerplate import common

    if len(recordings) < 2:
        raise click.UsageError(
            "Give at least two recordings, of different users and projects: what only one of "
            "them holds may be personal data."
        )
    return common(map(_texts, recordings))


def _texts(recording: Path) -> Iterator[str]:
    """Yield the strings of the request bodies in a file."""
    try:
        text = recording.read_text(encoding="utf-8")
        yield from _strings(_bodies(text))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise click.ClickException(
            f"{recording} is no recording: it must hold request bodies as JSON, or one a line."
        ) from error


def _bodies(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)
