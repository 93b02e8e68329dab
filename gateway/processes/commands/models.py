"""``sluis models``: register, approve, list, tag and quarantine versions."""

from pathlib import Path
from urllib.parse import quote

import click

from gateway.processes.commands.common import Report, anywhere, ask, example, json_option, show
from gateway.processes.settings import Settings

_tag_option = click.option("--tag", default="production", show_default=True)


@click.group()
def models() -> None:
    """Register, approve and serve model versions."""


@models.command(
    "register", epilog=example("sluis models register letters 2 --base DIR --adapter DIR")
)
@click.argument("name")
@click.argument("version")
@click.option(
    "--base",
    required=True,
    type=click.Path(path_type=Path),
    help="Directory of the model; with --url, on the control plane's machine.",
)
@click.option("--adapter", default=None, type=click.Path(path_type=Path))
@click.option("--clearance", default="restricted", show_default=True)
@anywhere
@json_option
def register(
    name: str,
    version: str,
    base: Path,
    adapter: Path | None,
    clearance: str,
    settings: Settings,
    *,
    as_json: bool,
) -> None:
    """Register a version as a draft, by the digests of its files."""
    body = {
        "name": name,
        "version": version,
        "clearance": clearance,
        "base": _directory(base, settings),
        "adapter": _directory(adapter, settings) if adapter else None,
    }
    done = ask(settings, "POST", "/models", body)
    following = f"another person approves it: sluis models approve {name} {version}"
    show({"model": f"{name}@{version}", **done, "next": following}, as_json=as_json)


@models.command("list", epilog=example("sluis models list"))
@anywhere
@json_option
def list_(settings: Settings, *, as_json: bool) -> None:
    """List all versions with state, digest and tags."""
    found: list[Report] = ask(settings, "GET", "/models")["models"]
    shown = [{k: v for k, v in version.items() if k != "card"} for version in found]
    show({"models": shown}, as_json=as_json)


@models.command("approve", epilog=example("sluis models approve letters 2"))
@click.argument("name")
@click.argument("version")
@anywhere
@json_option
def approve(name: str, version: str, settings: Settings, *, as_json: bool) -> None:
    """Approve a draft that another person registered; its files are hashed again."""
    done = ask(settings, "POST", _path(name, version, "approve"))
    show({"model": f"{name}@{version}", **done}, as_json=as_json)


@models.command("promote", epilog=example("sluis models promote letters 2 --tag production"))
@click.argument("name")
@click.argument("version")
@_tag_option
@anywhere
@json_option
def promote(name: str, version: str, tag: str, settings: Settings, *, as_json: bool) -> None:
    """Point a tag at an approved version."""
    done = ask(settings, "POST", _path(name, version, "promote"), {"tag": tag})
    show({"model": f"{name}@{tag}", "version": done["version"]}, as_json=as_json)


@models.command("rollback", epilog=example("sluis models rollback letters --tag production"))
@click.argument("name")
@_tag_option
@anywhere
@json_option
def rollback(name: str, tag: str, settings: Settings, *, as_json: bool) -> None:
    """Point a tag back at the version before."""
    done = ask(settings, "POST", _path(name, "rollback"), {"tag": tag})
    show({"model": f"{name}@{tag}", "version": done["version"]}, as_json=as_json)


@models.command(
    "quarantine", epilog=example('sluis models quarantine letters 2 --reason "wrong advice"')
)
@click.argument("name")
@click.argument("version")
@click.option("--reason", required=True)
@anywhere
@json_option
def quarantine(name: str, version: str, reason: str, settings: Settings, *, as_json: bool) -> None:
    """Take a version out of service at once."""
    done = ask(settings, "POST", _path(name, version, "quarantine"), {"reason": reason})
    show({"model": f"{name}@{version}", **done}, as_json=as_json)


def _path(*steps: str) -> str:
    return "/".join(("/models", *(quote(step, safe="") for step in steps)))


def _directory(directory: Path, settings: Settings) -> str:
    """The absolute path of a directory on the control plane's machine."""
    if settings.remote_url is None:
        return str(directory.resolve())
    if not directory.is_absolute():
        raise click.UsageError(
            f"{directory}: with --url, give the absolute path on the control plane's machine."
        )
    return str(directory)
