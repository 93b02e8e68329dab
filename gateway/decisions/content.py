"""Content rules: texts that a request or a response may not hold."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeVar

from gateway.core.origin import Origin
from gateway.core.text import yaml_text
from gateway.core.text.canonical import canonical, readings
from gateway.core.text.links import may_have_link
from gateway.core.text.matcher import Compiled, Match, StreamMatcher
from gateway.core.text.named_links import NOTHING_NAMED, NamedLinks
from gateway.core.text.patterns import Pattern, PatternSet
from gateway.decisions.authorisation import BundleError
from gateway.decisions.content_floor import waivers, with_floor
from gateway.decisions.content_links import LimitedLinks
from gateway.decisions.content_rule import Circumstances, ContentRule, rule_of
from gateway.decisions.content_secrets import SecretFinder, SecretReader, may_announce
from gateway.decisions.content_tools import ToolArguments
from gateway.decisions.text_reader import FoundPart, TextReader

T = TypeVar("T")
# The guard of a response may hold back this many characters, and so may the restorer after it:
# together they stay within the 128 characters that a stream may lag.
_LONGEST = 64
_KEYS = {"version", "rules", "waive"}
_REACH = 2 * _LONGEST  # characters in which a disguised match lies
_HIDING = re.compile(r"[^\x20-\x7e]|[*`~_]|  ")  # what the canonical form changes


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

    def __init__(self, text: str, *, floor: Sequence[ContentRule] = ()) -> None:
        """Reads ``content.yaml``; the rules of ``floor`` hold whatever it says.

        Raises:
            BundleError: names the rule and what is wrong with it.
        """
        try:
            document = _parse(text)
            own = {rule.id: rule for rule in map(rule_of, document["rules"])}
            self.rules = with_floor(own, floor, waivers(document))
            self._input = PatternSet(self._patterns("input"))
            self._output = Compiled(self._patterns("output"), longest=_LONGEST)
            self._whole_output = PatternSet(self._patterns("output"))
            self._links = {rule.id: rule.links for rule in self.rules.values() if rule.links}
            self._tools = {rule.id: rule.tools for rule in self.rules.values() if rule.tools}
            self._guardrails = [rule for rule in self.rules.values() if rule.guardrail]
            self._secrets = {one.id: one.secrets for one in self.rules.values() if one.secrets}
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
        fired: set[str] = set()
        for one in (text, *decoded):
            for reading in readings(one):
                fired |= self._input.matching(reading)
        if categories:
            fired.update(self._by_category(categories))
        return tuple(sorted(fired))

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

    def disguised_in(self, text: str) -> list[str]:
        """Returns the output rules that match the canonical form of a text, and not the text."""
        plain = canonical(text)
        if plain == text:
            return []
        return sorted(self._whole_output.matching(plain) - self._whole_output.matching(text))

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
        self, answer: AnswerTo = _ANYBODY, *, json: bool = False, tool: str | None = None
    ) -> "OutputGuard":
        """Returns a guard for one text of one response.

        ``json``: it is JSON. ``tool`` is the name of the tool whose arguments it is. The guard of a
        tool that may not be called ends the text before it begins.
        """
        others = self._not_for(answer.request)
        readers: list[TextReader] = []
        if limits := _without(others, self._links):
            readers.append(LimitedLinks(limits, answer.named, json=json))
        if answer.secrets and (secrets := _without(others, self._secrets)):
            readers.append(SecretReader(secrets, answer.secrets))
        if tool is None or not self._tools:
            return OutputGuard(self, others, tuple(readers))
        tools = {
            rule: one
            for rule, one in _without(others, self._tools).items()
            if self._is_for(rule, "output")
        }
        if checked := {rule: one for rule, one in tools.items() if tool in one.arguments}:
            readers.append(ToolArguments(checked, tool))
        guard = OutputGuard(self, others, tuple(readers))
        guard.fired += [rule for rule, one in tools.items() if one.forbids(tool)]
        guard.blocked = next(filter(self.refuses, guard.fired), None)
        return guard

    def _not_for(self, request: Circumstances | None) -> frozenset[str]:
        """The rules with a scope in which a request is not."""
        if request is None:
            return frozenset()
        return frozenset(
            name
            for name, rule in self.rules.items()
            if rule.scoped and not self.about(name, request)
        )

    def matcher(self) -> StreamMatcher:
        """Returns a new matcher for the output rules."""
        return StreamMatcher(self._output)

    def refuses(self, rule: str) -> bool:
        """Returns whether a match of this rule ends the request or response."""
        return self.rules[rule].action == "refuse"

    def monitors(self, rule: str) -> bool:
        """Returns whether a match of this rule is counted only, without any effect."""
        return self.rules[rule].action == "monitor"

    def keeps_inside(self, rule: str) -> bool:
        """Returns whether a request with a match goes to internal deployments only."""
        return self.rules[rule].action == "inside"

    def _patterns(self, stage: str) -> list[Pattern]:
        return [
            Pattern(rule.id, regex, ignore_case=True)
            for rule in self.rules.values()
            if stage in rule.stages
            for regex in rule.patterns
        ]


@dataclass(slots=True)
class OutputGuard:
    """Checks one text as it streams. ``fired`` are the rules that have matched so far.

    ``others`` are rules that do not apply. After a refusing rule has matched, ``blocked`` names it
    and nothing more is released.
    """

    rules: ContentRules
    others: frozenset[str] = frozenset()
    readers: tuple[TextReader, ...] = ()
    fired: list[str] = field(default_factory=list)
    blocked: str | None = None
    _matcher: StreamMatcher | None = field(default=None, init=False, repr=False)
    _tail: str = field(default="", init=False, repr=False)
    _watched: int = field(default=0, init=False)
    _fed: int = field(default=0, init=False)
    _out: int = field(default=0, init=False)
    _waiting: str = field(default="", init=False, repr=False)  # for what a reader has open

    @property
    def held(self) -> int:
        """The number of characters held back because they may be part of a match."""
        return len(self._waiting) + (len(self._matcher.held) if self._matcher else 0)

    def passes(self, text: str) -> bool:
        """Whether a complete text passes as it is; a quick look, which may say no."""
        if self.blocked or any(isinstance(one, ToolArguments) for one in self.readers):
            return False
        return self.rules.clean_output(text)

    def feed(self, text: str) -> str:
        """Returns the part of the text that is cleared now."""
        if self.blocked:
            return ""
        seen = self._seen([reader.feed(text) for reader in self.readers])
        if seen and self.rules.refuses(seen[-1].rule):
            text = text[: seen[-1].at - self._fed]
        end, rule = self._disguised(text)
        self._matcher = self._matcher or self.rules.matcher()
        self._fed += end
        cleared = self._clear(self._matcher.feed(text[:end]))
        self._end_by(rule)
        return self._released(cleared, seen) if self.readers else cleared

    def finish(self) -> str:
        """Ends the text; returns the held characters that no rule blocks."""
        if self.blocked:
            return ""
        seen = self._seen([reader.finish() for reader in self.readers])
        cleared = self._clear(self._matcher.finish()) if self._matcher else ""
        return self._released(cleared, seen, final=True) if self.readers else cleared

    def _end_by(self, rule: str | None) -> None:
        self.blocked = self.blocked or rule

    def _seen(self, found: Iterable[Iterable[FoundPart]]) -> list[FoundPart]:
        """What the readers find, in order, up to the first refusal."""
        seen: list[FoundPart] = []
        for parts in found:
            for part in parts:
                seen.append(part)
                if self.rules.refuses(part.rule):
                    break
        if len(seen) > 1:
            seen.sort(key=attrgetter("at"))
            first = next((at for at, one in enumerate(seen) if self.rules.refuses(one.rule)), None)
            if first is not None:
                del seen[first + 1 :]
        return seen

    def _released(self, cleared: str, seen: Sequence[FoundPart], *, final: bool = False) -> str:
        """What may be released of cleared text, after what readers have seen.

        Where another rule has ended the text, what ends later was not there.
        """
        waiting = self._waiting + cleared
        free = self._out + len(waiting)
        if self.blocked:
            seen = [part for part in seen if part.at <= free]
        elif not final:
            free = min(reader.free for reader in self.readers)
        for part in seen:
            if part.rule not in self.fired:
                self.fired.append(part.rule)
            if self.rules.refuses(part.rule):
                self._end_by(part.rule)
                free = part.free
        size = max(0, free - self._out)
        self._waiting, cleared = waiting[size:], waiting[:size]
        self._out += len(cleared)
        return cleared

    def _disguised(self, text: str) -> tuple[int, str | None]:
        """Where a refusing rule matches the canonical form only; the length without a match.

        A place depends on the ``_REACH`` characters before it, so pieces change nothing.
        """
        before, self._tail = self._tail, (self._tail + text)[-_REACH:]
        near = before[-1:] + text  # two spaces may come in two pieces
        hiding = max((found.end() for found in _HIDING.finditer(near)), default=None)
        watched, self._watched = self._watched, self._watched - len(text)
        if hiding is not None:
            self._watched = _REACH - (len(near) - hiding)
        if hiding is None and watched <= 0:
            return len(text), None
        recent = before + text
        if not self._disguised_in(recent):
            return len(text), None
        for end in range(len(before) + 1, len(recent) + 1):
            for rule in self._disguised_in(recent[max(0, end - _REACH) : end]):
                if rule not in self.fired:
                    self.fired.append(rule)
                if self.rules.refuses(rule):
                    return end - len(before) - 1, rule
        return len(text), None

    def _disguised_in(self, text: str) -> list[str]:
        found = self.rules.disguised_in(text)
        return [rule for rule in found if rule not in self.others] if self.others else found

    def _clear(self, events: list[Any]) -> str:
        cleared: list[str] = []
        for event in events:
            if isinstance(event, Match) and event.id not in self.others:
                self.fired.append(event.id)
                if self.rules.refuses(event.id):
                    self.blocked = event.id
                    break
            cleared.append(event.text)
        return "".join(cleared)


def _without(others: Collection[str], rules: Mapping[str, T]) -> dict[str, T]:
    return {rule: one for rule, one in rules.items() if rule not in others}


def _parse(text: str) -> dict[str, Any]:
    """Returns the document. An unknown key is an error: it may be a misspelt one."""
    document = yaml_text.mapping(text)
    if not isinstance(document.get("rules"), list) or document.keys() - _KEYS:
        raise ValueError("must have a list of rules, and no other keys but version and waive")
    return document
