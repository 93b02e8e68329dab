"""One content rule of a bundle: what it looks for, where, for whom, and what follows."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.level import Level, Zone
from gateway.core.origin import EVERYWHERE, Origin
from gateway.core.text import yaml_text
from gateway.core.text.languages import LANGUAGES
from gateway.decisions.authorisation import BundleError
from gateway.decisions.content_guardrail import GuardrailCheck
from gateway.decisions.content_links import LinkLimits
from gateway.decisions.content_secrets import SecretLimits
from gateway.decisions.content_tools import ToolLimits

STAGES = frozenset({"input", "output"})
ACTIONS = frozenset({"refuse", "redact", "inside", "flag", "monitor"})
EFFECTIVE = frozenset({"refuse", "redact"})  # the actions that change an answer
_REASONS = ("en", "nl")
_FORMS = "patterns, categories, links, secrets, tools or guardrail"
_SCOPES = frozenset({"teams", "keys", "use_cases", "levels", "zones"})
_KEYS = frozenset([
    "id",
    "owner",
    "stages",
    "positions",
    "languages",
    "scope",
    "action",
    "reason",
    "patterns",
    "categories",
    "threshold",
    "links",
    "secrets",
    "tools",
    "guardrail",
])


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who asks, for what, and how sensitive it is: what a scope is about.

    ``zone`` is that of the deployment, None as long as it may be any.
    """

    team: str
    key: str
    use_case: str
    level: Level
    zone: Zone | None = None


@dataclass(frozen=True, slots=True)
class RuleScope:
    """For whom a rule is; an empty set is everybody."""

    teams: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    use_cases: frozenset[str] = frozenset()
    levels: frozenset[Level] = frozenset()
    zones: frozenset[Zone] = frozenset()

    def holds(self, about: Circumstances) -> bool:
        """Whether a request is one of these; as long as its zone may be any, it may be theirs."""
        given: tuple[tuple[Collection[Any], Any], ...] = (
            (self.teams, about.team),
            (self.keys, about.key),
            (self.use_cases, about.use_case),
            (self.levels, about.level),
        )
        if about.zone and self.zones and about.zone not in self.zones:
            return False
        return all(not wanted or value in wanted for wanted, value in given)


@dataclass(frozen=True, slots=True)
class ContentRule:
    """A rule; ``reasons`` are texts by language that a caller may see, ``owner`` answers for it.

    ``languages`` are those of the texts of a request that it is about; none are all. ``patterns``
    are searched in ``stages``. ``categories`` are those of the classifier that count
    from ``threshold`` on, each with its own where that is None; they are for input. ``positions``
    are the origins of texts of a request. ``links`` and ``secrets`` are about those of an answer,
    ``tools`` about those of a request and about calls in an answer. ``guardrail`` is one to ask.
    """

    id: str
    stages: frozenset[str]
    action: str
    reasons: Mapping[str, str]
    patterns: tuple[str, ...] = ()
    categories: frozenset[str] = frozenset()
    threshold: float | None = None
    positions: frozenset[Origin] = EVERYWHERE
    scope: RuleScope = RuleScope()
    links: LinkLimits | None = None
    secrets: SecretLimits | None = None
    tools: ToolLimits | None = None
    guardrail: GuardrailCheck | None = None
    owner: str = ""
    languages: frozenset[str] = frozenset()

    def reason(self, language: str) -> str:
        """The reason in Dutch or English."""
        return self.reasons["nl" if language == "nl" else "en"]


def rule_of(node: Any) -> ContentRule:
    """The rule that a node of ``content.yaml`` describes.

    Raises:
        BundleError: names the rule and what is wrong with it.
    """
    where = f"rule {node.get('id', '?')!r}" if isinstance(node, dict) else "a rule"
    try:
        rule = _rule(node)
    except (KeyError, TypeError, ValueError) as error:
        what = f": {error}" if type(error) is ValueError else ""
        raise BundleError(
            f"{where}: needs id, stages, action, reason, and {_FORMS}{what}"
        ) from error
    for problem in _problems(rule):
        raise BundleError(f"{where}: {problem}")
    return rule


