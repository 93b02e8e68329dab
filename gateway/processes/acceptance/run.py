"""Runs all checks of an acceptance and writes the report."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from gateway.core.errors import Unavailable
from gateway.core.system.kek_check import WrongKek
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.merkle_log.signing_keys import public_of
from gateway.governance.plane import ControlPlane
from gateway.processes.acceptance.findings import CheckFindings, failed
from gateway.processes.acceptance.gateways import (
    GatewayClient,
    Requests,
    check_readiness,
    check_token,
)
from gateway.processes.acceptance.inside import check_configuration, check_parts
from gateway.processes.acceptance.report import (
    KIND,
    AcceptanceFacts,
    as_json,
    as_text,
    digests_of,
)
from gateway.processes.acceptance.stores import check_stores
from gateway.processes.control_plane import build_plane
from gateway.processes.settings import Settings
from gateway.storage.schema_version import SchemaMismatch


@dataclass(frozen=True, slots=True, repr=False)  # it holds credentials
class Subject:
    """What is checked: addresses, an API key for requests, a token of the sign-on."""

    gateways: Sequence[str]
    control: str | None
    key: str | None
    token: str | None


async def accept(
    settings: Settings, subject: Subject, *, language: str, output: Path
) -> AcceptanceFacts:
    """Check everything, write the report as JSON and as text, and put it on record.

    Raises:
        SecretsMissing: when the secrets are incomplete: nothing could be signed.
        OSError: when a file cannot be written.
    """
    findings = CheckFindings()
    plane = await build_plane(settings)
    try:
        on_record = await _check(findings, plane, settings, subject)
        facts = AcceptanceFacts(
            made=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            version=version("sluis"),
            key=public_of(plane.secrets.signing).hex(),
            findings=findings.all,
        )
        data = as_json(facts, plane.secrets.signing, language)
        output.write_bytes(data)
        output.with_suffix(".txt").write_text(as_text(facts, language), encoding="utf-8")
        if on_record:
            await _record(plane, facts, data, language)
        return facts
    finally:
        await plane.close()


async def _check(
    findings: CheckFindings, plane: ControlPlane, settings: Settings, subject: Subject
) -> bool:
    """Run the checks; returns whether the database can take the entry of the report."""
    await check_readiness(findings, subject.gateways, "gateway")
    await check_readiness(findings, [subject.control] if subject.control else [], "control")
    await check_token(findings, subject.gateways[0], subject.control, subject.token)
    try:
        await plane.inspect()
        await check_parts(findings, plane, settings)
        snapshot = await plane.snapshots.published()
    except (Unavailable, SchemaMismatch, WrongKek) as error:
        findings.add("database", "", failed(str(getattr(error, "message", error))))
        await check_stores(findings, settings, None)
        return False
    await check_stores(findings, settings, snapshot)
    if snapshot is None:
        findings.add("configuration", "", failed(""))
        return True
    await check_configuration(findings, snapshot, settings)
    if subject.key is None:
        findings.skip("provider", "", "no_key")
        return True
    async with GatewayClient(subject.gateways[0], subject.key) as client:
        await Requests(findings, client, snapshot).check(plane.trail)
    return True


async def _record(plane: ControlPlane, facts: AcceptanceFacts, data: bytes, language: str) -> None:
    async with plane.database.write() as connection:
        await plane.journal.record(
            connection,
            LOCAL_OPERATOR,
            "control:report:make",
            kind=KIND,
            language=language,
            format="json",
            **digests_of(facts, data),
        )
