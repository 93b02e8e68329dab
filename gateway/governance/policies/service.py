"""Policy bundles: proposed by one person, activated by another, tried before either."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.clearance import CEILING, effective
from gateway.core.errors import InvalidRequest
from gateway.core.finding import Finding, FindingKind
from gateway.core.level import Level, Zone
from gateway.core.snapshot import bundle_digest
from gateway.core.text import yaml_text
from gateway.decisions import AuthorisationRequest, BundleError
from gateway.governance.access_control.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.retention.policy import CALENDAR, RetentionError, retention_of
from gateway.privacy import ALLOWABLE, DENIED, Judgement, level_of
from gateway.privacy.postprocess.category_predictions import PREDICTION_RULE
from gateway.storage import resources
from gateway.storage.database import Database
from gateway.storage.tables import bundle

_BUNDLED = (".cedar", ".cedarschema", ".yaml")
_NOT_IN_BUNDLE = ("roles.yaml", CALENDAR)
_MAX_FILE = 512 * 1024


@dataclass(frozen=True, slots=True)
class PolicyTestResult:
    """One policy test: what was expected and what came out."""

    name: str
    passed: bool
    expected: str
    got: str


def read_bundle(directory: Path | None = None) -> dict[str, str]:
    """The files of a bundle by relative path; the packaged policies by default.

    Raises:
        BundleError: when a file is too large.
    """
    root = directory or resources.directory("policies")
    files: dict[str, str] = {}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if path.suffix not in _BUNDLED or relative in _NOT_IN_BUNDLE:
            continue
        if path.stat().st_size > _MAX_FILE:
            raise BundleError(f"{relative} is larger than {_MAX_FILE} bytes")
        files[relative] = path.read_text(encoding="utf-8")
    return files


def check(files: dict[str, str]) -> CompiledPolicy:
    """Compiles a bundle and proves its invariants over the whole lattice of levels and zones.

    Raises:
        BundleError: names the file, or the combination that breaks an invariant.
    """
    policy = compile_policy(files, digest=bundle_digest(files))
    try:
        retention_of(files)
    except RetentionError as error:
        raise BundleError(str(error)) from error
    for zone in Zone:
        for level in Level:
            decision = policy.authoriser.decide(_probe(zone, level, Level.RESTRICTED))
            if decision.errors:
                raise BundleError(f"{zone.value}, {level.label}: {decision.errors[0]}")
            if decision.allowed and not CEILING[zone].allows(level, redacted=decision.redact):
                raise BundleError(f"{level.label} text would reach zone {zone.value}")
    return policy


def run_tests(files: dict[str, str]) -> list[PolicyTestResult]:
    """Runs the cases in ``tests/*.yaml`` of a bundle.

    Raises:
        BundleError: when the bundle does not compile or a case cannot be read.
    """
    policy = check(files)
    results: list[PolicyTestResult] = []
    for path, text in sorted(files.items()):
        if path.startswith("tests/"):
            results.extend(_run(policy, path, case) for case in _cases(path, text))
    return results


def _cases(path: str, text: str) -> list[dict[str, Any]]:
    try:
        cases = yaml_text.load(text) or []
    except yaml.YAMLError as error:
        raise BundleError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise BundleError(f"{path}: must be a list of cases, as in the policies that ship")
    return cases


def _run(policy: CompiledPolicy, path: str, case: dict[str, Any]) -> PolicyTestResult:
    try:
        asked = _probe(
            Zone(case["zone"]),
            Level.parse(case["level"]),
            Level.parse(case["clearance"]),
            zones=tuple(case.get("use_case_zones", ())),
        )
        expected = f"{case['expect']} {sorted(case['policies'])}"
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{path}: case {case.get('name')!r} cannot be read: {error}") from error
    decision = policy.authoriser.decide(asked)
    outcome = ("redact" if decision.redact else "allow") if decision.allowed else "refuse"
    got = f"{outcome} {list(decision.policies)}"
    return PolicyTestResult(str(case["name"]), got == expected, expected, got)


def _probe(
    zone: Zone, level: Level, clearance: Level, *, zones: tuple[str, ...] = ()
) -> AuthorisationRequest:
    return AuthorisationRequest(
        principal_id="k_probe",
        kind="app",
        team="",
        roles=frozenset(),
        clearance=clearance,
        level=level,
        purpose="",
        risk="none",
        zones=zones or tuple(z.value for z in Zone),
        deployment=f"probe-{zone.value}",
        provider="probe",
        zone=zone,
        cleared=effective(zone, None),
    )


@dataclass(frozen=True, slots=True)
class PolicyPreview:
    """What a text would meet: findings, level, decision by zone, and its redacted form."""

    document: dict[str, Any]


def try_text(
    policy: CompiledPolicy,
    text: str,
    findings: Sequence[Finding],
    redacted: str,
    *,
    clearance: Level,
    floor: Level,
) -> dict[str, Any]:
    """Findings, level, decision for each zone, and the redacted text. Nothing is stored or sent."""
    judged = level_of(findings, policy.levels)
    level = max(judged.level, floor)
    decisions = {}
    for zone in Zone:
        decision = policy.authoriser.decide(_probe(zone, level, clearance))
        outcome = ("redact" if decision.redact else "allow") if decision.allowed else "refuse"
        decisions[zone.value] = {"outcome": outcome, "policies": list(decision.policies)}
    return {
        "findings": [_shown(finding, text, policy, judged) for finding in findings],
        "level": level.label,
        "content_level": judged.level.label,
        "reasons": list(judged.reasons),
        "rules": list(policy.content.fired_by(text)),
        "decisions": decisions,
        "redacted": redacted,
        "bundle": policy.digest,
    }


def _shown(
    finding: Finding, text: str, policy: CompiledPolicy, judged: Judgement
) -> dict[str, Any]:
    """A finding with its tier and, where it counted, the level that it makes and why."""
    detector = finding.detector.removeprefix("decoded-")
    tier = {DENIED: "lists", "names": "classifier", PREDICTION_RULE: "classifier"}.get(
        detector, "rules"
    )
    table = policy.levels
    level, reason = table.topic if finding.kind is FindingKind.TOPIC else table.rule(finding)
    counted = reason in judged.reasons
    return {
        "kind": finding.kind.value,
        "type": finding.type,
        "start": finding.start,
        "end": finding.end,
        "score": finding.score,
        "detector": finding.detector,
        "tier": tier,
        "level": level.label if counted else None,
        "reason": reason if counted else None,
        "allowable": finding.type in ALLOWABLE and tier != "lists",
        "text": text[finding.start : finding.end],
    }


class Policies:
    """Stored bundles, of which one is active."""

    def __init__(self, database: Database, journal: Journal, *, wall: Callable[[], float]) -> None:
        self._database = database
        self._journal = journal
        self._wall = wall

    async def active(self) -> dict[str, str]:
        """The files of the active bundle."""
        async with self._database.read() as connection:
            return await self.active_files(connection)

    @staticmethod
    async def active_files(connection: AsyncConnection) -> dict[str, str]:
        """The same, inside a transaction; the packaged policies before the first bundle."""
        row = (await connection.execute(select(bundle.c.files).where(bundle.c.active))).first()
        return dict(orjson.loads(row.files)) if row else read_bundle()

    async def files(self, digest: str) -> dict[str, str] | None:
        """The files of a bundle; None when there never was one with that digest."""
        query = select(bundle.c.files).where(bundle.c.digest == digest)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row:
            return dict(orjson.loads(row.files))
        packaged = read_bundle()  # in force before the first bundle
        return packaged if bundle_digest(packaged) == digest else None

    async def needs_second(self, action: str) -> bool:
        """Whether policy wants another person's approval for an action beside bundles and terms."""
        return action in retention_of(await self.active()).four_eyes

    async def history(self) -> list[dict[str, Any]]:
        """All bundles, newest first, without their files."""
        async with self._database.read() as connection:
            columns = (bundle.c.digest, bundle.c.author, bundle.c.created, bundle.c.active)
            rows = await connection.execute(select(*columns).order_by(bundle.c.created.desc()))
            return [dict(row._mapping) for row in rows]  # noqa: SLF001

    async def activate(
        self, connection: AsyncConnection, files: dict[str, str], actor: Actor, *, author: str
    ) -> str:
        """Makes a bundle the active one; gives its digest.

        Raises:
            InvalidRequest: when it does not compile, breaks an invariant, or fails its tests.
        """
        try:
            failed = [case.name for case in run_tests(files) if not case.passed]
        except BundleError as error:
            raise InvalidRequest(f"The bundle cannot be used: {error}") from error
        if failed:
            raise InvalidRequest(f"The bundle fails its own tests: {', '.join(failed[:5])}")
        digest = bundle_digest(files)
        known = select(bundle.c.digest).where(bundle.c.digest == digest)
        await connection.execute(update(bundle).values(active=False))
        if (await connection.execute(known)).first():
            await connection.execute(
                update(bundle).where(bundle.c.digest == digest).values(active=True)
            )
        else:
            await connection.execute(
                insert(bundle).values(
                    digest=digest,
                    files=orjson.dumps(files).decode(),
                    author=author,
                    created=self._wall(),
                    active=True,
                )
            )
        changed = hashlib.sha256(orjson.dumps(sorted(files))).hexdigest()[:16]
        await self._journal.record(
            connection,
            actor,
            "control:policy:activate",
            digest=digest,
            author=author,
            files=changed,
        )
        return digest

    async def ensure_first(self, actor: Actor) -> None:
        """Activates the packaged policies when there is no bundle yet."""
        async with self._database.write() as connection:
            if (await connection.execute(select(bundle.c.digest))).first() is None:
                await self.activate(connection, read_bundle(), actor, author=actor.id)
