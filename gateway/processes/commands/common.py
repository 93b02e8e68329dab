"""Parts that all commands share: options, target, error messages, printing."""

import copy
import datetime
import functools
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import uvloop

from gateway.core.errors import ConfigError, Refusal, TrailDamaged, Unavailable
from gateway.core.snapshot import SnapshotError
from gateway.core.system.secrets import SecretsMissing
from gateway.core.text import yaml_text
from gateway.processes.commands.printing import Report
from gateway.processes.setting_values import SettingsError
from gateway.processes.settings import Settings, read

_KNOWN = (
    Refusal,
    SecretsMissing,
    SettingsError,
    ConfigError,
    TrailDamaged,
    SnapshotError,
)

data_dir_option = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where everything is kept (default: SLUIS_DATA_DIR or .sluis).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_url_option = click.option(
    "--url",
    envvar="SLUIS_URL",
    show_envvar=True,
    default=None,
    help="Act on the control plane at this address, with the bearer token in SLUIS_TOKEN "
    "(an admin key, or a token of your sign-on). Default: this machine, as the local operator.",
)


def anywhere(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a command that acts on this machine or elsewhere; it gets ``settings``."""

    @data_dir_option
    @_url_option
    @functools.wraps(command)
    def located(*args: Any, data_dir: Path | None, url: str | None, **options: Any) -> None:
        if url and data_dir:
            raise click.UsageError(
                "--data-dir is this machine and --url is another: give one, or unset SLUIS_URL."
            )
        command(*args, settings=settings_of(data_dir, url), **options)

    return located


def settings_of(data_dir: Path | None = None, url: str | None = None) -> Settings:
    """Settings from the environment; the command line takes precedence."""
    try:
        return read(data_dir=data_dir, remote_url=url)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a job; an error that an operator can solve becomes one clear line."""
    try:
        with refusals_shown():
            return uvloop.run(work)
    except KeyboardInterrupt:
        return None


@contextmanager
def refusals_shown() -> Iterator[None]:
    """Turn an error that an operator can solve into one clear line."""
    try:
        yield
    except _KNOWN as error:
        raise click.ClickException(_message(error)) from error
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise click.ClickException(f"{where}{error.strerror or error}.") from error


def _message(error: Exception) -> str:
    """The message of an error; with its cause when a part of the installation is unavailable."""
    message = str(getattr(error, "message", None) or error)
    cause = error.__cause__
    if not isinstance(error, Unavailable) or cause is None:
        return message
    first = str(getattr(cause, "orig", None) or cause).partition("\n")[0]
    return f"{message}\n  {type(cause).__name__}: {first}"


def ask(settings: Settings, method: str, path: str, body: Report | None = None) -> Any:
    """Send one request to the control plane: in this process, or at ``settings.remote_url``."""
    from gateway.processes import control_client

    return run(control_client.ask(settings, method, path, body))


def example(text: str) -> str:
    """The example under a command's help."""
    return "\b\nExample:\n  " + text


def moment(text: str, *, end: bool) -> int:
    """Epoch milliseconds of an ISO 8601 day or moment; a day as an end means its last moment."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise click.ClickException(
            f"{text!r} is not a day or moment such as 2026-11-24."
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    day = datetime.timedelta(days=1)
    if end and len(text) == 10:
        latest = datetime.datetime.max.replace(tzinfo=moment.tzinfo)
        moment = min(moment, latest - day) + day
    return int(moment.timestamp() * 1000)


def identifier(text: str) -> dict[str, str]:
    """An identifier of a person, from TYPE=VALUE."""
    type_, equals, value = text.partition("=")
    if not equals or not value.strip():
        raise click.UsageError("--subject must be TYPE=VALUE, for example EMAIL=jan@example.nl.")
    return {"type": type_.strip().upper(), "value": value}


def hidden_alias(command: click.Command, name: str) -> click.Command:
    """The command under a former name, which the help does not list."""
    former = copy.copy(command)
    former.name, former.hidden = name, True
    return former


def fields_option(help_: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option for a YAML file with the fields of an object."""
    return click.option(
        "-f",
        "--file",
        "path",
        required=True,
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help=help_,
    )


def fields_in(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file, with days as texts, as JSON has them.

    Raises:
        ClickException: names the file and what is wrong with it.
    """
    try:
        fields = yaml_text.mapping(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path}: {error}") from error
    return {
        str(name): value.isoformat() if isinstance(value, datetime.date) else value
        for name, value in fields.items()
    }
