"""Content rules: texts that a request or a response may not hold."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.core.origin import Origin
from gateway.core.text import yaml_text
from gateway.core.text.canonical import canonical, readings
from gateway.core.text.matcher import Compiled, Match, StreamMatcher
from gateway.core.text.patterns import Pattern, PatternSet
from gateway.decisions.authorisation import BundleError
from gateway.decisions.content_floor import waivers, with_floor
from gateway.decisions.content_rule import Circumstances, ContentRule, rule_of

# The guard of a response may hold back this many characters, and so may the restorer after it:
# together they stay within the 128 characters that a stream may lag.
_LONGEST = 64
_KEYS = {"version", "rules", "waive"}
_REACH = 2 * _LONGEST  # characters in which a disguised match lies
_HIDING = re.compile(r"[^\x20-\x7e]|[*`~_]|  ")  # what the canonical form changes


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

    def about(self, rule: str, request: Circumstances) -> bool:
        """Returns whether a rule is for a request like this one."""
        return self.rules[rule].scope.holds(request)

    def clean_output(self, text: str) -> bool:
        """Returns whether a complete text matches no output rule; cheaper than a guard."""
        return not self._whole_output.matching(text) and not self.disguised_in(text)

    def disguised_in(self, text: str) -> list[str]:
        """Returns the output rules that match the canonical form of a text, and not the text."""
        plain = canonical(text)
        if plain == text:
            return []
        return sorted(self._whole_output.matching(plain) - self._whole_output.matching(text))

    def guard(self) -> "OutputGuard":
        """Returns a guard for one text of one response."""
        return OutputGuard(self)

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

    After a refusing rule has matched, ``blocked`` names it and nothing more is released.
    """

    rules: ContentRules
    fired: list[str] = field(default_factory=list)
    blocked: str | None = None
    _matcher: StreamMatcher | None = field(default=None, init=False, repr=False)
    _tail: str = field(default="", init=False, repr=False)
    _watched: int = field(default=0, init=False)

    @property
    def held(self) -> int:
        """The number of characters held back because they may be part of a match."""
        return len(self._matcher.held) if self._matcher else 0

    def feed(self, text: str) -> str:
        """Returns the part of the text that is cleared now."""
        if self.blocked:
            return ""
        end, rule = self._disguised(text)
        self._matcher = self._matcher or self.rules.matcher()
        cleared = self._clear(self._matcher.feed(text[:end]))
        self._end_by(rule)
        return cleared

    def _end_by(self, rule: str | None) -> None:
        self.blocked = self.blocked or rule

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
        if not self.rules.disguised_in(recent):
            return len(text), None
        for end in range(len(before) + 1, len(recent) + 1):
            for rule in self.rules.disguised_in(recent[max(0, end - _REACH) : end]):
                if rule not in self.fired:
                    self.fired.append(rule)
                if self.rules.refuses(rule):
                    return end - len(before) - 1, rule
        return len(text), None

    def finish(self) -> str:
        """Ends the text; returns the held characters that no rule blocks."""
        if self.blocked or self._matcher is None:
            return ""
        return self._clear(self._matcher.finish())

    def _clear(self, events: list[Any]) -> str:
        cleared: list[str] = []
        for event in events:
            if isinstance(event, Match):
                self.fired.append(event.id)
                if self.rules.refuses(event.id):
                    self.blocked = event.id
                    break
            cleared.append(event.text)
        return "".join(cleared)


def _parse(text: str) -> dict[str, Any]:
    """Returns the document. An unknown key is an error: it may be a misspelt one."""
    document = yaml_text.mapping(text)
    if not isinstance(document.get("rules"), list) or document.keys() - _KEYS:
        raise ValueError("must have a list of rules, and no other keys but version and waive")
    return document
