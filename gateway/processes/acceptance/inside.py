"""Checks of the parts behind the gateways: database, trail, keys, witnesses, issuers, networks."""

import asyncio
from contextlib import suppress
from functools import partial

from gateway.core.level import Zone
from gateway.core.snapshot import Issuer, Provider, Snapshot
from gateway.egress.address import base_url_of
from gateway.governance.issuer_keys.fetch import FAULTS, fetch
from gateway.governance.plane import ControlPlane
from gateway.processes.acceptance.findings import (
    CheckFindings,
    Verdict,
    failed,
    judged,
    passed,
    skipped,
)
from gateway.processes.doctor_checks import check_certificates, check_clock, check_providers
from gateway.processes.secrets_loader import check_key_service
from gateway.processes.settings import Settings
from gateway.storage.examination import PostgresFacts, examine

_MOST_COMMIT_MS = 250.0  # a request waits for two commits
_CONNECT_S = 3.0
_TLS_PORT, _PORT = 443, 80


async def check_parts(findings: CheckFindings, plane: ControlPlane, settings: Settings) -> None:
    """Check what an installation has whatever its configuration."""
    await _check_database(findings, plane, settings)

    async def trail() -> Verdict:
        await plane.trail.log.examine()
        newest = await plane.trail.log.latest()
        return passed(f"{newest.size if newest else 0} entries are signed")

    async def key_service() -> Verdict:
        checked = await check_key_service(settings)
        if checked is None:
            return skipped("no_key_service")
        about, problem = checked
        return judged(problem or about, ok=problem is None)

    async def clock() -> Verdict:
        noted = _Noted()
        await check_clock(plane, noted)
        return noted.verdict()

    await findings.run("trail", "", trail)
    await findings.run("key_service", "", key_service)
    await findings.run("clock", "", clock)
    if not settings.witnessing.endpoints:
        findings.skip("witness", "", "no_witness")
    for label, seen in (await plane.trail.witnesses.seen()).items():
        findings.add("witness", label, judged(f"it has seen {seen} entries", ok=seen > 0))


async def check_configuration(
    findings: CheckFindings, snapshot: Snapshot, settings: Settings
) -> None:
    """Check what the configuration names: issuers, certificates, addresses, networks."""
    for issuer in snapshot.issuers:
        await findings.run("issuer", issuer.name, partial(_keys_of, issuer))
    if not snapshot.issuers:
        findings.skip("issuer", "", "no_issuer")

    async def certificates() -> Verdict:
        noted = _Noted()
        check_certificates(settings, snapshot, noted)
        return noted.verdict()

    async def addresses() -> Verdict:
        noted = _Noted()
        await check_providers(snapshot, noted)
        return noted.verdict()

    await findings.run("certificates", "", certificates)
    await findings.run("addresses", "", addresses)
    await _check_bypass(findings, snapshot, settings)


async def _keys_of(issuer: Issuer) -> Verdict:
    try:
        found = await fetch(issuer)
    except FAULTS as error:
        return failed(f"{type(error).__name__}: {error}")
    return judged(f"{len(found.keys['keys'])} keys", ok=bool(found.keys["keys"]))


class _Noted:
    """Collects what a check of the doctor records."""

    def __init__(self) -> None:
        self._todo: list[str] = []

    def __call__(self, what: str, *, ok: bool, todo: str = "") -> None:
        if not ok:
            self._todo.append(f"{what}: {todo}")

    def verdict(self) -> Verdict:
        return judged("; ".join(self._todo), ok=not self._todo)


async def _check_database(findings: CheckFindings, plane: ControlPlane, settings: Settings) -> None:
    if settings.embedded:
        for check in ("database", "commit", "standby"):
            findings.skip(check, "", "embedded")
        return
    facts: PostgresFacts | None = None

    async def database() -> Verdict:
        nonlocal facts
        facts = await examine(plane.database)
        return judged(f"PostgreSQL {facts.version}", ok=not facts.standby)

    await findings.run("database", "", database)
    if facts is None:
        return
    commit_ms = facts.commit_ms
    findings.add("commit", "", judged(f"{commit_ms:.1f} ms", ok=commit_ms <= _MOST_COMMIT_MS))
    if facts.standbys:
        findings.add("standby", "", passed(f"{facts.standbys} standbys"))
    else:
        findings.skip("standby", "", "no_standby")


async def _check_bypass(findings: CheckFindings, snapshot: Snapshot, settings: Settings) -> None:
    """Try to reach each commercial provider from this machine: it should not be possible."""
    outside = {_place(one) for one in snapshot.providers if one.zone is not Zone.INTERNAL}
    if settings.embedded:  # a gateway, which has to reach them, is on this machine
        findings.skip("bypass", "", "embedded")
    elif not outside:
        findings.skip("bypass", "", "no_commercial")
    else:
        for host, port in sorted(outside):
            await findings.run("bypass", f"{host}:{port}", partial(_not_reached, host, port))


async def _not_reached(host: str, port: int) -> Verdict:
    try:
        async with asyncio.timeout(_CONNECT_S):
            _, writer = await asyncio.open_connection(host, port)
    except OSError as error:
        return passed(type(error).__name__)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return failed("open")


def _place(provider: Provider) -> tuple[str, int]:
    url = base_url_of(provider)
    return url.hostname or "", url.port or (_TLS_PORT if url.scheme == "https" else _PORT)
