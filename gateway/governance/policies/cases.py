"""The cases of a bundle: what it must decide, checked before it is proposed and activated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from gateway.compiled.policy import CompiledPolicy
from gateway.core.finding import Finding
from gateway.core.level import Level, Zone
from gateway.core.text import yaml_text
from gateway.decisions import BundleError
from gateway.governance.policies.bundle import check
from gateway.governance.policies.probe import Probe, ProbeAnswer, What, Where, Who, answer
from gateway.privacy import Detector

FOLDER = "tests/"
_FLAT = {"zone", "level", "clearance", "use_case_zones", "expect", "policies"}


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a case expects; what it leaves out may be anything.

    ``policies``, ``rules`` and ``findings`` are all that take part, ``without`` are rules that do
    not, although the case resembles what they are about.
    """

    decision: Literal["allow", "redact", "refuse"]
    policies: frozenset[str] | None = None
    rules: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    level: str | None = None
    findings: frozenset[str] | None = None
    redacted: tuple[str, ...] | None = None


class PolicyCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One case, with the place where it was written."""

    name: str
    probe: Probe
    expect: Expected
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class PolicyTestResult:
    """One policy test: the expected and the actual outcome."""

    name: str
    passed: bool
    expected: str
    got: str
    file: str = ""
    line: int = 0


def run_tests(files: dict[str, str], cache_dir: Path | None = None) -> list[PolicyTestResult]:
    """Run the cases in ``tests/*.yaml`` of a bundle; ``cache_dir`` keeps patterns of detectors.

    Raises:
        BundleError: when the bundle does not compile or a case cannot be read.
    """
    policy = check(files)
    return [run_case(policy, case, cache_dir) for case in cases_of(files)]


def run_case(
    policy: CompiledPolicy, case: PolicyCase, cache_dir: Path | None = None
) -> PolicyTestResult:
    """The result of one case."""

    def read(text: str) -> tuple[Finding, ...]:
        return detector(cache_dir).scan(text, (), policy.terms)

    expected, got = _compared(case.expect, answer(policy, case.probe, read))
    return PolicyTestResult(case.name, expected == got, expected, got, case.path, case.line)


@cache
def detector(cache_dir: Path | None) -> Detector:
    """The detectors by rules: those that need no classifier give the same everywhere."""
    return Detector(cache_dir)


def cases_of(files: Mapping[str, str]) -> Iterator[PolicyCase]:
    """The cases of a bundle.

    Raises:
        BundleError: when one cannot be read; names the file and the line.
    """
    for path, text in sorted(files.items()):
        if not path.startswith(FOLDER):
            continue
        for case, line in _nodes(path, text):
            yield _case(path, line, case)


def _nodes(path: str, text: str) -> list[tuple[dict[str, Any], int]]:
    try:
        root, cases = yaml_text.read(text)
    except yaml.YAMLError as error:
        raise BundleError(f"{path}: not valid YAML: {error}") from error
    if root is None or cases is None:
        return []
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise BundleError(f"{path}: must be a list of cases, as in the policies that ship")
    return [(case, node.start_mark.line + 1) for case, node in zip(cases, root.value, strict=True)]


def _case(path: str, line: int, node: dict[str, Any]) -> PolicyCase:
    try:
        if node.keys() & _FLAT - {"expect"}:
            return _flat(path, line, node)
        node = dict(node)
        probe = {key: node.pop(key) for key in ("who", "what", "where") if key in node}
        texts = probe.get("what", {}).get("texts", ())
        if texts:
            full = [{"text": one} if isinstance(one, str) else one for one in texts]
            probe["what"] = {**probe["what"], "texts": full}
        return msgspec.convert({**node, "probe": probe, "path": path, "line": line}, PolicyCase)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BundleError(
            f"{path}:{line}: case {node.get('name')!r} cannot be read: {error}"
        ) from error


def _flat(path: str, line: int, node: dict[str, Any]) -> PolicyCase:
    """A case in the short form: a level, a zone, and what authorisation says."""
    if unknown := sorted(node.keys() - _FLAT - {"name"}):
        raise ValueError(f"there is no {unknown[0]!r}")
    who = msgspec.convert(
        {"clearance": node["clearance"], "zones": node.get("use_case_zones", ())}, Who
    )
    return PolicyCase(
        name=str(node["name"]),
        probe=Probe(Where(Zone(node["zone"])), who, What(level=Level.parse(node["level"]).label)),
        expect=msgspec.convert(
            {"decision": node["expect"], "policies": node["policies"]}, Expected
        ),
        path=path,
        line=line,
    )


def _compared(expect: Expected, got: ProbeAnswer) -> tuple[str, str]:
    """What is expected and what came, in the same words."""
    pairs: list[tuple[str, str]] = [(expect.decision, got.outcome)]
    for name, wanted, given in (
        ("policies", expect.policies, got.policies),
        ("rules", expect.rules, got.rules),
        ("findings", expect.findings, got.findings),
    ):
        if wanted is not None:
            pairs.append((f"{name} {sorted(wanted)}", f"{name} {sorted(given)}"))
    if expect.level is not None:
        pairs.append((f"level {expect.level}", f"level {got.level.label}"))
    if expect.redacted is not None:
        pairs.append((f"redacted {list(expect.redacted)}", f"redacted {list(got.redacted)}"))
    if against := sorted(expect.without & {*got.policies, *got.rules}):
        pairs.append(("without " + ", ".join(against), "with " + ", ".join(against)))
    return ", ".join(one for one, _ in pairs), ", ".join(one for _, one in pairs)
