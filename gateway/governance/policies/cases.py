"""The cases of a bundle: what it must decide, checked before it is proposed and activated."""

from dataclasses import dataclass
from typing import Any

import yaml

from gateway.compiled.policy import CompiledPolicy
from gateway.core.level import Level, Zone
from gateway.core.text import yaml_text
from gateway.decisions import BundleError, check_strictly
from gateway.governance.policies.bundle import check, outcome_of, probe


@dataclass(frozen=True, slots=True)
class PolicyTestResult:
    """One policy test: the expected and the actual outcome."""

    name: str
    passed: bool
    expected: str
    got: str


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
