"""Content rules: texts that a request or a response may not hold."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.core.level import Zone
from gateway.core.origin import Origin
from gateway.core.text import yaml_text
from gateway.core.text.canonical import canonical, readings
from gateway.core.text.links import may_have_link
from gateway.core.text.matcher import Compiled, StreamMatcher
from gateway.core.text.named_links import NOTHING_NAMED, NamedLinks
from gateway.core.text.patterns import Pattern, Patterns, PatternSet
from gateway.decisions.authorisation import BundleError
from gateway.decisions.content_floor import waivers, with_floor
from gateway.decisions.content_links import LimitedLinks
from gateway.decisions.content_rule import (
    ACTIONS,
    EFFECTIVE,
    Circumstances,
    ContentRule,
    RuleScope,
    rule_of,
)
from gateway.decisions.content_secrets import SecretFinder, SecretReader, may_announce
from gateway.decisions.content_tools import ToolArguments
from gateway.decisions.output_guard import LONGEST, OutputGuard
from gateway.decisions.redacted_places import without
from gateway.decisions.text_reader import TextReader

T = TypeVar("T")
Languages = Callable[[str], Collection[str]]  # those of a text that are clear
_KEYS = {"version", "rules", "waive"}
_MATCHERS = 64  # that are kept, for as many combinations of scopes


@dataclass(frozen=True, slots=True)
class AnswerTo:
    """What an answer is an answer to: without ``request`` every rule applies.

    ``secrets`` finds secrets in a short text; without it no rule about them matches.
    """

    request: Circumstances | None = None
    named: NamedLinks = NOTHING_NAMED
    secrets: SecretFinder | None = None


_ANYBODY = AnswerTo()


class ContentRules:
    """The content rules of one bundle, compiled once."""

    def __init__(
        self, text: str, *, floor: Sequence[ContentRule] = (), languages: Languages | None = None
    ) -> None:
        """Reads ``content.yaml``; the rules of ``floor`` hold whatever it says.

        Without ``languages`` a rule for some languages is for all of them.

        Raises:
            BundleError: names the rule and what is wrong with it.
        """
        try:
            document = _parse(text)
            own = {rule.id: rule for rule in map(rule_of, document["rules"])}
            self.rules = with_floor(own, floor, waivers(document))
            self._input = PatternSet(self._patterns("input"))
            self._languages = languages
            self._taking = self._placed("input")
            self._covering = self._placed("output")
            self._matchers: dict[tuple[frozenset[str], bool], Compiled] = {}
            self._streamed = {
                True: self._patterns("output", EFFECTIVE),
                False: self._patterns("output", ACTIONS - EFFECTIVE),
            }
            self._compiled(frozenset(), effective=True)
            self._compiled(frozenset(), effective=False)
            self._ending = PatternSet(self._patterns("output", {"refuse"}))
            self._whole_output = PatternSet(self._patterns("output"))
            self._links = {rule.id: rule.links for rule in self.rules.values() if rule.links}
            self._tools = {rule.id: rule.tools for rule in self.rules.values() if rule.tools}
            self._guardrails = [rule for rule in self.rules.values() if rule.guardrail]
            self._secrets = {one.id: one.secrets for one in self.rules.values() if one.secrets}
            everybody = RuleScope()
            self._scoped = [one.id for one in self.rules.values() if one.scope != everybody]
            self._judged = frozenset(
                one for rule in self.rules.values() if rule.categories for one in rule.positions
            )
        except ValueError as error:
            raise BundleError(str(error)) from error

    def fired_by(
        self, text: str, *decoded: str, categories: Mapping[str, float] | None = None
    ) -> tuple[str, ...]:
        """Returns the ids of the input rules that a text matches, layout and disguise aside.

        ``decoded`` are the parts of it that were encoded, ``categories`` the probabilities of the
        classifier from its own thresholds on.
        """
        read = [reading for one in (text, *decoded) for reading in readings(one)]
        fired = set[str]().union(*map(self._input.matching, read))
        if categories:
            fired.update(self._by_category(categories))
        limited = {one for one in fired if self.rules[one].languages}
        if limited and self._languages:
            clear = {language for reading in (text, *read) for language in self._languages(reading)}
            if clear:  # a text whose language is not clear may be in any
                fired -= {one for one in limited if clear.isdisjoint(self.rules[one].languages)}
        return tuple(sorted(fired))

    def places(self, rule: str, text: str) -> list[tuple[int, int]]:
        """Returns where the patterns of a redacting rule match a text as it is written."""
        found = self._taking.candidates(text) if self._taking else ()
        return [(one.start, one.end) for one in found if one.id == rule]

    def _placed(self, stage: str) -> Patterns | None:
        """The patterns of redacting rules, which give places."""
        patterns = self._patterns(stage, {"redact"})
        return Patterns(patterns) if patterns else None

    def _by_category(self, found: Mapping[str, float]) -> Iterable[str]:
        for rule in self.rules.values():
            likeliest = max((found.get(name, 0.0) for name in rule.categories), default=0.0)
            if likeliest and likeliest >= (rule.threshold or 0.0):
                yield rule.id

    def at(self, rule: str, origins: Collection[Origin]) -> bool:
        """Returns whether a rule is about texts of one of these origins."""
        return not self.rules[rule].positions.isdisjoint(origins)

    def judges(self, origins: Collection[Origin]) -> bool:
        """Returns whether any rule asks the classifier about texts of one of these origins."""
        return not self._judged.isdisjoint(origins)

    def about(self, rule: str, request: Circumstances) -> bool:
        """Returns whether a rule is for a request like this one."""
        return self.rules[rule].scope.holds(request)

    def holds_in(self, rule: str, zone: Zone) -> bool:
        """Returns whether a rule is for requests to a zone."""
        zones = self.rules[rule].scope.zones
        return not zones or zone in zones

    def clean_output(self, text: str) -> bool:
        """Returns whether a complete text matches no output rule; cheaper than a guard.

        False also where a guard must look at links or secrets.
        """
        if self._links and may_have_link(text):
            return False
        if self._secrets and may_announce(text):
            return False
        return not self._whole_output.matching(text) and not self.disguised_in(text)

    @property
    def reads_links(self) -> bool:
        """Whether any rule is about links."""
        return bool(self._links)

    def canonical_in(self, text: str) -> set[str]:
        """Returns the output rules that match the canonical form, where that is another text."""
        plain = canonical(text)
        return set() if plain == text else self._whole_output.matching(plain)

    def disguised_in(self, text: str) -> list[str]:
        """Returns the output rules that match the canonical form of a text, and not the text."""
        plain = canonical(text)
        if plain == text:
            return []
        matching = self._whole_output.matching
        found = matching(plain) - matching(text)
        if self._covering:  # what is covered may lie beside a disguise of the same
            covered = [(one.start, one.end) for one in self._covering.candidates(text)]
            rest = without(text, covered)
            found |= matching(canonical(rest)) - matching(rest)
        return sorted(found)

    def fired_by_tools(self, names: Iterable[str]) -> set[str]:
        """The input rules that forbid one of the tools that a request defines."""
        limits = [(one, rule) for rule, one in self._tools.items() if self._is_for(rule, "input")]
        return {rule for name in names for one, rule in limits if one.forbids(name)}

    def guardrails(self, stage: str, request: Circumstances) -> list[ContentRule]:
        """The rules of a stage that ask a guardrail about a request like this one."""
        return [
            rule for rule in self._guardrails if stage in rule.stages and rule.scope.holds(request)
        ]

    def _is_for(self, rule: str, stage: str) -> bool:
        return stage in self.rules[rule].stages

    def guard(
        self,
        answer: AnswerTo = _ANYBODY,
        *,
        json: bool = False,
        tool: str | None = None,
        fixed: bool = False,
    ) -> OutputGuard:
        """Returns a guard for one text of one response.

        ``json``: it is JSON. ``tool`` is the name of the tool whose arguments it is. The guard of a
        tool that may not be called ends the text before it begins. ``fixed``: nothing in it may
        change, which holds for JSON too.
        """
        others = self._not_for(answer.request)
        readers: list[TextReader] = []
        if limits := _without(others, self._links):
            readers.append(LimitedLinks(limits, answer.named, json=json))
        if answer.secrets and (secrets := _without(others, self._secrets)):
            readers.append(SecretReader(secrets, answer.secrets))
        if tool is None or not self._tools:
            return OutputGuard(self, others, tuple(readers), fixed or json)
        tools = {
            rule: one
            for rule, one in _without(others, self._tools).items()
            if self._is_for(rule, "output")
        }
        if checked := {rule: one for rule, one in tools.items() if tool in one.arguments}:
            readers.append(ToolArguments(checked, tool))
        guard = OutputGuard(self, others, tuple(readers), fixed or json)
        guard.fired += [rule for rule, one in tools.items() if one.forbids(tool)]
        guard.blocked = next(filter(self.refuses, guard.fired), None)
        return guard

    def _not_for(self, request: Circumstances | None) -> frozenset[str]:
        """The rules with a scope in which a request is not."""
        if request is None:
            return frozenset()
        return frozenset(name for name in self._scoped if not self.about(name, request))

    def matcher(self, others: frozenset[str] = frozenset()) -> StreamMatcher:
        """Returns what finds the output rules that end an answer, or take a part out of it.

        Rules without an effect have a matcher of their own: a match hides others that overlap it.
        """
        return StreamMatcher(self._compiled(others, effective=True))

    def watcher(self, others: frozenset[str] = frozenset()) -> StreamMatcher | None:
        """Returns what finds the output rules without an effect; None without any."""
        compiled = self._compiled(others, effective=False)
        return StreamMatcher(compiled) if compiled.ids else None

    def _compiled(self, others: frozenset[str], *, effective: bool) -> Compiled:
        """Compiled patterns; rules without patterns of this kind make no set of their own."""
        patterns = self._streamed[effective]
        place = frozenset(one.id for one in patterns if one.id in others), effective
        compiled = self._matchers.get(place)
        if compiled is None:
            if len(self._matchers) >= _MATCHERS:
                self._matchers.clear()
            wanted = [one for one in patterns if one.id not in others]
            compiled = self._matchers[place] = Compiled(wanted, longest=LONGEST)
        return compiled

    def ending_in(self, text: str) -> set[str]:
        """Returns the rules with a pattern that ends an answer and matches a text."""
        return self._ending.matching(text)

    def refuses(self, rule: str) -> bool:
        """Returns whether a match of this rule ends the request or response."""
        return self.rules[rule].action == "refuse"

    def redacts(self, rule: str) -> bool:
        """Returns whether what this rule matches is taken out."""
        return self.rules[rule].action == "redact"

    def monitors(self, rule: str) -> bool:
        """Returns whether a match of this rule is counted only, without any effect."""
        return self.rules[rule].action == "monitor"

    def keeps_inside(self, rule: str) -> bool:
        """Returns whether a request with a match goes to internal deployments only."""
        return self.rules[rule].action == "inside"

    def _patterns(self, stage: str, actions: Collection[str] = ACTIONS) -> list[Pattern]:
        return [
            Pattern(rule.id, regex, ignore_case=True)
            for rule in self.rules.values()
            if stage in rule.stages and rule.action in actions
            for regex in rule.patterns
        ]


def _without(others: Collection[str], rules: Mapping[str, T]) -> dict[str, T]:
    return {rule: one for rule, one in rules.items() if rule not in others}


def _parse(text: str) -> dict[str, Any]:
    """Returns the document. An unknown key is an error: it may be a misspelt one."""
    document = yaml_text.mapping(text)
    if not isinstance(document.get("rules"), list) or document.keys() - _KEYS:
        raise ValueError("must have a list of rules, and no other keys but version and waive")
    return document
