"""Steps 4 to 6, before anything leaves: functions of their inputs, in the order of the pipeline."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from gateway.classifiers.limits import unread_by
from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import (
    Denied,
    InvalidRequest,
    ModelRetired,
    NoUpstream,
    Refusal,
    Unavailable,
)
from gateway.core.fields import BodyLimits
from gateway.core.fields.texts import name_document
from gateway.core.finding import UNREAD, Finding, FindingKind
from gateway.core.level import Level, Zone
from gateway.core.principal import Principal
from gateway.core.snapshot import UseCase
from gateway.core.system.off_loop import off_loop
from gateway.core.text.named_links import NOTHING_NAMED
from gateway.decisions import Action, Review
from gateway.dialects.base import Dialect
from gateway.privacy import Judgement, LevelTable
from gateway.privacy import level_of as level_of_findings
from gateway.request.able_targets import able_targets
from gateway.request.body_texts import CollectedTexts
from gateway.request.content import fired_rules, judged_texts, links_named, split_rules
from gateway.request.context import (
    AuditRecord,
    Candidate,
    IncomingRequest,
    ParsedRequest,
    RequestScan,
)
from gateway.request.rule_zones import ZoneBounds
from gateway.request.scanner import NAMES, Scanner
from gateway.request.services import SnapshotStatus
from gateway.request.target_decision import decided
from gateway.request.text_scanner import TextScan
from gateway.request.token_ids import decoder_for

_A_FINDING = 16  # characters that take as long to walk over as a finding
CONVERSATION = "x-sluis-conversation"
UNAPPROVED = "model.approval"  # the id of the rule that internal models have an approved version
DECLARED = "declared"  # a header or a floor gives more than the content
RULES_FAULT = "rules.fault"  # why a text that a rule failed on stays inside
REVIEW_OVERDUE = "use_case_review_overdue"
CONTRACT = "provider.contract"  # why a provider without a contract in force was passed over
_MAX_NAMED = 100  # names on record and in the header
_CURE = "send it as text (LangChain's embeddings: check_embedding_ctx_length=False)."


def purpose_of(
    compiled: CompiledSnapshot, principal: Principal, headers: Mapping[str, str]
) -> tuple[str, UseCase | None]:
    """The purpose of a request: the header's, else the first of the key.

    Raises:
        Denied: when the key may not be used for it.
        InvalidRequest: when no such use case is registered.
    """
    wanted = headers.get("x-sluis-purpose")
    if wanted is None:
        wanted = principal.purposes[0] if principal.purposes else ""
    if not wanted:
        return "", None
    if principal.purposes and wanted not in principal.purposes:
        raise Denied("Your key may not be used for this purpose.", param="x-sluis-purpose")
    case = compiled.use_cases.get(wanted)
    if case is None:
        raise InvalidRequest(
            "x-sluis-purpose names no registered use case.", param="x-sluis-purpose"
        )
    return wanted, case


def check_use_case(
    compiled: CompiledSnapshot, case: UseCase | None, record: AuditRecord, *, now: float
) -> bool:
    """Whether the review of a use case is overdue; then the answer carries a warning.

    Raises:
        Stopped: when the use case was stopped.
        Denied: when its review has been overdue for longer than policy allows.
    """
    if case is None:
        return False
    compiled.stops.check_use_case(case.name)
    if case.transparency:
        record.note(transparency=list(case.transparency))
    review = compiled.policy.use_cases.review(case.review, now)
    if review is Review.CURRENT:
        return False
    if review is Review.EXPIRED:
        raise Denied(
            f"The review of the use case '{case.name}' was due on {case.review}, longer ago than "
            "policy allows. Ask its owner to review it.",
            param="x-sluis-purpose",
            rules=("use_case.review",),
        )
    record.note(warning=REVIEW_OVERDUE)
    return True


def parse_request(
    compiled: CompiledSnapshot,
    dialect: Dialect,
    data: bytes,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> ParsedRequest:
    """A clean body, written anew from what the caller sent.

    ``headers`` are by lower-case name; some of them are fields of the dialect.

    Raises:
        InvalidRequest: names the field at fault in ``param``.
    """
    fields = compiled.policy.fields.get(dialect.name)
    if fields is None:
        raise InvalidRequest("Policy does not offer this endpoint.", code="not_found")
    limits = compiled.policy.limits.get(dialect.name) or BodyLimits()
    given = _with_headers(limits.parse(data), dialect, headers)
    collected = CollectedTexts(compiled.policy.boilerplate)
    decode = decoder_for(compiled, given)
    try:
        body, walk = fields.read(given, collected, decode=decode, enter=collected.enter)
    except RecursionError as error:  # JSON in a text
        raise InvalidRequest(
            "A field that holds JSON is nested too deeply.", code="request_too_complex"
        ) from error
    facts = dialect.facts(body)
    return ParsedRequest(
        dialect=dialect,
        facts=facts,
        body=body,
        texts=list(collected.texts),
        neighbours=list(collected.neighbours),
        apart=collected.apart,
        origins=collected.origins(dialect.origin_of(given)),
        reviewed=collected.reviewed,
        by_model=collected.by_model(dialect.by_model(given)),
        place_of=collected.place_of,
        dropped=list(dict.fromkeys(walk.dropped))[:_MAX_NAMED],
        inside_only=walk.inside_only,
        unread=walk.unread,
        documents=walk.documents,
        images=bool(walk.images),
        sealed=walk.sealed,
        internal=walk.internal,
        cache_key=walk.cache_key,
    )


def _with_headers(given: Any, dialect: Dialect, headers: Mapping[str, str]) -> Any:
    """The body with the headers that are fields of it; what is there already is not sent."""
    if type(given) is not dict:
        return given
    fields = {
        field: [value.strip() for value in headers[name].split(",")]
        for name, field in dialect.header_fields.items()
        if name in headers
    }
    return {**given, **fields}


def model_on_record(compiled: CompiledSnapshot, scanner: Scanner, name: str) -> str | None:
    """The name that was asked for; None for an unknown one in which rules find a value."""
    if compiled.catalogue.offers(name):
        return name
    found = scanner.scan_by_rules(name_document(name), compiled.policy).findings
    return None if found else name


async def classify(
    scanner: Scanner, compiled: CompiledSnapshot, request: ParsedRequest, *, owner: str = ""
) -> RequestScan:
    """What the texts hold, and the level that makes; ``owner`` is whose share of time it takes."""
    batch = await scanner.scan_all(
        request.texts,
        compiled.policy,
        request.neighbours,
        owner=owner,
        reviewed=request.reviewed,
        judged=judged_texts(request, compiled.policy.content),
    )
    found = sum(len(scan.findings) for scan in batch.scans.values())
    scans = await scanner.of_definitions(batch.scans, request.apart, found)
    judged, counts = await off_loop(
        _A_FINDING * found, _judged, request, scans, compiled.policy.levels
    )
    rules = fired_rules(request, scans, compiled.policy.content)
    rules |= await split_rules(request, scanner, compiled.policy)
    size = sum(map(len, scans)) + _A_FINDING * found
    reads = compiled.policy.content.reads_links
    named = await off_loop(size, links_named, request, scans) if reads else NOTHING_NAMED
    failed = (NAMES,) if batch.unread else ()
    terms = compiled.policy.terms
    return RequestScan(
        scans,
        scanner.version,
        failed,
        tuple(sorted(rules)),
        judged.level,
        judged.reasons,
        terms.mark if terms else "",
        batch.unread or unread_by(counts),
        counts,
        named,
    )


def _judged(
    request: ParsedRequest, scans: Mapping[str, TextScan], levels: LevelTable
) -> tuple[Judgement, dict[str, int]]:
    """The level that the findings make, and how many there are of each type."""
    apart = [scans[text].findings for text in request.apart if text in scans]
    others = (scan.findings for text, scan in scans.items() if text not in request.apart)
    findings = [finding for found in others for finding in found]
    findings += [Finding(FindingKind.UNREAD, UNREAD, 0, 0, 1.0, "fields") for _ in request.unread]
    every = (finding.type for scan in scans.values() for finding in scan.findings)
    return level_of_findings(findings, levels, apart), dict(Counter(every))


def internal_only_reason(
    compiled: CompiledSnapshot,
    request: ParsedRequest,
    scan: RequestScan,
    level: Level,
    status: SnapshotStatus,
) -> tuple[str, ...]:
    """Why only internal deployments may get this request; empty when others may too.

    Raises:
        Unavailable: when a control failed, and policy refuses at this level.
    """
    reasons = ["fields.inside-only"] if request.inside_only else []
    reasons += [RULES_FAULT] if scan.counts.get(UNREAD) else []
    reasons += ["snapshot.stale"] if status.internal_only else []
    reasons += ["trail.degraded"] if status.spooled_internal_only else []
    content = compiled.policy.content
    reasons += [f"content.{rule}" for rule in scan.rules if content.keeps_inside(rule)]
    for control in scan.failed:
        action = compiled.policy.failures.action(control, level)
        if action is Action.REFUSE:
            raise Unavailable(
                f"The control '{control}' could not check this request ({scan.unread}), and policy "
                "does not let it pass unchecked. Try again, with less text if it is long.",
                retry_after=5,
            )
        reasons += [f"control.{control}"] if action is Action.INTERNAL_ONLY else []
    return tuple(reasons)


def level_of(
    scan: RequestScan, principal: Principal, case: UseCase | None, headers: Mapping[str, str]
) -> Level:
    """The highest of content, declaration, and the floors of key, team and use case.

    Raises:
        InvalidRequest: when the declared level does not exist.
    """
    floor = Level.parse(case.floor) if case else Level.PUBLIC
    return max(scan.level, principal.floor, floor, _declared(headers))


def decide(
    compiled: CompiledSnapshot,
    principal: Principal,
    request: ParsedRequest,
    scan: RequestScan,
    bounds: ZoneBounds,
    *,
    level: Level,
    case: UseCase | None,
    now: float,
) -> tuple[list[Candidate], str | None]:
    """The allowed candidates in order of preference, and why the first one was passed over.

    ``now`` is epoch seconds, by which contracts end.

    Raises:
        UnknownModel: when there is no such model for this principal.
        Denied: when policy allows none; names the policies.
        ModelRetired: when the version behind the name has ended.
        NoUpstream: when the name has no candidate at all now.
        InvalidRequest: when a content rule keeps it from all zones with a candidate.
    """
    choice = compiled.catalogue.choose(request.facts.model, principal)
    targets = able_targets(compiled, request, choice)
    candidates: list[Candidate] = []
    against = {"stop.deployment"} if choice.stopped else set[str]()
    against |= {UNAPPROVED} if choice.unapproved else set()
    retired = choice.retired
    for target in targets:
        if target.retired_at(now):
            retired = True
            continue
        if reasons := bounds.withheld[target.zone]:
            against.update(reasons)
            continue
        cleared = target.cleared_at(now)
        if target.cleared.allows(level, redacted=True) and not cleared.allows(level, redacted=True):
            against.add(CONTRACT)
        decision = decided(
            compiled,
            target,
            cleared,
            principal,
            level=level,
            purpose=case.name if case else "",
            case=case,
        )
        if decision.allowed:
            redact = decision.redact or target.zone in bounds.redacted
            candidates.append(Candidate(target, replace(decision, redact=redact)))
        else:
            against.update(decision.policies or ("default.deny",))
    if not candidates:
        if retired and not against:
            raise ModelRetired
        if bounds.refusal and against and against <= bounds.refusing:
            raise bounds.refusal
        raise _nothing_allowed(level, against, request.unread, _reasons_for(scan, level))
    return candidates, _rerouted(candidates[0].target is targets[0], bounds.withheld[Zone.GLOBAL])


def conversation_of(incoming: IncomingRequest, request: ParsedRequest) -> str:
    """The conversation that the caller named, else what is the same in every turn of one."""
    given = incoming.headers.get(CONVERSATION)
    if given:
        return "given:" + given
    first = request.dialect.conversation(request.body)
    return "request:" + incoming.record.audit_id if first is None else "first:" + first


def record_findings(
    record: AuditRecord, request: ParsedRequest, scan: RequestScan, level: Level
) -> None:
    """Puts types and counts on record, never values."""
    record.note(
        level=level.label,
        reasons=list(scan.reasons),
        findings=dict(scan.counts),
        rules=list(scan.rules),
        monitored=list(scan.monitored),
        unread=request.unread[:_MAX_NAMED],
        failed=list(scan.failed),
        unread_reason=scan.unread,
        detectors=scan.detectors,
    )
    if scan.lists:
        record.note(lists=scan.lists)


def _rerouted(first: bool, internal_only: tuple[str, ...]) -> str | None:  # noqa: FBT001
    """Why the first choice was passed over: what was not read, or what may not go there."""
    if first:
        return None
    unread = not {f"control.{NAMES}", RULES_FAULT}.isdisjoint(internal_only)
    return "unread" if unread else "clearance"


def _declared(headers: Mapping[str, str]) -> Level:
    declared = headers.get("x-sluis-sensitivity")
    if not declared:
        return Level.PUBLIC
    try:
        return Level.parse(declared)
    except ValueError as error:
        raise InvalidRequest(
            "x-sluis-sensitivity must be one of: public, internal, confidential, restricted.",
            param="x-sluis-sensitivity",
        ) from error


def _reasons_for(scan: RequestScan, level: Level) -> list[str]:
    """The codes of what gives a request its level: by content, by declaration or by a floor."""
    return [*scan.reasons, *([DECLARED] if level > scan.level else [])]


def _nothing_allowed(
    level: Level, against: set[str], unread: Sequence[str], reasons: Sequence[str]
) -> Refusal:
    if not against:
        return NoUpstream("No deployment of this model is available now.", retry_after=10)
    rules = tuple(sorted(against))
    cure = f" Nothing can read '{unread[0]}': {_CURE}" if unread else ""
    return Denied(
        f"No deployment of this model may receive {level.label} text from you. "
        f"Reasons of the level: {', '.join(reasons) or 'none'}. "
        f"Policies: {', '.join(rules)}.{cure}",
        rules=rules,
    )
