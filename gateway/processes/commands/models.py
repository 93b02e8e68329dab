"""``sluis models``: register, approve, list, tag and quarantine versions."""

from pathlib import Path
from typing import TextIO
from urllib.parse import quote, urlencode

import click

from gateway.processes.commands import approving
from gateway.processes.commands.common import anywhere, ask, example, json_option, run
from gateway.processes.commands.printing import Report, show
from gateway.processes.settings import Settings

_card_option = click.option(
    "--card",
    default=None,
    type=click.File(encoding="utf-8"),
    help="A README with front matter; by default that of the files.",
)
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
@click.option("--upload", is_flag=True, help="Send the files of this machine, and register those.")
@click.option("--clearance", default="restricted", show_default=True)
@_card_option
@anywhere
@json_option
def register(
    name: str,
    version: str,
    base: Path,
    adapter: Path | None,
    clearance: str,
    card: TextIO | None,
    settings: Settings,
    *,
    upload: bool,
    as_json: bool,
) -> None:
    """Register a version as a draft, by the digests of its files."""
    place = _uploaded if upload else _directory
    body = {
        "name": name,
        "version": version,
        "clearance": clearance,
        "base": place(base, settings),
        "adapter": place(adapter, settings) if adapter else None,
    }
    _register(settings, body, card, as_json=as_json)


@models.command(
    "register-engine",
    epilog=example(
        "sluis models register-engine chat 1 --served-name chat-v1 "
        "--source Qwen/Qwen3-8B --revision 9c1f2e0"
    ),
)
@click.argument("name")
@click.argument("version")
@click.option("--served-name", required=True, help="The name that the engine lists and serves.")
@click.option("--engine", default="vllm", show_default=True, help="The program that serves it.")
@click.option("--source", required=True, help="Where its files came from.")
@click.option("--revision", required=True, help="The revision of its source, such as a commit.")
@click.option("--clearance", default="restricted", show_default=True)
@_card_option
@anywhere
@json_option
def register_engine(
    name: str,
    version: str,
    clearance: str,
    card: TextIO | None,
    settings: Settings,
    *,
    as_json: bool,
    **stated: str,
) -> None:
    """Register a model in an engine of your own, whose files are not on this machine."""
    body = {"name": name, "version": version, "clearance": clearance, "engine": stated}
    _register(settings, body, card, as_json=as_json)


@models.command(
    "register-external",
    epilog=example(
        "sluis models register-external gpt 2025-08 --provider openai-eu --model gpt-5-mini "
        "--snapshot gpt-5-mini-2025-08-07 --region EU --contract C-2025-014"
    ),
)
@click.argument("name")
@click.argument("version")
@click.option("--provider", required=True, help="The provider's name in sluis.yaml.")
@click.option("--model", required=True, help="The name by which it is asked for.")
@click.option("--snapshot", default=None, help="The dated name that the provider answers with.")
@click.option("--region", required=True, help="Where it runs.")
@click.option("--contract", required=True, help="The reference of the contract.")
@click.option("--clearance", default="restricted", show_default=True)
@_card_option
@anywhere
@json_option
def register_external(
    name: str,
    version: str,
    clearance: str,
    card: TextIO | None,
    settings: Settings,
    *,
    as_json: bool,
    **stated: str | None,
) -> None:
    """Register a model of a commercial provider, pinned to what is stated about it."""
    body = {"name": name, "version": version, "clearance": clearance, "external": stated}
    _register(settings, body, card, as_json=as_json)


def _register(settings: Settings, body: Report, card: TextIO | None, *, as_json: bool) -> None:
    text = card.read() if card else None
    done = ask(settings, "POST", "/models", {**body, "card": text})
    name, version = body["name"], body["version"]
    following = f"another person approves it: sluis models approve {name} {version}"
    show({"model": f"{name}@{version}", **done, "next": following}, as_json=as_json)


@models.command("list", epilog=example("sluis models list"))
@anywhere
@json_option
def list_(settings: Settings, *, as_json: bool) -> None:
    """List all versions with state, digest and tags."""
    found: list[Report] = ask(settings, "GET", "/models")["models"]
    left_out = ("card", "approvals", "statement")
    shown = [
        {k: v for k, v in version.items() if as_json or k not in left_out} for version in found
    ]
    show({"models": shown}, as_json=as_json)


@models.command("set-card", epilog=example("sluis models set-card letters 2 README.md"))
@click.argument("name")
@click.argument("version")
@click.argument("file", type=click.File(encoding="utf-8"))
@anywhere
@json_option
def set_card(name: str, version: str, file: TextIO, settings: Settings, *, as_json: bool) -> None:
    """Set the card of a version that is not approved yet, from a README with front matter."""
    done = ask(settings, "PUT", _path(name, version, "card"), {"text": file.read()})
    show({"model": f"{name}@{version}", "missing": done["missing"]}, as_json=as_json)


