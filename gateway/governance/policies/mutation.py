"""Whether the cases of a bundle notice that a rule is gone."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import yaml

from gateway.compiled import floors
from gateway.compiled.policy import CompiledPolicy
from gateway.core.text import yaml_text
from gateway.decisions import Authoriser, ContentRules
from gateway.decisions.cedar_rules import cedar_rules, without_rule
from gateway.governance.policies.bundle import check
from gateway.governance.policies.cases import cases_of, run_case

_REASON = "removed to see which case fails"


def unnoticed(files: dict[str, str], cache_dir: Path | None = None) -> list[str]:
    """The rules whose removal fails no case.

    Raises:
        BundleError: when the bundle does not compile or a case cannot be read.
    """
    policy, cases = check(files), list(cases_of(files))
    return [
        rule
        for rule, mutant in _mutants(policy, files)
        if all(run_case(mutant, case, cache_dir).passed for case in cases)
    ]


def _mutants(policy: CompiledPolicy, files: dict[str, str]) -> Iterator[tuple[str, CompiledPolicy]]:
    """The policy without each rule in turn, the floors of that rule included."""
    for rule in cedar_rules(files):
        if rule.id:
            authoriser = Authoriser(without_rule(files, rule.id), bundle=policy.digest)
            yield rule.id, dataclasses.replace(policy, authoriser=authoriser)
    document = yaml_text.mapping(files["content.yaml"])
    for node in document["rules"]:
        mutant = {
            **document,
            "rules": [one for one in document["rules"] if one is not node],
            "waive": [*document.get("waive", ()), {"rule": node["id"], "reason": _REASON}],
        }
        text = yaml.safe_dump(mutant, allow_unicode=True)
        content = ContentRules(text, floor=floors.protected_rules())
        yield str(node["id"]), dataclasses.replace(policy, content=content)
