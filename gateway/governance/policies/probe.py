"""A probe: a caller, a request and a destination, and what a bundle decides about them.

Cases, try-it, the difference of bundles and replay all ask by probes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from gateway.compiled.policy import CompiledPolicy
from gateway.core.clearance import Clearance, effective
from gateway.core.decision import Decision
from gateway.core.finding import Finding, FindingKind
from gateway.core.level import Level, Zone
from gateway.core.origin import Origin
from gateway.core.text.named_links import named_by, named_links
from gateway.decisions import AnswerTo, AuthorisationRequest, Circumstances
from gateway.governance.policies.guardrail_probe import (
    GuardrailOutcome,
    GuardrailSays,
    guardrail_outcome,
)
from gateway.privacy import Scope, Vault, level_of, spans_of, with_stretches

ReadText = Callable[[str], Sequence[Finding]]
Places = tuple[tuple[int, int], ...]
_ALL_ZONES = tuple(zone.value for zone in Zone)
_IDS = re.compile(r"\[([A-Z_]+?)_[a-z0-9]{6,16}\]")
_KEY = b"probe" * 8  # placeholders of probes are compared without their ids


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a probe; an unknown key is refused."""


class Who(_Part, frozen=True):
    """The caller. ``zones`` are those of the use case; none are all."""

    id: str = "k_probe"
    kind: str = "app"
    team: str = ""
    roles: tuple[str, ...] = ()
    clearance: str = "restricted"
    floor: str = "public"
    key: str = ""
    use_case: str = ""
    risk: str = "none"
    zones: tuple[Zone, ...] = ()

    def __post_init__(self) -> None:
        for level in (self.clearance, self.floor):
            Level.parse(level)


class ProbeText(_Part, frozen=True):
    """A text of a request; ``categories`` are what the classifier would say of it."""

    text: str
    position: Origin = Origin.NEWEST
    categories: dict[str, float] = {}


class What(_Part, frozen=True):
    """The request, and for rules about output the answer. With ``level`` texts are not read.

    ``guardrails`` are what guardrails would say; one that is left out flags nothing.
    """

    level: str | None = None
    texts: tuple[ProbeText, ...] = ()
    answer: str = ""
    guardrails: dict[str, GuardrailSays] = {}

    def __post_init__(self) -> None:
        Level.parse(self.level or "public")


class Where(_Part, frozen=True):
    """The deployment: under the ceiling of its zone, narrowed by its own clearance."""

    zone: Zone
    provider: str = "probe"
    deployment: str = ""
    clear: str | None = None
    redacted: str | None = None

    @property
    def cleared(self) -> Clearance:
        """The most that it may receive in each form."""
        if self.clear is None or self.redacted is None:
            return effective(self.zone, None)
        own = Clearance(Level.parse(self.clear), Level.parse(self.redacted))
        return effective(self.zone, own)


class Probe(_Part, frozen=True):
    """One question to a bundle."""

    where: Where
    who: Who = Who()
    what: What = What()

    def request(self, level: Level) -> AuthorisationRequest:
        """What authorisation sees of it for a text of this level."""
        who, where = self.who, self.where
        return AuthorisationRequest(
            principal_id=who.id,
            kind=who.kind,
            team=who.team,
            roles=frozenset(who.roles),
            clearance=Level.parse(who.clearance),
            level=level,
            purpose=who.use_case,
            risk=who.risk,
            zones=tuple(zone.value for zone in who.zones) or _ALL_ZONES,
            deployment=where.deployment or f"probe-{where.zone.value}",
            provider=where.provider,
            zone=where.zone,
            cleared=where.cleared,
        )


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """What a bundle says: the outcome, and all that took part in it.

    ``policies`` are those of authorisation, ``rules`` those of content. ``redacted`` are the texts
    as they would leave, with the types of values in place of placeholders.
    """

    outcome: str
    level: Level
    policies: tuple[str, ...]
    rules: tuple[str, ...]
    findings: tuple[str, ...]
    reasons: tuple[str, ...]
    redacted: tuple[str, ...]


def nothing_read(text: str) -> Sequence[Finding]:
    """The findings of a text that is not read."""
    del text
    return ()


