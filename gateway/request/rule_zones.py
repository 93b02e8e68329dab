"""Content rules once it is known where a request goes: zones, and what is taken out for them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from gateway.compiled.policy import CompiledPolicy
from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import Refusal
from gateway.core.level import ZONES, Zone
from gateway.core.origin import EVERYWHERE
from gateway.core.system.off_loop import off_loop
from gateway.decisions import ContentRules
from gateway.decisions.redacted_places import Stretch, without
from gateway.privacy import with_stretches
from gateway.request.content import content_refusal, seam_rules
from gateway.request.context import ParsedRequest, RequestScan
from gateway.request.scanner import Scanner
from gateway.request.text_scanner import TextScan

TakenOut = Mapping[str, tuple[Stretch, ...]]  # by text


@dataclass(frozen=True, slots=True)
class ZoneBounds:
    """Why a request may not go to a zone, and where it goes without what rules take out.

    ``refusal`` is given where nothing but the rules in ``refusing`` keeps it from all deployments.
    """

    withheld: Mapping[Zone, tuple[str, ...]]
    redacted: frozenset[Zone]
    refusing: frozenset[str] = frozenset()
    refusal: Refusal | None = None


NO_BOUNDS = ZoneBounds(dict.fromkeys(Zone, ()), frozenset())


async def with_redactions(
    policy: CompiledPolicy, scan: RequestScan, request: ParsedRequest, scanner: Scanner
) -> RequestScan:
    """The scan with what redacting rules take out of each text.

    A rule that matches where nothing can be taken out, as in a sentence over two messages, refuses.
    """
    wanted = [one for one in (*scan.rules, *scan.zoned) if policy.content.redacts(one)]
    if not wanted:
        return scan
    size = sum(map(len, scan.scans))
    taken, untaken = await off_loop(size, _redactions, policy, scan, request, scanner, wanted)
    return replace(scan, taken=taken, untaken=untaken)


def _redactions(
    policy: CompiledPolicy,
    scan: RequestScan,
    request: ParsedRequest,
    scanner: Scanner,
    rules: Sequence[str],
) -> tuple[dict[str, TakenOut], frozenset[str]]:
    taken: dict[str, TakenOut] = {}
    untaken = set[str]()
    for rule in rules:
        found: dict[str, tuple[Stretch, ...]] = {}
        for text in _texts_with(rule, policy.content, scan, request):
            places = policy.redacted_places(rule, text)
            if places is None:
                untaken.add(rule)
            else:
                found[text] = places
        rest = {text: without(text, places) for text, places in found.items()}
        taken[rule] = found
        if not found or rule in seam_rules(request, scanner, policy, rest):
            untaken.add(rule)
    return taken, frozenset(untaken)


def _texts_with(
    rule: str, content: ContentRules, scan: RequestScan, request: ParsedRequest
) -> Iterator[str]:
    for text, one in scan.scans.items():
        if rule in one.rules and content.at(rule, request.origins.get(text, EVERYWHERE)):
            yield text


def rules_at(content: ContentRules, scan: RequestScan, zone: Zone) -> tuple[list[str], list[str]]:
    """The rules that matched and have an effect on a request to this zone; apart, those monitored.

    A rule that keeps it from other zones has one.
    """
    here = [rule for rule in scan.zoned if content.holds_in(rule, zone) or content.refuses(rule)]
    rules = [*scan.rules, *(rule for rule in here if not content.monitors(rule))]
    return rules, sorted({*scan.monitored, *filter(content.monitors, here)})


def scans_at(content: ContentRules, scan: RequestScan, zone: Zone) -> Mapping[str, TextScan]:
    """The scans of all texts, with what rules take out of a request to this zone."""
    taken = [scan.taken[rule] for rule in _taking(content, scan, zone)]
    if not taken:
        return scan.scans
    scans = dict(scan.scans)
    for places in taken:
        for text, stretches in places.items():
            one = scans[text]
            scans[text] = replace(one, spans=with_stretches(one.spans, stretches))
    return scans


def is_redacted_at(content: ContentRules, scan: RequestScan, zone: Zone) -> bool:
    """Whether a rule takes something out of a request to this zone."""
    return bool(_taking(content, scan, zone))


def _taking(content: ContentRules, scan: RequestScan, zone: Zone) -> list[str]:
    return [rule for rule in scan.taken if content.holds_in(rule, zone)]


def zone_bounds(
    compiled: CompiledSnapshot,
    request: ParsedRequest,
    scan: RequestScan,
    internal_only: tuple[str, ...],
    headers: Mapping[str, str],
) -> ZoneBounds:
    """What the content rules, and ``internal_only``, say of each zone."""
    content = compiled.policy.content
    refusing = [one for one in scan.zoned if content.refuses(one) or one in scan.untaken]
    withheld = {
        zone: (
            *(internal_only if zone is not Zone.INTERNAL else ()),
            *(f"content.{one}" for one in refusing if content.holds_in(one, zone)),
        )
        for zone in ZONES
    }
    return ZoneBounds(
        withheld,
        frozenset(zone for zone in ZONES if is_redacted_at(content, scan, zone)),
        frozenset(f"content.{one}" for one in refusing),
        content_refusal(content, request, scan, refusing, headers) if refusing else None,
    )
