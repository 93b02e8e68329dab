"""Content rules on a request: which match where they apply, and what follows."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from gateway.compiled.policy import CompiledPolicy
from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import InvalidRequest
from gateway.core.fields import dotted
from gateway.core.http_headers import language_of
from gateway.core.level import Level, Zone
from gateway.core.origin import EVERYWHERE, Origin
from gateway.core.principal import Principal
from gateway.core.system.off_loop import off_loop
from gateway.core.text.named_links import NamedLinks, named_by, named_links
from gateway.decisions import Circumstances, ContentRules
from gateway.request.context import ParsedRequest, RequestScan
from gateway.request.scanner import Scanner
from gateway.request.text_scanner import TextScan

_REACH = 160  # characters to each side of where texts meet
_REFUSED = {
    "en": "A content policy refuses this request ({rule}): {reason}",
    "nl": "Een inhoudsregel weigert dit verzoek ({rule}): {reason}",
}
# Attacks on the model look like instructions; who asks for harm gets no advice for applications.
_LIKE_INSTRUCTIONS = frozenset({"prompt_injection", "jailbreak", "prompt_extraction"})
_DECLARE = {
    "en": " If an application always sends this text, declare it as a template: "
    "sluis policy boilerplate template --help.",
    "nl": " Stuurt een applicatie deze tekst altijd mee, geef hem dan op als sjabloon: "
    "sluis policy boilerplate template --help.",
}


def fired_rules(
    request: ParsedRequest, scans: Mapping[str, TextScan], content: ContentRules
) -> set[str]:
    """The content rules that match a text where they apply, or a tool of the request."""
    return content.fired_by_tools(request.facts.tool_names) | {
        rule
        for text, scan in scans.items()
        for rule in scan.rules
        if content.at(rule, request.origins.get(text, EVERYWHERE))
    }


async def split_rules(request: ParsedRequest, scanner: Scanner, policy: CompiledPolicy) -> set[str]:
    """The content rules that match texts of one origin only where they are read together.

    A sentence may be spread over the parts of a message, or over messages that follow one another.
    """
    seams = list(_seams(request))
    return await off_loop(sum(len(text) for text, _ in seams), _matching, seams, scanner, policy)


def seam_rules(
    request: ParsedRequest, scanner: Scanner, policy: CompiledPolicy, rest: Mapping[str, str]
) -> set[str]:
    """The same, where ``rest`` has what is left of some texts."""
    return _matching(list(_seams(request, rest)), scanner, policy)


def _matching(
    seams: Sequence[tuple[str, frozenset[Origin]]], scanner: Scanner, policy: CompiledPolicy
) -> set[str]:
    return {
        rule
        for text, origins in seams
        for rule in scanner.scan_by_rules(text, policy).rules
        if policy.content.at(rule, origins)
    }


def _seams(
    request: ParsedRequest, rest: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[str, frozenset[Origin]]]:
    """Where texts of one origin meet, with and without a space between them; and that origin.

    ``rest`` has what is left of some texts.
    """
    before, last = "", None
    for first, second in request.neighbours:
        origins = request.origins.get(first, EVERYWHERE) & request.origins.get(second, EVERYWHERE)
        left, right = rest.get(first, first), rest.get(second, second)
        before = before if left == last and origins else left[-_REACH:]
        last = right
        if origins:
            yield f"{before} {right[:_REACH]}", origins
            if before[-1:].isalpha() and right[:1].isalpha():
                yield before + right[:_REACH], origins
        before = f"{before} {right}"[-_REACH:]


def judged_texts(request: ParsedRequest, content: ContentRules) -> frozenset[str]:
    """The texts that a rule wants read for attacks and harm."""
    return frozenset(
        text for text in request.texts if content.judges(request.origins.get(text, EVERYWHERE))
    )


def links_named(request: ParsedRequest, scans: Mapping[str, TextScan]) -> NamedLinks:
    """The links that a request names, and what the detectors found in it.

    What tools gave, and what was said before, may come from whoever attacks.
    """
    texts = [(text, named_by(request.origins.get(text, frozenset()))) for text in scans]
    values = (
        (finding.type, text[finding.start : finding.end])
        for text, scan in scans.items()
        for finding in scan.findings
    )
    return named_links(texts, values)


def about(
    principal: Principal, use_case: str, level: Level, zone: Zone | None = None
) -> Circumstances:
    """Who asks, for what: what the scopes of rules are about."""
    return Circumstances(principal.team or "", principal.name, use_case, level, zone)


def in_scope(
    compiled: CompiledSnapshot, scan: RequestScan, principal: Principal, use_case: str, level: Level
) -> RequestScan:
    """The scan with the content rules that are for a request like this one.

    Rules that are only monitored are set apart, and so are those for some zones.
    """
    if not scan.rules:
        return scan
    asked = about(principal, use_case, level)
    content = compiled.policy.content
    fired = [one for one in scan.rules if content.about(one, asked)]
    zoned = tuple(one for one in fired if content.rules[one].scope.zones)
    everywhere = [one for one in fired if one not in zoned]
    return replace(
        scan,
        rules=tuple(one for one in everywhere if not content.monitors(one)),
        monitored=tuple(filter(content.monitors, everywhere)),
        zoned=zoned,
    )


def refuse_forbidden_content(
    compiled: CompiledSnapshot,
    request: ParsedRequest,
    scan: RequestScan,
    headers: Mapping[str, str],
) -> None:
    """Ends a request that a content rule refuses, with the reason in the caller's language.

    Raises:
        InvalidRequest: names the rule and the field, never the text.
    """
    content = compiled.policy.content
    refusing = [
        one
        for one in content.rules
        if one in scan.rules and (content.refuses(one) or one in scan.untaken)
    ]
    if refusing:
        raise content_refusal(content, request, scan, refusing, headers)


def content_refusal(
    content: ContentRules,
    request: ParsedRequest,
    scan: RequestScan,
    refusing: Sequence[str],
    headers: Mapping[str, str],
) -> InvalidRequest:
    """What the caller gets, with the reason of the first rule in the caller's language."""
    language, rule = language_of(headers), content.rules[refusing[0]]
    refused = _REFUSED[language].format(rule=rule.id, reason=rule.reason(language))
    return InvalidRequest(
        refused + (_DECLARE[language] if rule.categories & _LIKE_INSTRUCTIONS else ""),
        code="content_policy_violation",
        param=_field_of(rule.id, request, scan.scans, content),
        rules=tuple(refusing),
    )


def _field_of(
    rule: str, request: ParsedRequest, scans: Mapping[str, TextScan], content: ContentRules
) -> str | None:
    """The last field with a text that a rule matches; None where it matches texts together."""
    for text in reversed(request.texts):
        one = scans.get(text)
        if one and rule in one.rules and content.at(rule, request.origins.get(text, EVERYWHERE)):
            return dotted(request.place_of(text)) or None
    return None
