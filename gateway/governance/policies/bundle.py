"""A bundle of policies: read from a directory, compiled, and its invariants proven."""

import re
from collections.abc import Mapping
from pathlib import Path

from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.clearance import CEILING
from gateway.core.level import Level, Zone
from gateway.core.snapshot import bundle_digest
from gateway.decisions import BundleError
from gateway.governance.access_control.permissions import Permissions
from gateway.governance.policies.probe import Probe, Where
from gateway.governance.policies.proposal_terms import proposal_terms
from gateway.governance.policies.retention_policy import CALENDAR, RetentionError, retention_of
from gateway.storage import resources

_BUNDLED = (".cedar", ".cedarschema", ".yaml")
_NOT_IN_BUNDLE = (CALENDAR,)
_MAX_FILE = 512 * 1024
_MAX_NAME, _MAX_FILES, _MAX_RULES = 200, 200, 2_000
_RULE = re.compile(r"\b(?:permit|forbid)\s*\(")


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


def check_bounds(files: Mapping[str, str]) -> None:
    """Check the names, number and size of the files of a draft, before anything reads them.

    Raises:
        BundleError: names the first that is at fault.
    """
    for path, text in files.items():
        inside = ".." not in path.split("/") and not path.startswith("/") and "\\" not in path
        if not (inside and path.isprintable() and 0 < len(path) <= _MAX_NAME):
            raise BundleError("the name of a file leads out of the bundle, or is none")
        if len(text) > _MAX_FILE:
            raise BundleError(f"{path} is larger than {_MAX_FILE} characters")
    if len(files) > _MAX_FILES:
        raise BundleError(f"it has {len(files)} files, of at most {_MAX_FILES}")
    cedar = (text for path, text in files.items() if path.endswith(".cedar"))
    rules = sum(len(_RULE.findall(text)) for text in cedar)
    if rules > _MAX_RULES:
        raise BundleError(f"it has {rules} authorisation rules, of at most {_MAX_RULES}")


def check(files: dict[str, str]) -> CompiledPolicy:
    """Compile a bundle and prove its invariants over the whole lattice of levels and zones.

    Raises:
        BundleError: names the file, or the combination that breaks an invariant.
    """
    policy = compile_policy(files, digest=bundle_digest(files))
    try:
        retention_of(files)
        proposal_terms(files)
        Permissions().use(files)
    except (RetentionError, ValueError) as error:
        raise BundleError(str(error)) from error
    for zone in Zone:
        for level in Level:
            decision = policy.authoriser.decide(Probe(Where(zone)).request(level))
            if decision.errors:
                raise BundleError(f"{zone.value}, {level.label}: {decision.errors[0]}")
            if decision.allowed and not CEILING[zone].allows(level, redacted=decision.redact):
                raise BundleError(f"{level.label} text would reach zone {zone.value}")
    return policy