def strict_problems(nodes: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """What a new bundle may not have, though one that is in force keeps serving with it.

    Gives the id of the rule, and what is wrong with it.
    """
    known: set[str] = set()
    for node in nodes:
        name = str(node.get("id"))
        if name in known:
            yield name, "there are two with this id"
        known.add(name)
        for key in sorted(node.keys() - _KEYS):
            yield name, f"there is no {key!r}; known: {', '.join(sorted(_KEYS))}"


def _rule(node: Mapping[str, Any]) -> ContentRule:
    scope = dict(node.get("scope") or {})
    levels = frozenset(map(Level.parse, yaml_text.words(scope, "levels")))
    zones = frozenset(map(Zone, yaml_text.words(scope, "zones")))
    if unknown := sorted(scope.keys() - _SCOPES):
        raise ValueError(f"scope may have {', '.join(sorted(_SCOPES))}, not {unknown[0]!r}")
    names = scope.keys() - {"levels", "zones"}
    named = {one: frozenset(yaml_text.words(scope, one)) for one in names}
    threshold = node.get("threshold")
    return ContentRule(
        id=str(node["id"]),
        stages=frozenset(yaml_text.words(node, "stages")),
        action=str(node["action"]),
        reasons=dict(node["reason"]),
        patterns=yaml_text.words(node, "patterns"),
        categories=frozenset(yaml_text.words(node, "categories")),
        threshold=None if threshold is None else float(threshold),
        positions=frozenset(map(Origin, yaml_text.words(node, "positions", EVERYWHERE))),
        scope=RuleScope(levels=levels, zones=zones, **named),
        links=LinkLimits.of(node["links"]) if "links" in node else None,
        secrets=SecretLimits.of(node["secrets"]) if "secrets" in node else None,
        tools=ToolLimits.of(node["tools"]) if "tools" in node else None,
        guardrail=GuardrailCheck.of(node["guardrail"]) if "guardrail" in node else None,
        owner=str(node.get("owner", "")),
        languages=frozenset(yaml_text.words(node, "languages")),
    )


def _problems(rule: ContentRule) -> list[str]:
    found = []
    if not rule.stages or not rule.stages <= STAGES:
        found.append(f"stages must be of {sorted(STAGES)}")
    if not rule.reasons.keys() >= set(_REASONS):
        found.append(f"reason must have a text in {sorted(_REASONS)}")
    if rule.action not in ACTIONS:
        found.append(f"action must be one of {sorted(ACTIONS)}")
    own = rule.patterns or rule.categories or rule.links or rule.secrets or rule.tools
    if not (own or rule.guardrail):
        found.append(f"{_FORMS} are missing")
    if rule.guardrail:
        found += _guardrail_problems(rule, rule.guardrail, alone=not own)
    if (rule.links or rule.secrets) and rule.stages != {"output"}:
        found.append("links and secrets are for output only")
    if rule.tools and rule.tools.arguments and "output" not in rule.stages:
        found.append("arguments of tools are checked on output only")
    if rule.action == "inside" and "output" in rule.stages:
        found.append("inside is for input only: an answer has left already")
    if rule.categories and "output" in rule.stages:
        found.append("categories are for input only")
    found += _limits_problems(rule, alone=not (rule.patterns or rule.categories))
    if rule.threshold is not None and not 0 < rule.threshold < 1:
        found.append("threshold must lie between 0 and 1")
    return found


def _limits_problems(rule: ContentRule, *, alone: bool) -> Iterator[str]:
    """What languages, zones and redact cannot be combined with."""
    if rule.languages and (rule.stages != {"input"} or alone):
        yield "languages is for patterns and categories on input"
    if unknown := sorted(rule.languages - set(LANGUAGES)):
        yield f"languages may have {', '.join(LANGUAGES)}, not {unknown[0]!r}"
    if rule.scope.zones and rule.action == "inside":
        yield "inside is for all zones: use refuse with the zones where it may not go"
    if rule.scope.zones and rule.guardrail and "input" in rule.stages:
        yield "a guardrail is asked about a request before its zone is known"
    others = rule.categories or rule.links or rule.secrets or rule.tools or rule.guardrail
    if rule.action == "redact" and (others or not rule.patterns):
        yield "redact is for patterns only"


def _guardrail_problems(
    rule: ContentRule, guardrail: GuardrailCheck, *, alone: bool
) -> Iterator[str]:
    if not alone or rule.threshold is not None:
        yield "a rule with guardrail has no other form, and its threshold is that of guardrail"
    if rule.action == "inside":
        yield "a guardrail is asked when the deployments are known: use refuse, flag or monitor"
    if rule.action == "monitor" and not guardrail.allows:
        yield "monitor has no effect: state on_failure: allow"
    streams = guardrail.holds is not None
    if streams and (rule.action == "monitor" or "output" not in rule.stages):
        yield "streams is for rules on output that do not only monitor"
    if not streams and rule.action != "monitor" and "output" in rule.stages:
        yield (
            "a guardrail judges whole answers: state streams: hold (a streamed answer is held back "
            "until it has answered) or streams: refuse (a streamed request is refused)"
        )
