"""Policy bundles: checked, tested, proposed by one person and activated by another."""

import difflib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.clearance import CEILING, effective
from gateway.core.decision import Decision
from gateway.core.errors import InvalidRequest
from gateway.core.level import Level, Zone
from gateway.core.snapshot import bundle_digest
from gateway.core.text import yaml_text
from gateway.decisions import AuthorisationRequest, BundleError, check_strictly
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.policies.retention_policy import CALENDAR, RetentionError, retention_of
from gateway.governance.policies.schemas import BundleSummary
from gateway.governance.policies.tables import bundle
from gateway.governance.proposals.schemas import FileChange
from gateway.governance.proposals.service import AfterCommit, Draft
from gateway.storage import resources
from gateway.storage.database import Database

KIND = "policy_bundle"  # of proposals
_BUNDLED = (".cedar", ".cedarschema", ".yaml")
_NOT_IN_BUNDLE = (CALENDAR,)
_MAX_FILE = 512 * 1024
_MAX_LINES, _MAX_SHOWN = 200, 200  # of the difference in an entry: lines, and characters of one


@dataclass(frozen=True, slots=True)
class PolicyTestResult:
    """One policy test: the expected and the actual outcome."""

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
    """Compile a bundle and prove its invariants over the whole lattice of levels and zones.

    Raises:
        BundleError: names the file, or the combination that breaks an invariant.
    """
    policy = compile_policy(files, digest=bundle_digest(files))
    try:
        retention_of(files)
        Permissions().use(files)
    except (RetentionError, ValueError) as error:
        raise BundleError(str(error)) from error
    for zone in Zone:
        for level in Level:
            decision = policy.authoriser.decide(probe(zone, level, Level.RESTRICTED))
            if decision.errors:
                raise BundleError(f"{zone.value}, {level.label}: {decision.errors[0]}")
            if decision.allowed and not CEILING[zone].allows(level, redacted=decision.redact):
                raise BundleError(f"{level.label} text would reach zone {zone.value}")
    return policy


def run_tests(files: dict[str, str]) -> list[PolicyTestResult]:
    """Run the cases in ``tests/*.yaml`` of a bundle.

    Raises:
        BundleError: when the bundle does not compile or a case cannot be read.
    """
    policy = check(files)
    check_strictly(files["content.yaml"])
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
        request = probe(
            Zone(case["zone"]),
            Level.parse(case["level"]),
            Level.parse(case["clearance"]),
            zones=tuple(case.get("use_case_zones", ())),
        )
        expected = f"{case['expect']} {sorted(case['policies'])}"
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{path}: case {case.get('name')!r} cannot be read: {error}") from error
    decision = policy.authoriser.decide(request)
    got = f"{outcome_of(decision)} {list(decision.policies)}"
    return PolicyTestResult(str(case["name"]), got == expected, expected, got)


def outcome_of(decision: Decision) -> str:
    """``allow``, ``redact`` or ``refuse``."""
    return ("redact" if decision.redact else "allow") if decision.allowed else "refuse"


def probe(
    zone: Zone, level: Level, clearance: Level, *, zones: tuple[str, ...] = ()
) -> AuthorisationRequest:
    """A request to decide for a text of this level and a key of this clearance."""
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