@models.command("card", epilog=example("sluis models card letters 2 > README.md"))
@click.argument("name")
@click.argument("version")
@anywhere
@json_option
def card_(name: str, version: str, settings: Settings, *, as_json: bool) -> None:
    """Print the card of a version as a README for Hugging Face, in Dutch and English.

    With --json, print what it states and what an approval still needs.
    """
    found = ask(settings, "GET", _path(name, version, "card"))
    if as_json:
        show(found, as_json=True)
    else:
        click.echo(found["readme"], nl=False)


@models.command("bom", epilog=example("sluis models bom letters 2 > letters.cdx.json"))
@click.argument("name")
@click.argument("version")
@anywhere
@json_option
def bom(name: str, version: str, settings: Settings, *, as_json: bool) -> None:
    """Print a version as a machine-learning bill of materials: CycloneDX 1.6, always as JSON."""
    del as_json
    show(ask(settings, "GET", _path(name, version, "bom")), as_json=True)


@models.command("approve", epilog=example("sluis models approve letters 2"))
@click.argument("name")
@click.argument("version")
@approving.port_option
@anywhere
@json_option
def approve(
    name: str, version: str, settings: Settings, sign_on_port: int, *, as_json: bool
) -> None:
    """Approve a version that another person registered; its files are hashed again.

    Policy says how many persons must. What is approved already stays so for longer.
    """
    done = approving.approve(settings, _path(name, version), {}, port=sign_on_port)
    waits = done["needed"] - done["approvals"]
    following = {"next": f"{waits} more person(s) must approve it"} if waits > 0 else {}
    show({"model": f"{name}@{version}", **done, **following}, as_json=as_json)


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
@click.option("--to", default=None, help="An earlier version; by default the last approved one.")
@anywhere
@json_option
def rollback(name: str, tag: str, to: str | None, settings: Settings, *, as_json: bool) -> None:
    """Point a tag back at an earlier version that is still approved."""
    done = ask(settings, "POST", _path(name, "rollback"), {"tag": tag, "to": to})
    show({"model": f"{name}@{tag}", "version": done["version"]}, as_json=as_json)


@models.command("history", epilog=example("sluis models history letters --tag production"))
@click.argument("name")
@click.option("--tag", default=None, help="Of this tag only.")
@anywhere
@json_option
def history(name: str, tag: str | None, settings: Settings, *, as_json: bool) -> None:
    """List where the tags of a model have pointed, oldest first."""
    asked = f"?{urlencode({'tag': tag})}" if tag else ""
    moves = ask(settings, "GET", _path(name, "history") + asked)["moves"]
    show({"model": name, "moves": moves}, as_json=as_json)


@models.command(
    "deprecate",
    epilog=example(
        'sluis models deprecate letters 2 --until 2027-03-31 --reason "version 3 replaces it"'
    ),
)
@click.argument("name")
@click.argument("version")
@click.option("--until", required=True, help="Its last day, as 2027-03-31 (UTC).")
@click.option("--reason", required=True)
@anywhere
@json_option
def deprecate(
    name: str, version: str, until: str, reason: str, settings: Settings, *, as_json: bool
) -> None:
    """Give a version its last day; until then its answers carry that date."""
    body = {"until": until, "reason": reason}
    done = ask(settings, "POST", _path(name, version, "deprecate"), body)
    show({"model": f"{name}@{version}", **done, "until": until}, as_json=as_json)


@models.command("retire", epilog=example('sluis models retire letters 2 --reason "no longer used"'))
@click.argument("name")
@click.argument("version")
@click.option("--reason", required=True)
@anywhere
@json_option
def retire(name: str, version: str, reason: str, settings: Settings, *, as_json: bool) -> None:
    """End a version: requests that only it could answer get 410."""
    done = ask(settings, "POST", _path(name, version, "retire"), {"reason": reason})
    show({"model": f"{name}@{version}", **done}, as_json=as_json)


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


def _uploaded(directory: Path, settings: Settings) -> str:
    """The place of files of this machine, after they were sent."""
    from gateway.processes import control_client

    def sent(name: str, size: int, whole: int) -> None:
        end = "\n" if size == whole else ""
        click.echo(f"\r{name}: {size:,} of {whole:,} bytes", nl=False, err=True)
        click.echo(end, nl=False, err=True)

    return str(run(control_client.upload(settings, directory, sent)))


def _directory(directory: Path, settings: Settings) -> str:
    """The absolute path of a directory on the control plane's machine."""
    if settings.remote_url is None:
        return str(directory.resolve())
    if not directory.is_absolute():
        raise click.UsageError(
            f"{directory}: with --url, give the absolute path on the control plane's machine."
        )
    return str(directory)
