"""What the commands do on the machine itself: as the local operator, on record."""

import dataclasses
import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click

from gateway.core.errors import InvalidRequest
from gateway.core.secrets import PUBLIC
from gateway.decisions import BundleError
from gateway.evidence import verify
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.config_file import parse
from gateway.governance.keys import NewKey
from gateway.governance.plane import ControlPlane
from gateway.governance.policies import check, read_bundle, run_tests
from gateway.processes.control_plane import ensure_secrets, plane_of
from gateway.settings import Settings, resolve_reference

Report = dict[str, Any]
_FORMATS = {"jsonl", "csv"}


@asynccontextmanager
async def _plane(settings: Settings) -> AsyncIterator[ControlPlane]:
    ensure_secrets(settings)
    plane = plane_of(settings)
    try:
        await plane.database.migrate()
        yield plane
    finally:
        await plane.close()


async def migrate(settings: Settings) -> None:
    """Brings the database to this version."""
    async with _plane(settings):
        return


async def apply(settings: Settings, path: Path) -> Report:
    """Applies a sluis.yaml."""
    config = parse(path.read_text(encoding="utf-8"), source=path.name)
    async with _plane(settings) as plane:
        applied = await plane.catalogue.apply(config, LOCAL_OPERATOR, resolve=resolve_reference)
        await plane.snapshots.refresh_issuers()
        digest = await plane.snapshots.publish()
    return {
        **applied.counts,
        "snapshot": digest,
        "warnings": [{"warning": w} for w in applied.warnings],
    }


async def create_key(settings: Settings, asked: dict[str, Any]) -> Report:
    """Issues a key."""
    async with _plane(settings) as plane:
        key, secret = await plane.keys.create(NewKey(**asked), LOCAL_OPERATOR)
        await plane.snapshots.publish()
    return {"id": key.id, "name": key.name, "secret": secret, "expires": key.expires}


async def list_keys(settings: Settings) -> Report:
    """All keys."""
    async with _plane(settings) as plane:
        stored = await plane.keys.all()
    return {
        "keys": [
            {
                "id": item.key.id, "name": item.key.name, "kind": item.key.kind,
                "team": item.key.team, "roles": item.key.roles, "clearance": item.key.clearance,
                "expires": item.key.expires, "revoked": item.revoked, "source": item.source,
            }
            for item in stored
        ]
    }  # fmt: skip


async def revoke_key(settings: Settings, reference: str) -> Report:
    """Revokes a key."""
    async with _plane(settings) as plane:
        revoked = await plane.keys.revoke(reference, LOCAL_OPERATOR)
        await plane.snapshots.publish()
    return {"revoked": revoked}


async def register_model(
    settings: Settings, name: str, version: str, base: Path, adapter: Path | None, clearance: str
) -> Report:
    """Registers a draft."""
    async with _plane(settings) as plane:
        digest = await plane.models.register(
            name, version, LOCAL_OPERATOR, base=base, adapter=adapter, clearance=clearance
        )
    return {"model": f"{name}@{version}", "digest": digest, "state": "draft",
            "next": "another person approves it, in the console or over the API"}  # fmt: skip


async def list_models(settings: Settings) -> Report:
    """All versions."""
    async with _plane(settings) as plane:
        versions = await plane.models.all()
    hidden = {"card"}
    return {
        "models": [
            {k: v for k, v in version.document().items() if k not in hidden} for version in versions
        ]
    }


async def promote_model(settings: Settings, name: str, version: str, tag: str) -> Report:
    """Moves a tag."""
    async with _plane(settings) as plane:
        await plane.models.promote(name, version, LOCAL_OPERATOR, tag=tag)
        await plane.snapshots.publish()
    return {"model": f"{name}@{tag}", "version": version}


async def rollback_model(settings: Settings, name: str, tag: str) -> Report:
    """Moves a tag back."""
    async with _plane(settings) as plane:
        version = await plane.models.rollback(name, LOCAL_OPERATOR, tag=tag)
        await plane.snapshots.publish()
    return {"model": f"{name}@{tag}", "version": version}


async def quarantine_model(settings: Settings, name: str, version: str, reason: str) -> Report:
    """Takes a version out of service."""
    async with _plane(settings) as plane:
        await plane.models.quarantine(name, version, LOCAL_OPERATOR, reason=reason)
        await plane.snapshots.publish()
    return {"model": f"{name}@{version}", "state": "quarantined"}


def check_policy(directory: Path | None) -> Report:
    """Compiles a bundle."""
    try:
        policy = check(read_bundle(directory))
    except BundleError as error:
        raise click.ClickException(str(error)) from error
    return {"ok": True, "digest": policy.digest}


def test_policy(directory: Path | None) -> Report:
    """Runs a bundle's golden cases."""
    try:
        results = run_tests(read_bundle(directory))
    except BundleError as error:
        raise click.ClickException(str(error)) from error
    failed = [dataclasses.asdict(result) for result in results if not result.passed]
    return {"cases": len(results), "failed": len(failed), "failures": failed}


async def export_audit(
    settings: Settings, since: str, until: str, output: Path, formats: str
) -> Report:
    """Writes an export."""
    wanted = {name.strip() for name in formats.split(",") if name.strip()}
    if not wanted <= _FORMATS:
        raise InvalidRequest(f"--format knows {', '.join(sorted(_FORMATS))}.")
    period = _moment(since, end=False), _moment(until, end=True)
    async with _plane(settings) as plane:
        done = await plane.trail.export(
            output, LOCAL_OPERATOR, since=period[0], until=period[1], formats=wanted
        )
    return {"entries": done.entries, "logs": done.logs, "root": done.root, "written": str(output)}


def verify_audit(
    settings: Settings, package: Path, key: Path | None, lang: str, *, require_witness: bool
) -> int:
    """Runs the stand-alone verifier; gives its exit code."""
    public = key or settings.secrets_dir / PUBLIC
    arguments = [str(package), "--key", str(public), "--lang", lang]
    extra = ["--require-witness"] if require_witness else []
    return int(verify.main(arguments + extra))  # type: ignore[no-untyped-call]


async def doctor(settings: Settings) -> Report:
    """Looks at everything that can be looked at without changing it."""
    checks: list[Report] = []

    def note(what: str, *, ok: bool, todo: str = "") -> None:
        checks.append({"check": what, "ok": ok, "todo": "" if ok else todo})

    note("data directory", ok=settings.data_dir.is_dir(), todo="run `sluis up` once")
    note(
        "secrets", ok=(settings.secrets_dir / PUBLIC).exists(), todo="restore the secrets directory"
    )
    try:
        check(read_bundle())
        note("packaged policies", ok=True)
    except BundleError as error:
        note("packaged policies", ok=False, todo=str(error))
    if all(item["ok"] for item in checks):
        async with _plane(settings) as plane:
            note("database", ok=True)
            await plane.trail.sign_heads()
            note("trail holds together", ok=True)
    return {"checks": checks}


def _moment(text: str, *, end: bool) -> int:
    """Epoch milliseconds of an ISO 8601 day or moment; a day as an end means its last moment."""
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(f"{text!r} is not a day or moment such as 2026-11-24.") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    if end and len(text) == 10:
        moment += datetime.timedelta(days=1)
    return int(moment.timestamp() * 1000)