class Policies:
    """Stored bundles. One is active."""

    power = "policies"
    keeps_document = True  # it says what was approved

    def __init__(self, database: Database, journal: Journal, *, wall: Callable[[], float]) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._wall = wall

    async def active(self) -> dict[str, str]:
        """The files of the active bundle."""
        async with self._database.read() as connection:
            return await active_files(connection)

    async def get(self, digest: str) -> dict[str, str] | None:
        """The files of a bundle; None when there never was one with that digest."""
        query = select(bundle.c.files).where(bundle.c.digest == digest)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row:
            return dict(orjson.loads(row.files))
        packaged = read_bundle()  # in force before the first bundle
        return packaged if bundle_digest(packaged) == digest else None

    async def requires_second_person(self, action: str) -> bool:
        """Whether policy wants another person's approval for an action beside bundles and terms."""
        return action in retention_of(await self.active()).four_eyes

    async def draft(self, files: dict[str, str]) -> Draft:
        """The proposal to put these files into the active bundle.

        Raises:
            InvalidRequest: when the bundle does not compile, fails its tests, or changes nothing.
        """
        before = await self.active()
        files = {**before, **files}
        _check_tests(files)
        changed = sorted(path for path in files if files[path] != before.get(path))
        if not changed:
            raise InvalidRequest("This bundle is the one in force; there is nothing to propose.")
        document = orjson.dumps({"base": bundle_digest(before), "files": files}).decode()
        recorded = {
            "changed": changed,
            "digest": bundle_digest(files),
            "difference": _difference(before, files, changed),
        }
        return Draft(KIND, ", ".join(changed), document, recorded=recorded)

    async def changes(self, document: str) -> dict[str, FileChange]:
        """The files that a proposal changes: the content that is in force and the proposed one."""
        files, before = _proposed(document)[1], await self.active()
        return {
            path: FileChange(before=before.get(path), after=files.get(path))
            for path in sorted({*files, *before})
            if files.get(path) != before.get(path)
        }

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Activate the bundle of a proposal.

        A bundle is whole: it would undo what was approved since it was proposed.

        Raises:
            InvalidRequest: when other policies are in force than when this was proposed, or the
                bundle cannot be used.
        """
        base, files = _proposed(document)
        if bundle_digest(await active_files(connection)) != base:
            raise InvalidRequest(
                "Other policies are in force than when this was proposed, and it would take them "
                "back: reject it, and propose it again."
            )
        await self.activate_files(connection, files, actor, author=author)
        return None

    async def activate_files(
        self, connection: AsyncConnection, files: dict[str, str], actor: Actor, *, author: str
    ) -> str:
        """Make a bundle the active one; gives its digest.

        Raises:
            InvalidRequest: when it does not compile, breaks an invariant, or fails its tests.
        """
        _check_tests(files)
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

    async def ensure_first(self, connection: AsyncConnection, actor: Actor) -> None:
        """Activate the packaged policies when there is no bundle yet."""
        if (await connection.execute(select(bundle.c.digest))).first() is None:
            await self.activate_files(connection, read_bundle(), actor, author=actor.id)

    async def list(self) -> Sequence[BundleSummary]:
        """All bundles, newest first, without their files."""
        columns = (bundle.c.digest, bundle.c.author, bundle.c.created, bundle.c.active)
        query = select(*columns).order_by(bundle.c.created.desc())
        async with self._database.read() as connection:
            return [BundleSummary(**row) for row in (await connection.execute(query)).mappings()]


async def active_files(connection: AsyncConnection) -> dict[str, str]:
    """The files of the active bundle, within a transaction; else the packaged policies."""
    row = (await connection.execute(select(bundle.c.files).where(bundle.c.active))).first()
    return dict(orjson.loads(row.files)) if row else read_bundle()


def _check_tests(files: dict[str, str]) -> None:
    """Raise InvalidRequest when a bundle does not compile or fails its own tests."""
    try:
        failed = [case.name for case in run_tests(files) if not case.passed]
    except BundleError as error:
        raise InvalidRequest(f"The bundle cannot be used: {error}") from error
    if failed:
        raise InvalidRequest(f"The bundle fails its own tests: {', '.join(failed[:5])}")


def _proposed(document: str) -> tuple[str | None, dict[str, str]]:
    """The digest of the bundle that a proposal changes, and its files.

    Proposals of older versions hold only the files.
    """
    stored = orjson.loads(document)
    return stored.get("base"), dict(stored.get("files", stored))


def _difference(
    before: Mapping[str, str], after: Mapping[str, str], changed: list[str]
) -> list[str]:
    """The changed lines of files, as a unified difference; of a long one the first part."""
    lines = [
        line
        for path in changed
        for line in difflib.unified_diff(
            before.get(path, "").splitlines(),
            after[path].splitlines(),
            fromfile=path,
            tofile=path,
            lineterm="",
            n=0,
        )
    ]
    return [line[:_MAX_SHOWN] for line in lines[:_MAX_LINES]]
