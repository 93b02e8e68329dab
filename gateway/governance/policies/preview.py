"""What the policies do to a text, for trying them out."""

from collections.abc import Collection, Sequence

from gateway.compiled.policy import CompiledPolicy
from gateway.core.finding import Finding, FindingKind
from gateway.core.level import Zone
from gateway.governance.policies.guardrail_probe import GuardrailSays
from gateway.governance.policies.probe import Probe, ProbeAnswer, ProbeText, What, Where, answer
from gateway.governance.policies.schemas import (
    PreviewFinding,
    PreviewResponse,
    TriedDeployment,
    ZoneDecision,
)
from gateway.governance.policies.trial import Trial
from gateway.privacy import ALLOWABLE, DENIED, Judgement, level_of
from gateway.privacy.postprocess.category_predictions import PREDICTION_RULE


def try_text(
    policy: CompiledPolicy,
    trial: Trial,
    text: ProbeText,
    findings: Sequence[Finding],
    redacted: str,
    *,
    provider: str,
    flagged_by: Collection[str] = (),
) -> PreviewResponse:
    """Findings, level, decision by zone, and redacted form. Nothing is stored or sent.

    ``flagged_by`` are guardrails that are taken to flag the text.
    """
    said = {name: GuardrailSays(flagged=True, score=1.0) for name in flagged_by}
    what = What(texts=(text,), guardrails=said)
    judged = level_of(findings, policy.levels)
    who = trial.who

    def ask(where: Where) -> ProbeAnswer:
        return answer(policy, Probe(where, who, what), lambda _: findings)

    answers = {zone: ask(Where(zone, provider)) for zone in Zone}
    first = answers[Zone.INTERNAL]
    return PreviewResponse(
        findings=[_describe(finding, text.text, policy, judged) for finding in findings],
        level=first.level.label,
        content_level=judged.level.label,
        reasons=list(judged.reasons),
        rules=list(first.rules),
        decisions={
            zone.value: ZoneDecision(outcome=one.outcome, policies=list(one.policies))
            for zone, one in answers.items()
        },
        redacted=redacted,
        bundle=policy.digest,
        deployments=[_tried(where, ask(where)) for where in trial.destinations],
        against=list(trial.against),
        team=who.team,
        use_case=who.use_case,
        clearance=who.clearance,
    )


def _tried(where: Where, one: ProbeAnswer) -> TriedDeployment:
    return TriedDeployment(
        outcome=one.outcome,
        policies=list(one.policies),
        deployment=where.deployment,
        provider=where.provider,
        zone=where.zone.value,
    )


def _describe(
    finding: Finding, text: str, policy: CompiledPolicy, judged: Judgement
) -> PreviewFinding:
    """A finding with its tier and, where it decided the level, that level and its reason."""
    detector = finding.detector.removeprefix("decoded-")
    tier = {DENIED: "lists", "names": "classifier", PREDICTION_RULE: "classifier"}.get(
        detector, "rules"
    )
    table = policy.levels
    level, reason = table.topic if finding.kind is FindingKind.TOPIC else table.rule(finding)
    counted = reason in judged.reasons
    return PreviewFinding(
        kind=finding.kind.value,
        type=finding.type,
        start=finding.start,
        end=finding.end,
        score=finding.score,
        detector=finding.detector,
        tier=tier,
        level=level.label if counted else None,
        reason=reason if counted else None,
        allowable=finding.type in ALLOWABLE and tier != "lists",
        text=text[finding.start : finding.end],
    )
