"""``sluis``: one command for every process and every job of an operator.

Each command imports its part when it is asked: a gateway process holds nothing of the others.
"""

import dataclasses
import json
import logging
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click
import uvloop

from gateway.core.errors import ConfigError, Refusal
from gateway.core.secrets import SecretsMissing
from gateway.core.snapshot import SnapshotError
from gateway.evidence.export import TrailDamaged
from gateway.processes.evaluate import evaluate
from gateway.settings import Settings, SettingsError, read

_KNOWN = (
    Refusal, SecretsMissing, SettingsError, ConfigError, TrailDamaged, SnapshotError,
    FileNotFoundError,
)  # fmt: skip


def _settings(data_dir: Path | None = None) -> Settings:
    try:
        return read(data_dir=data_dir)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Runs a job; what an operator can do something about becomes one clear line."""
    try:
        return uvloop.run(work)
    except _KNOWN as error:
        message = getattr(error, "message", None) or str(error)
        raise click.ClickException(message) from error
    except KeyboardInterrupt:
        return None


def _show(report: dict[str, Any], *, as_json: bool) -> None:
    """Prints a report: as JSON, or a line a fact."""
    if as_json:
        click.echo(json.dumps(report, indent=2, default=str, ensure_ascii=False))
        return
    for name, value in report.items():
        if isinstance(value, list):
            for item in value:
                shown = (f"{k}={v}" for k, v in item.items() if v not in (None, [], ""))
                click.echo("  ".join(shown))
        else:
            click.echo(f"{name}: {value}")


def _example(text: str) -> str:
    return "\b\nExample:\n  " + text


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sluis")
def main() -> None:
    """Sluis: the LLM gateway that decides where text may go, and proves what happened."""
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )


_data_dir = click.option(
    "--data-dir", type=click.Path(path_type=Path, file_okay=False), default=None,
    help="Where everything is kept (default: SLUIS_DATA_DIR or .sluis).",
)  # fmt: skip
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@main.command(epilog=_example("sluis up --data-dir /var/lib/sluis --config sluis.yaml"))
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=None,
              help="A sluis.yaml, applied at each start.")  # fmt: skip
@_data_dir
@click.option("--no-worker", is_flag=True, help="Start no model worker.")
@click.option("--no-console", is_flag=True, help="Start no console.")
def up(config: Path | None, data_dir: Path | None, *, no_worker: bool, no_console: bool) -> None:
    """Start everything on this machine, on 127.0.0.1."""
    from gateway.processes import embedded

    settings = _settings(data_dir)
    if config is not None:
        settings = dataclasses.replace(settings, config=config.resolve())
    _run(embedded.run(settings, embedded.Parts(worker=not no_worker, console=not no_console)))


@main.command(epilog=_example("SLUIS_DATABASE_URL=postgresql://… sluis gateway"))
@_data_dir
def gateway(data_dir: Path | None) -> None:
    """Start a data plane: the endpoint for applications."""
    from gateway.processes import data_plane

    _run(data_plane.serve(_settings(data_dir)))


@main.command(epilog=_example("SLUIS_DATABASE_URL=postgresql://… sluis control"))
@_data_dir
def control(data_dir: Path | None) -> None:
    """Start the control plane: /admin/v1."""
    from gateway.processes import control_plane

    _run(control_plane.serve(_settings(data_dir)))


@main.command(epilog=_example("SLUIS_WORKER_THREADS=8 sluis worker"))
@_data_dir
def worker(data_dir: Path | None) -> None:
    """Start a model worker: serves approved internal models."""
    from gateway.processes import model_worker

    _run(model_worker.serve(_settings(data_dir)))


@main.command(epilog=_example("sluis console --data-dir .sluis"))
@_data_dir
def console(data_dir: Path | None) -> None:
    """Start the console for administrators and compliance officers."""
    from gateway.processes import embedded

    settings = _settings(data_dir)
    sys.exit(_run(embedded.run_console(settings)))


@main.command("demo-provider", hidden=True)
@_data_dir
def demo_provider(data_dir: Path | None) -> None:
    """Start the demonstration provider, which plays a commercial API."""
    from gateway.processes import demo_provider as provider
    from gateway.processes.serving import server

    settings = _settings(data_dir)
    _run(server(provider.create_app(), settings.host, settings.demo_port).serve())


@main.command(epilog=_example("sluis apply -f sluis.yaml"))
@click.option("-f", "--file", "path", required=True,
              type=click.Path(path_type=Path, exists=True, dir_okay=False))  # fmt: skip
@_data_dir
@_json
def apply(path: Path, data_dir: Path | None, *, as_json: bool) -> None:
    """Make the catalogue what a sluis.yaml says."""
    from gateway.processes import commands

    _show(_run(commands.apply(_settings(data_dir), path)), as_json=as_json)


@main.command(epilog=_example("SLUIS_DATABASE_URL=postgresql://… sluis migrate"))
@_data_dir
def migrate(data_dir: Path | None) -> None:
    """Bring the database to this version."""
    from gateway.processes import commands

    _run(commands.migrate(_settings(data_dir)))
    click.echo("The database is up to date.")


@main.command(epilog=_example("sluis doctor"))
@_data_dir
@_json
def doctor(data_dir: Path | None, *, as_json: bool) -> None:
    """Check this installation and say what to do about what is wrong."""
    from gateway.processes import commands

    report = _run(commands.doctor(_settings(data_dir)))
    _show(report, as_json=as_json)
    sys.exit(0 if all(line["ok"] for line in report["checks"]) else 1)


@main.group("secrets")
def secrets_group() -> None:
    """Make the secrets of a production installation."""


@secrets_group.command("create", epilog=_example("sluis secrets create ./secrets"))
@click.argument("directory", required=False, type=click.Path(path_type=Path, file_okay=False))
@_data_dir
def secrets_create(directory: Path | None, data_dir: Path | None) -> None:
    """Write a new secrets directory, once; keep it as a Kubernetes Secret and in a safe."""
    from gateway.core.secrets import create

    target = directory or _settings(data_dir).secrets_dir
    if target.exists() and any(target.iterdir()):
        raise click.ClickException(f"{target} is not empty; secrets are never overwritten.")
    create(target)
    click.echo(f"Wrote {target}. Without it stored keys, payloads and signatures are lost.")


@main.group()
def keys() -> None:
    """Issue, list and revoke keys."""


@keys.command(
    "create", epilog=_example("sluis keys create support-bot --team support --clearance restricted")
)
@click.argument("name")
@click.option("--kind", type=click.Choice(["app", "person", "admin"]), default="app")
@click.option("--team", default=None)
@click.option("--model", "models", multiple=True, help="May be given more than once; default all.")
@click.option("--purpose", "purposes", multiple=True, help="May be given more than once.")
@click.option("--role", "roles", multiple=True, help="For admin keys; may be given more than once.")
@click.option("--clearance", default="confidential", show_default=True)
@click.option("--floor", default="internal", show_default=True)
@click.option("--strict", is_flag=True, help="Refuse rather than reroute.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 365))
@_data_dir
@_json
def keys_create(data_dir: Path | None, *, as_json: bool, **asked: Any) -> None:
    """Issue a key; its secret is printed once."""
    from gateway.processes import commands

    _show(_run(commands.create_key(_settings(data_dir), asked)), as_json=as_json)


@keys.command("list", epilog=_example("sluis keys list --json"))
@_data_dir
@_json
def keys_list(data_dir: Path | None, *, as_json: bool) -> None:
    """List all keys, never their secrets."""
    from gateway.processes import commands

    _show(_run(commands.list_keys(_settings(data_dir))), as_json=as_json)


@keys.command("revoke", epilog=_example("sluis keys revoke support-bot"))
@click.argument("reference")
@_data_dir
@_json
def keys_revoke(reference: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Revoke a key by id or name; running requests end within a second."""
    from gateway.processes import commands

    _show(_run(commands.revoke_key(_settings(data_dir), reference)), as_json=as_json)


