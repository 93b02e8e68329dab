"""Content rules: texts that a request or a response may not hold."""

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from gateway.core.text import yaml_text
from gateway.core.text.matcher import Compiled, Match, StreamMatcher
from gateway.core.text.patterns import Pattern, PatternSet
from gateway.decisions.authorisation import BundleError

# The guard of a response may hold back this many characters, and so may the restorer after it:
# together they stay within the 128 characters that a stream may lag.
_LONGEST = 64
_STAGES = frozenset({"input", "output"})
_LANGUAGES = frozenset({"en", "nl"})
_ACTIONS = frozenset({"refuse", "flag"})


@dataclass(frozen=True, slots=True)
class ContentRule:
    """One content rule; ``reasons`` are texts by language that a caller may see."""

    id: str
    stages: frozenset[str]
    action: str
    reasons: dict[str, str]
    patterns: tuple[str, ...]


class ContentRules:
    """The content rules of one bundle, compiled once."""

    def __init__(self, text: str) -> None:
        """Reads ``content.yaml``.

        Raises:
            BundleError: names the rule and what is wrong with it.
        """
        try:
            self.rules = {rule.id: rule for rule in map(_rule, _parse_rules(text))}
            self._input = PatternSet(self._patterns("input"))
            self._output = Compiled(self._patterns("output"), longest=_LONGEST)
            self._whole_output = PatternSet(self._patterns("output"))
        except ValueError as error:
            raise BundleError(str(error)) from error

    def fired_by(self, text: str) -> tuple[str, ...]:
        """Returns the ids of the input rules that a text matches, layout and look-alikes aside."""
        normalized = text if text.isascii() else unicodedata.normalize("NFKC", text)
        return tuple(sorted(self._input.matching(" ".join(normalized.split()))))

    def clean_output(self, text: str) -> bool:
        """Returns whether a complete text matches no output rule; cheaper than a guard."""
        return not self._whole_output.matching(text)

    def guard(self) -> "OutputGuard":
        """Returns a guard for one text of one response."""
        return OutputGuard(self)

    def matcher(self) -> StreamMatcher:
        """Returns a new matcher for the output rules."""
        return StreamMatcher(self._output)

    def refuses(self, rule: str) -> bool:
        """Returns whether a match of this rule ends the request or response."""
        return self.rules[rule].action == "refuse"

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

    @property
    def held(self) -> int:
        """The number of characters held back because they may be part of a match."""
        return len(self._matcher.held) if self._matcher else 0

    def feed(self, text: str) -> str:
        """Returns the part of the text that is cleared now."""
        self._matcher = self._matcher or self.rules.matcher()
        return "" if self.blocked else self._clear(self._matcher.feed(text))

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


def _parse_rules(text: str) -> list[Any]:
    """Returns the unparsed rules. An unknown key is an error: it may be a misspelt one."""
    document = yaml_text.mapping(text)
    rules = document.get("rules")
    if not isinstance(rules, list) or document.keys() - {"version", "rules"}:
        raise ValueError("must have a list of rules, and no other key but version")
    return rules


def _rule(node: Any) -> ContentRule:
    where = f"rule {node.get('id', '?')!r}" if isinstance(node, dict) else "a rule"
    try:
        rule = ContentRule(
            id=str(node["id"]),
            stages=frozenset(node["stages"]),
            action=str(node["action"]),
            reasons=dict(node["reason"]),
            patterns=tuple(node["patterns"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{where}: needs id, stages, action, reason and patterns") from error
    if not rule.stages or not rule.stages <= _STAGES:
        raise BundleError(f"{where}: stages must be of {sorted(_STAGES)}")
    if not rule.reasons.keys() >= _LANGUAGES:
        raise BundleError(f"{where}: reason must have a text in {sorted(_LANGUAGES)}")
    if rule.action not in _ACTIONS:
        raise BundleError(f"{where}: action must be one of {sorted(_ACTIONS)}")
    return rule
