"""What rules that ask a guardrail do in a probe: no guardrail is asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec

from gateway.compiled.policy import CompiledPolicy
from gateway.core.level import Level
from gateway.core.origin import Origin
from gateway.decisions import (
    GUARDRAILS,
    Action,
    Circumstances,
    ContentRule,
    GuardrailVerdict,
    LackingScore,
)


class GuardrailSays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The verdict that a probe states for a guardrail, or that it ``fails``."""

    flagged: bool = False
    score: float | None = None
    categories: dict[str, float] = {}
    fails: bool = False


@dataclass(slots=True)
class GuardrailOutcome:
    """The rules that match, those that refuse, and those that keep a request inside."""

    fired: set[str] = field(default_factory=set)
    refusing: set[str] = field(default_factory=set)
    inside: set[str] = field(default_factory=set)


def guardrail_outcome(
    policy: CompiledPolicy,
    stage: str,
    about: Circumstances,
    says: Mapping[str, GuardrailSays],
    positions: Collection[Origin] = (),
) -> GuardrailOutcome:
    """What the rules of a stage do; a guardrail without a stated result flags nothing.

    ``positions`` are those of the texts of a request. The guardrail is taken to be one that may get
    the texts.
    """
    found = GuardrailOutcome()
    for rule in policy.content.guardrails(stage, about):
        if stage == "output" or not rule.positions.isdisjoint(positions):
            _add(found, policy, rule, says, about.level)
    return found


def _add(
    found: GuardrailOutcome,
    policy: CompiledPolicy,
    rule: ContentRule,
    says: Mapping[str, GuardrailSays],
    level: Level,
) -> None:
    check = rule.guardrail
    if check is None:
        return
    said = says.get(check.name)
    if said is None:
        return
    failed, matches = said.fails, False
    if not failed:
        try:
            matches = check.matches(GuardrailVerdict(said.flagged, said.score, said.categories))
        except LackingScore:
            failed = True
    if failed:
        action = policy.failures.action(GUARDRAILS, level) if check.allows else Action.REFUSE
        if rule.action != "monitor" and action is not Action.FLAG:
            among = found.refusing if action is Action.REFUSE else found.inside
            among.add(rule.id)
    elif matches:
        found.fired.add(rule.id)
        if rule.action == "refuse":
            found.refusing.add(rule.id)
