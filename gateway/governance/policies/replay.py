"""A proposal over recorded decisions: what it would have decided, and what cannot be known.

Entries hold level, findings by type, caller, use case, destination and the content rules that
matched; not the texts. What depends on a text is decided from the stored, redacted body where it
was opened, and counts as undecided otherwise.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import yaml

from gateway.compiled.policy import CompiledPolicy
from gateway.core.level import Level, Zone
from gateway.decisions import Circumstances, ContentRule, ContentRules
from gateway.decisions.cedar_rules import CedarRule, cedar_rules
from gateway.governance.policies.probe import Probe, Where, Who, outcome_of
from gateway.governance.policies.recorded import CatalogueView, RecordedDecision
from gateway.privacy import LevelTable, clear_languages
from gateway.privacy.detect.decoding import decoded_parts

_ORDER = ("refuse", "redact", "allow")
_UNNAMED = "unnamed"  # in place of what no rule mentions
_MOST_EXAMPLES = 20  # of one change
# Why a decision cannot be known.
TEXT, LEVEL, CALLER, DESTINATION = "text", "level", "caller", "destination"


@dataclass(frozen=True, slots=True)
class _Judged:
    """The outcome of a request with one bundle, with the rules that took part in it."""

    outcome: str
    rules: frozenset[str]


@dataclass(slots=True)
class ReplayCounts:
    """What a replay counted."""

    decisions: int = 0
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    rules_before: Counter[str] = field(default_factory=Counter)
    rules_after: Counter[str] = field(default_factory=Counter)
    rules_undecided: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    undecided_decisions: int = 0
    examples: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))


class Replay:
    """Judges recorded decisions by the bundle in force and by a proposed one."""

    def __init__(
        self,
        before: CompiledPolicy,
        after: CompiledPolicy,
        catalogue: CatalogueView,
    ) -> None:
        self._before = before
        self._after = after
        self._catalogue = catalogue
        self._known: dict[tuple[bool, Who, Where, Level], tuple[str, frozenset[str]]] = {}
        self.counts = ReplayCounts()

    @cached_property
    def unread_rules(self) -> frozenset[str]:
        """The content rules of the proposal that match other texts than those in force."""
        old, new = self._before.content.rules, self._after.content.rules
        return frozenset(
            name
            for name, rule in new.items()
            if "input" in rule.stages
            and (name not in old or _matching(rule) != _matching(old[name]))
        )

    def add(self, decisions: Iterable[RecordedDecision]) -> None:
        """Judge some decisions, and count them."""
        for one in decisions:
            self._add(one)

    def _add(self, one: RecordedDecision) -> None:
        counts, fields = self.counts, one.fields
        counts.decisions += 1
        destinations = self._catalogue.destinations(fields)
        if not destinations:
            counts.undecided[DESTINATION] += 1
            counts.undecided_decisions += 1
            return
        who, known = self._catalogue.who(fields)
        level = Level.parse(str(fields["level"]))
        recorded = {*fields.get("rules", ()), *fields.get("monitored", ())}
        old = self._judged(self._before, who, destinations, level, recorded)
        new_level, level_known = self._new_level(fields, level)
        fired, unknown = self._fired(one, who, new_level, recorded)
        new = self._judged(self._after, who, destinations, new_level, fired)
        why = set()
        if not level_known:
            why.add(LEVEL)
        if not known and self._names_roles:
            why.add(CALLER)
        if any(self._matters(rule, new.outcome) for rule in unknown):
            why.add(TEXT)
        counts.rules_undecided.update(unknown)
        counts.undecided.update(why)
        counts.rules_before.update(old.rules)
        counts.rules_after.update(new.rules)
        if why:
            counts.undecided_decisions += 1
            return
        change = (old.outcome, new.outcome)
        counts.changes[change] += 1
        if old.outcome != new.outcome and len(counts.examples[change]) < _MOST_EXAMPLES:
            counts.examples[change].append(one.request)

    @cached_property
    def _names_roles(self) -> bool:
        """Whether a rule of either bundle speaks of roles, which are on no entry."""
        return any(attribute == "roles" for attribute, _ in self._named)

    def _matters(self, rule: str, outcome: str) -> bool:
        """Whether a match would change this outcome."""
        content = self._after.content
        if content.redacts(rule):
            return outcome == "allow"
        return outcome != "refuse" and (content.refuses(rule) or content.keeps_inside(rule))

    @cached_property
    def _levels_differ(self) -> bool:
        old, new = self._before.levels, self._after.levels
        return (old.types, old.topic, old.other) != (new.types, new.topic, new.other)

    def _new_level(self, fields: Mapping[str, object], level: Level) -> tuple[Level, bool]:
        """The level by the tables of the proposal; False where a floor may have made it."""
        if not self._levels_differ:
            return level, True
        old, new = (_content_level(fields, one.levels) for one in (self._before, self._after))
        if new >= level:
            return new, True
        # What was lower than the level has not made it: a floor or a declaration has.
        return (level, True) if old < level else (max(new, Level.PUBLIC), old == new)

    def _fired(
        self, one: RecordedDecision, who: Who, level: Level, recorded: set[str]
    ) -> tuple[set[str], set[str]]:
        """The content rules of the proposal that match, and those that may match."""
        content = self._after.content
        fired = {rule for rule in recorded if rule in content.rules} - self.unread_rules
        about = Circumstances(who.team, who.key, who.use_case, level)
        unread = {rule for rule in self.unread_rules if content.about(rule, about)}
        if not unread:
            return fired, set()
        if one.texts is None:
            return fired, unread
        matching = {
            rule
            for text in one.texts
            for rule in self._unread.fired_by(text.text, *_decoded(text.text))
            if content.at(rule, (text.position,))
        } & unread
        hidden = {
            rule
            for rule in unread - matching
            if one.redacted or content.rules[rule].categories  # the classifier is not asked again
        }
        return fired | matching, hidden

    def _judged(
        self,
        policy: CompiledPolicy,
        who: Who,
        destinations: Sequence[Where],
        level: Level,
        fired: Iterable[str],
    ) -> _Judged:
        """The most that any destination may get."""
        content = policy.content
        rules = frozenset(rule for rule in fired if rule in content.rules)
        inside = any(content.keeps_inside(rule) for rule in rules)
        best = _Judged("refuse", rules)
        for where in destinations:
            here = [rule for rule in rules if content.holds_in(rule, where.zone)]
            if (inside and where.zone is not Zone.INTERNAL) or any(map(content.refuses, here)):
                continue
            outcome, policies = self._decided(policy, who, where, level)
            if outcome == "allow" and any(map(content.redacts, here)):
                outcome = "redact"
            if _ORDER.index(outcome) > _ORDER.index(best.outcome):
                best = _Judged(outcome, rules | policies)
            elif best.outcome == outcome == "refuse":
                best = _Judged("refuse", best.rules | policies)
        return best

    def _decided(
        self, policy: CompiledPolicy, who: Who, where: Where, level: Level
    ) -> tuple[str, frozenset[str]]:
        """What authorisation says; what no rule names makes no difference to it."""
        if not self._by_pattern:
            who, where = self._as_named(who, where)
        key = (policy is self._after, who, where, level)
        found = self._known.get(key)
        if found is None:
            decision = policy.authoriser.decide(Probe(where, who).request(level))
            found = outcome_of(decision), frozenset(decision.policies)
            self._known[key] = found
        return found

    def _as_named(self, who: Who, where: Where) -> tuple[Who, Where]:
        """A caller and a destination with the names that a rule of either bundle mentions."""
        named = self._named
        return (
            Who(
                id=who.id if ("principal", who.id) in named else _UNNAMED,
                kind=who.kind,
                team=who.team if ("team", who.team) in named else "",
                roles=tuple(role for role in who.roles if ("roles", role) in named),
                clearance=who.clearance,
                use_case=who.use_case if ("purpose", who.use_case) in named else "",
                risk=who.risk,
                zones=who.zones,
            ),
            Where(
                where.zone,
                where.provider if ("provider", where.provider) in named else _UNNAMED,
                where.deployment if ("deployment", where.deployment) in named else _UNNAMED,
                where.clear,
                where.redacted,
            ),
        )

    @cached_property
    def _named(self) -> frozenset[tuple[str, str]]:
        """The names that rules of either bundle mention, by attribute."""
        return frozenset(name for rule in self._cedar for name in rule.names())

    @cached_property
    def _by_pattern(self) -> bool:
        return any(rule.by_pattern for rule in self._cedar)

    @cached_property
    def _cedar(self) -> list[CedarRule]:
        return [*cedar_rules(self._before.files), *cedar_rules(self._after.files)]

    @cached_property
    def _unread(self) -> ContentRules:
        """The patterns of the rules that are not on record."""
        rules = [
            {
                "id": rule.id,
                "stages": ["input"],
                "action": "flag",
                "reason": dict(rule.reasons),
                "patterns": list(rule.patterns),
                "languages": sorted(rule.languages),
            }
            for rule in self._after.content.rules.values()
            if rule.id in self.unread_rules and rule.patterns
        ]
        text = yaml.safe_dump({"rules": rules}, allow_unicode=True)
        return ContentRules(text, languages=clear_languages)


def _content_level(fields: Mapping[str, object], table: LevelTable) -> Level:
    """The level that findings and special categories on record have by a table."""
    findings = fields.get("findings")
    types = findings if isinstance(findings, dict) else {}
    levels = [table.types.get(name, table.other)[0] for name in types if name in table.types]
    reasons = fields.get("reasons")
    if isinstance(reasons, list) and table.topic[1] in reasons:
        levels.append(table.topic[0])
    if isinstance(reasons, list) and table.other[1] in reasons:
        levels.append(table.other[0])
    return max(levels, default=Level.PUBLIC)


def _matching(rule: ContentRule) -> ContentRule:
    """What decides which texts a rule matches."""
    return replace(rule, action="", reasons={}, owner="")


def _decoded(text: str) -> list[str]:
    return [part.text for part in decoded_parts(text)]