@main.group()
def models() -> None:
    """Register, approve and serve model versions."""


@models.command(
    "register", epilog=_example("sluis models register letters 2 --base DIR --adapter DIR")
)
@click.argument("name")
@click.argument("version")
@click.option(
    "--base", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option(
    "--adapter", default=None, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option("--clearance", default="restricted", show_default=True)
@_data_dir
@_json
def models_register(
    name: str, version: str, base: Path, adapter: Path | None, clearance: str,
    data_dir: Path | None, *, as_json: bool,
) -> None:  # fmt: skip
    """Register a version as a draft, by the digests of its files."""
    from gateway.processes import commands

    done = _run(
        commands.register_model(_settings(data_dir), name, version, base, adapter, clearance)
    )
    _show(done, as_json=as_json)


@models.command("list", epilog=_example("sluis models list"))
@_data_dir
@_json
def models_list(data_dir: Path | None, *, as_json: bool) -> None:
    """List all versions with state, digest and tags."""
    from gateway.processes import commands

    _show(_run(commands.list_models(_settings(data_dir))), as_json=as_json)


@models.command("promote", epilog=_example("sluis models promote letters 2 --tag production"))
@click.argument("name")
@click.argument("version")
@click.option("--tag", default="production", show_default=True)
@_data_dir
@_json
def models_promote(
    name: str, version: str, tag: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """Point a tag at an approved version."""
    from gateway.processes import commands

    done = _run(commands.promote_model(_settings(data_dir), name, version, tag))
    _show(done, as_json=as_json)


@models.command("rollback", epilog=_example("sluis models rollback letters --tag production"))
@click.argument("name")
@click.option("--tag", default="production", show_default=True)
@_data_dir
@_json
def models_rollback(name: str, tag: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Point a tag back at the version before."""
    from gateway.processes import commands

    _show(_run(commands.rollback_model(_settings(data_dir), name, tag)), as_json=as_json)


@models.command(
    "quarantine", epilog=_example('sluis models quarantine letters 2 --reason "wrong advice"')
)
@click.argument("name")
@click.argument("version")
@click.option("--reason", required=True)
@_data_dir
@_json
def models_quarantine(
    name: str, version: str, reason: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """Take a version out of service at once."""
    from gateway.processes import commands

    done = _run(commands.quarantine_model(_settings(data_dir), name, version, reason))
    _show(done, as_json=as_json)


@main.group()
def policy() -> None:
    """Check and test policy bundles."""


@policy.command("check", epilog=_example("sluis policy check policies/"))
@click.argument(
    "directory", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@_json
def policy_check(directory: Path | None, *, as_json: bool) -> None:
    """Compile a bundle and prove its invariants over all levels and zones."""
    from gateway.processes import commands

    _show(commands.check_policy(directory), as_json=as_json)


@policy.command("test", epilog=_example("sluis policy test policies/"))
@click.argument(
    "directory", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@_json
def policy_test(directory: Path | None, *, as_json: bool) -> None:
    """Run the golden cases of a bundle."""
    from gateway.processes import commands

    report = commands.test_policy(directory)
    _show(report, as_json=as_json)
    sys.exit(0 if report["failed"] == 0 else 1)


@main.group()
def audit() -> None:
    """Export the trail, and verify exports."""


@audit.command(
    "export",
    epilog=_example("sluis audit export --from 2026-11-01 --to 2026-12-01 --output nov.zip"),
)
@click.option("--from", "since", required=True, help="First day or moment (ISO 8601, UTC).")
@click.option("--to", "until", required=True, help="End, exclusive; a day means its end.")
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", "formats", default="jsonl,csv", show_default=True)
@_data_dir
@_json
def audit_export(
    since: str, until: str, output: Path, formats: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """Write a package that proves a period complete."""
    from gateway.processes import commands

    done = _run(commands.export_audit(_settings(data_dir), since, until, output, formats))
    _show(done, as_json=as_json)


@audit.command("verify", epilog=_example("sluis audit verify nov.zip --key signing.pub"))
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--key", default=None, type=click.Path(path_type=Path),
              help="The public key (default: the data directory's).")  # fmt: skip
@click.option("--require-witness", is_flag=True)
@click.option("--lang", type=click.Choice(["en", "nl"]), default="en")
@_data_dir
def audit_verify(
    package: Path, key: Path | None, lang: str, data_dir: Path | None, *, require_witness: bool
) -> None:
    """Verify an export; exit code 0 only when all of it holds."""
    from gateway.processes import commands

    settings = _settings(data_dir)
    sys.exit(commands.verify_audit(settings, package, key, lang, require_witness=require_witness))


main.add_command(evaluate)


if __name__ == "__main__":
    main()
