"""Content rules on a request: which match where they apply, and what follows."""

from collections.abc import Mapping

from msgspec.structs import replace

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import InvalidRequest
from gateway.core.http_headers import language_of
from gateway.core.level import Level
from gateway.core.origin import EVERYWHERE
from gateway.core.principal import Principal
from gateway.decisions import Circumstances, ContentRules
from gateway.request.context import ParsedRequest, RequestScan
from gateway.request.text_scanner import TextScan

_REFUSED = {
    "en": "A content policy refuses this request ({rule}): {reason}",
    "nl": "Een inhoudsregel weigert dit verzoek ({rule}): {reason}",
}


def fired_rules(
    request: ParsedRequest, scans: Mapping[str, TextScan], content: ContentRules
) -> set[str]:
    """The content rules that match a text where they apply."""
    return {
        rule
        for text, scan in scans.items()
        for rule in scan.rules
        if content.at(rule, request.origins.get(text, EVERYWHERE))
    }


def in_scope(
    compiled: CompiledSnapshot, scan: RequestScan, principal: Principal, use_case: str, level: Level
) -> RequestScan:
    """The scan with the content rules that are for a request like this one.

    Rules that are only monitored are set apart.
    """
    if not scan.rules:
        return scan
    about = Circumstances(principal.team or "", principal.name, use_case, level)
    content = compiled.policy.content
    fired = [one for one in scan.rules if content.about(one, about)]
    monitored = tuple(one for one in fired if content.monitors(one))
    return replace(
        scan, rules=tuple(one for one in fired if one not in monitored), monitored=monitored
    )


def refuse_forbidden_content(
    compiled: CompiledSnapshot, scan: RequestScan, headers: Mapping[str, str]
) -> None:
    """Ends a request that a content rule refuses, with the reason in the caller's language.

    Raises:
        InvalidRequest: names the rule, never the text.
    """
    content = compiled.policy.content
    refusing = tuple(one for one in content.rules if one in scan.rules and content.refuses(one))
    if refusing:
        language = language_of(headers)
        reason = content.rules[refusing[0]].reason(language)
        raise InvalidRequest(
            _REFUSED[language].format(rule=refusing[0], reason=reason),
            code="content_policy_violation",
            rules=refusing,
        )
