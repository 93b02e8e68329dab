"""The steps before anything leaves, as functions of their inputs; the pipeline puts them in order."""

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import Denied, InvalidRequest, NoUpstream, Refusal, Unavailable
from gateway.core.finding import Finding, FindingKind
from gateway.core.level import Level, Zone
from gateway.core.principal import Principal
from gateway.core.snapshot import UseCase
from gateway.core.text import strict_json
from gateway.decisions import Action, authorisation_request
from gateway.privacy import level_of as level_of_findings
from gateway.request.context import (
    AuditRecord,
    Candidate,
    IncomingRequest,
    ParsedRequest,
    RequestScan,
)
from gateway.request.scanner import NAMES, Scanner

CONVERSATION = "x-sluis-conversation"
_MAX_CHOICES = 16
_MAX_DROPPED = 100  # that are named; more tell nothing more


def purpose_of(
    handles: CompiledSnapshot, principal: Principal, headers: Mapping[str, str]
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
    case = handles.use_cases.get(wanted)
    if case is None:
        raise InvalidRequest(
            "x-sluis-purpose names no registered use case.", param="x-sluis-purpose"
        )
    return wanted, case


def parse_request(handles: CompiledSnapshot, surface: str, data: bytes) -> ParsedRequest:
    """A clean body, written anew from what the caller sent.

    Raises:
        InvalidRequest: names the field at fault in ``param``.
    """
    given = strict_json.parse(data)
    texts: list[str] = []

    def collect(text: str) -> str:
        texts.append(text)
        return text

    body, walk = handles.policy.fields[surface].read(given, collect)
    _require(body)
    options = body.get("stream_options") or {}
    return ParsedRequest(
        surface=surface,
        body=body,
        texts=list(dict.fromkeys(texts)),
        dropped=list(dict.fromkeys(walk.dropped))[:_MAX_DROPPED],
        inside_only=walk.inside_only,
        unread=walk.unread,
        wants_usage=options.get("include_usage") is True,
        documents=walk.documents,
    )


async def classify(
    scanner: Scanner, handles: CompiledSnapshot, request: ParsedRequest
) -> RequestScan:
    """What the texts hold, and the level that makes."""
    looked = await scanner.scan_all(request.texts, handles.policy)
    seen = looked.seen
    findings = [finding for one in seen.values() for finding in one.findings]
    findings += [Finding(FindingKind.UNREAD, "UNREAD", 0, 0, 1.0, "fields") for _ in request.unread]
    rules = {rule for one in seen.values() for rule in one.rules}
    judged = level_of_findings(findings, handles.policy.levels)
    failed = (NAMES,) if looked.unread else ()
    terms = handles.policy.terms
    return RequestScan(
        seen,
        scanner.version,
        failed,
        tuple(sorted(rules)),
        judged.level,
        judged.reasons,
        terms.mark if terms else "",
    )


def internal_only_reason(
    handles: CompiledSnapshot,
    request: ParsedRequest,
    scan: RequestScan,
    level: Level,
    *,
    stale: bool,
    spooled: bool,
) -> tuple[str, ...]:
    """Why this request may go to internal deployments only; empty when it may go anywhere.

    Raises:
        Unavailable: when a control failed, and policy refuses at this level.
    """
    reasons = ["fields.inside-only"] if request.inside_only else []
    reasons += ["snapshot.stale"] if stale else []
    reasons += ["trail.degraded"] if spooled else []
    for control in scan.failed:
        action = handles.policy.failures.action(control, level)
        if action is Action.REFUSE:
            raise Unavailable(
                f"The control '{control}' could not check this request in time, and policy does "
                "not let it pass unchecked. Try again, with less text if it is long.",
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


def refuse_forbidden_content(handles: CompiledSnapshot, scan: RequestScan) -> None:
    """Ends a request that a content rule refuses.

    Raises:
        InvalidRequest: names the rule, never the text.
    """
    content = handles.policy.content
    refusing = tuple(rule for rule in scan.rules if content.refuses(rule))
    if refusing:
        reason = content.rules[refusing[0]].reasons["en"]
        raise InvalidRequest(
            f"A content policy refuses this request ({refusing[0]}): {reason}",
            code="content_policy_violation",
            rules=refusing,
        )


def decide(
    handles: CompiledSnapshot,
    principal: Principal,
    request: ParsedRequest,
    *,
    level: Level,
    purpose: str,
    case: UseCase | None,
    inside: tuple[str, ...],
) -> tuple[list[Candidate], str | None]:
    """The candidates that policy allows, in order of preference, and why the first was passed over.

    Raises:
        UnknownModel: when there is no such model for this principal.
        Denied: when policy allows none; names the policies.
        NoUpstream: when the name has no candidate at all now.
    """
    choice = handles.catalogue.choose(request.body["model"], principal)
    ways: list[Candidate] = []
    against: set[str] = set()
    for target in choice.candidates:
        if inside and target.zone is not Zone.INTERNAL:
            against.update(inside)
            continue
        decision = handles.policy.authoriser.decide(
            authorisation_request(
                principal,
                level=level,
                purpose=purpose,
                risk=case.risk if case else "",
                zones=tuple(case.zones) if case else (),
                deployment=target.name,
                provider=target.provider.name,
                zone=target.zone,
                cleared=target.cleared,
            )
        )
        if decision.allowed:
            ways.append(Candidate(target, decision))
        else:
            against.update(decision.policies or ("default.deny",))
    if not ways:
        raise _nothing_allowed(level, against)
    rerouted = "clearance" if ways[0].target is not choice.candidates[0] else None
    return ways, rerouted


def conversation_of(incoming: IncomingRequest, body: Mapping[str, Any]) -> str:
    """The caller's conversation, else the first user message: the same in every turn."""
    given = incoming.headers.get(CONVERSATION)
    if given:
        return "given:" + given
    for message in body["messages"]:
        if message.get("role") == "user":
            return "first:" + orjson.dumps(message.get("content")).decode()
    return "request:" + incoming.record.audit_id


def record_findings(
    record: AuditRecord, request: ParsedRequest, scan: RequestScan, level: Level
) -> None:
    """Puts types and counts on record, never values."""
    counts: dict[str, int] = {}
    for one in scan.seen.values():
        for finding in one.findings:
            counts[finding.type] = counts.get(finding.type, 0) + 1
    record.note(
        level=level.label,
        reasons=list(scan.reasons),
        findings=counts,
        rules=list(scan.rules),
        unread=request.unread,
        failed=list(scan.failed),
        detectors=scan.detectors,
    )
    if scan.lists:
        record.note(lists=scan.lists)


def _require(body: dict[str, Any]) -> None:
    if not isinstance(body.get("model"), str):
        raise InvalidRequest("'model' is required.", param="model")
    if not body.get("messages"):
        raise InvalidRequest("'messages' must be a non-empty list.", param="messages")
    for name in ("max_tokens", "max_completion_tokens", "n"):
        value = body.get(name)
        if value is not None and (type(value) is not int or value < 1):
            raise InvalidRequest(f"'{name}' must be a whole number above 0.", param=name)
    if (body.get("n") or 1) > _MAX_CHOICES:
        raise InvalidRequest(f"'n' must be at most {_MAX_CHOICES}.", param="n")


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


def _nothing_allowed(level: Level, against: set[str]) -> Refusal:
    if not against:
        return NoUpstream("No deployment of this model is available now.", retry_after=10)
    rules = tuple(sorted(against))
    return Denied(
        f"No deployment of this model may receive {level.label} text from you. "
        f"Policies: {', '.join(rules)}.",
        rules=rules,
    )