def answer(policy: CompiledPolicy, probe: Probe, read: ReadText = nothing_read) -> ProbeAnswer:
    """What a bundle decides; ``read`` finds what texts hold, unless their level is given."""
    what = probe.what
    found = [() if what.level else tuple(read(one.text)) for one in what.texts]
    judged = level_of([finding for one in found for finding in one], policy.levels)
    level = max(judged.level, Level.parse(what.level or "public"), Level.parse(probe.who.floor))
    about = _circumstances(probe, level)
    asked = guardrail_outcome(
        policy, "input", about, what.guardrails, {one.position for one in what.texts}
    )
    rules = tuple(sorted({*_rules(policy, probe, level), *asked.fired, *asked.refusing}))
    decision = _decision(policy, probe, level, rules, asked)
    outcome = outcome_of(decision)
    if decision.allowed and what.answer:
        guard = policy.content.guard(_answer_to(probe, level, found, read))
        guard.feed(what.answer)
        guard.finish()
        said = guardrail_outcome(policy, "output", about, what.guardrails)
        withheld = said.refusing or (said.inside and probe.where.zone is not Zone.INTERNAL)
        rules = tuple(sorted({*rules, *guard.fired, *said.fired, *said.refusing}))
        outcome = "refuse" if guard.blocked or withheld else outcome
    return ProbeAnswer(
        outcome=outcome,
        level=level,
        policies=decision.policies,
        rules=rules,
        findings=tuple(sorted({finding.type for one in found for finding in one})),
        reasons=judged.reasons,
        redacted=_redacted(policy, probe, found, rules) if decision.redact else (),
    )


def _answer_to(
    probe: Probe, level: Level, found: Sequence[Sequence[Finding]], read: ReadText
) -> AnswerTo:
    """What the rules about answers know of the request."""
    texts = probe.what.texts
    values = (
        (finding.type, one.text[finding.start : finding.end])
        for one, findings in zip(texts, found, strict=True)
        for finding in findings
    )
    return AnswerTo(
        _circumstances(probe, level),
        named_links(((one.text, named_by((one.position,))) for one in texts), values),
        lambda text: [(one.start, one.end) for one in read(text) if one.kind is FindingKind.SECRET],
    )


def _circumstances(probe: Probe, level: Level) -> Circumstances:
    who = probe.who
    return Circumstances(who.team, who.key, who.use_case, level, probe.where.zone)


def outcome_of(decision: Decision) -> str:
    """``allow``, ``redact`` or ``refuse``."""
    return ("redact" if decision.redact else "allow") if decision.allowed else "refuse"


def _rules(policy: CompiledPolicy, probe: Probe, level: Level) -> tuple[str, ...]:
    """The content rules that match a text where they apply, for a request like this one."""
    content = policy.content
    about = _circumstances(probe, level)
    fired = {
        rule
        for one in probe.what.texts
        for rule in policy.content_rules(one.text, one.categories)
        if content.at(rule, (one.position,))
    }
    return tuple(sorted(rule for rule in fired if content.about(rule, about)))


def _decision(
    policy: CompiledPolicy,
    probe: Probe,
    level: Level,
    rules: Sequence[str],
    asked: GuardrailOutcome,
) -> Decision:
    content = policy.content
    against = [
        rule
        for rule in rules
        if content.refuses(rule) or rule in asked.refusing or _untaken(policy, probe, rule)
    ]
    if probe.where.zone is not Zone.INTERNAL:
        against += asked.inside
        against += [rule for rule in rules if content.keeps_inside(rule)]
    if against:
        return Decision(allowed=False, redact=False, policies=(), bundle=policy.digest, errors=())
    decision = policy.authoriser.decide(probe.request(level))
    if decision.allowed and any(map(content.redacts, rules)):
        return msgspec.structs.replace(decision, redact=True)
    return decision


def _taken(policy: CompiledPolicy, probe: Probe, rule: str) -> Iterator[tuple[str, Places | None]]:
    """The texts that a redacting rule matches where it applies, with what it takes out of each."""
    for one in probe.what.texts:
        fired = policy.content_rules(one.text, one.categories)
        if rule in fired and policy.content.at(rule, (one.position,)):
            yield one.text, policy.redacted_places(rule, one.text)


def _untaken(policy: CompiledPolicy, probe: Probe, rule: str) -> bool:
    """Whether a redacting rule refuses, as nothing can be taken out."""
    if not policy.content.redacts(rule):
        return False
    return any(places is None for _, places in _taken(policy, probe, rule))


def _redacted(
    policy: CompiledPolicy,
    probe: Probe,
    found: Sequence[Sequence[Finding]],
    rules: Sequence[str],
) -> tuple[str, ...]:
    redacting = filter(policy.content.redacts, rules)
    taken = [dict(_taken(policy, probe, rule)) for rule in redacting]
    texts = [one.text for one in probe.what.texts]
    scope = Scope("probe", probe.who.id, probe.who.id, "")
    vault = Vault(_KEY, scope, policy.redaction.types, hints=policy.redaction.hints, standing=texts)
    written = (
        vault.redact(
            text,
            with_stretches(
                spans_of(text, findings), [at for by in taken for at in by.get(text) or ()]
            ),
        )
        for text, findings in zip(texts, found, strict=True)
    )
    return tuple(_IDS.sub(r"[\1]", text) for text in written)
