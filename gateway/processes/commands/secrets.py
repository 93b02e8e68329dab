"""``sluis secrets``: create the secrets of a production installation, and wrap its key."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.processes.commands.common import (
    data_dir_option,
    example,
    json_option,
    run,
    settings_of,
)
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

if TYPE_CHECKING:
    from gateway.processes.kek_wrapping import KeySpec

_directory = click.argument(
    "directory", required=False, type=click.Path(path_type=Path, file_okay=False)
)
_OPTIONS = (
    click.option(
        "--vault",
        metavar="URL",
        help="A Vault or OpenBao with a transit engine; "
        "the token is in VAULT_TOKEN or VAULT_TOKEN_FILE.",
    ),
    click.option(
        "--kms",
        metavar="URL",
        help="AWS KMS; the login is in AWS_ACCESS_KEY_ID, "
        "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.",
    ),
    click.option("--key", help="Its key: the name in Vault, the ARN in AWS."),
    click.option("--mount", help="Where the transit engine is (default: transit)."),
    click.option("--region", help="Default: what the ARN or the address of KMS says."),
)


@click.group()
def secrets() -> None:
    """Make and guard the secrets of a production installation."""


@secrets.command("create", epilog=example("sluis secrets create ./secrets"))
@_directory
@data_dir_option
def create_secrets(directory: Path | None, data_dir: Path | None) -> None:
    """Write a new secrets directory, once; keep it as a Kubernetes Secret and in a safe."""
    from gateway.core.system.secrets import create

    target = directory or settings_of(data_dir).secrets_dir
    if target.exists() and any(target.iterdir()):
        raise click.ClickException(f"{target} is not empty; secrets are never overwritten.")
    create(target)
    click.echo(f"Wrote {target}. Without it stored keys, payloads and signatures are lost.")


def _with_key(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that name a key; the command gets ``named``, ``settings``, ``directory``."""

    @functools.wraps(command)
    def named(
        *, directory: Path | None, data_dir: Path | None, as_json: bool, **options: str | None
    ) -> None:
        from gateway.processes.kek_wrapping import KeySpec

        settings = settings_of(data_dir)
        command(KeySpec(**options), settings, directory or settings.secrets_dir, as_json=as_json)

    for option in reversed((_directory, *_OPTIONS, data_dir_option, json_option)):
        named = option(named)
    return named


@secrets.command(
    "wrap",
    epilog=example(
        "sluis secrets wrap --vault https://vault.example.nl:8200 --key sluis\n  "
        "sluis secrets wrap --kms https://kms.eu-central-1.amazonaws.com --key arn:aws:kms:…"
    ),
)
@_with_key
def wrap_secrets(named: "KeySpec", settings: Settings, directory: Path, *, as_json: bool) -> None:
    """Wrap the key-encryption key with a key service; the key itself leaves the disk.

    Replaces kek in the secrets directory by kek.wrapped, after the service was seen to open it.
    From then on every start asks the service once. Copies of kek elsewhere, such as in backups,
    still open everything: destroy them.
    """
    from gateway.processes import kek_wrapping

    show(run(kek_wrapping.wrap(directory, named, settings.key_logins)), as_json=as_json)


@secrets.command(
    "rewrap", epilog=example("sluis secrets rewrap\n  sluis secrets rewrap --key sluis-2")
)
@_with_key
def rewrap_secrets(named: "KeySpec", settings: Settings, directory: Path, *, as_json: bool) -> None:
    """Wrap the key anew: under the newest version of its key, or another key or service.

    Running processes are not touched; the next start uses it. Without options the service and the
    key stay the same.
    """
    from gateway.processes import kek_wrapping

    show(run(kek_wrapping.rewrap(directory, named, settings.key_logins)), as_json=as_json)
