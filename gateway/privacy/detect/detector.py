"""Detection in one text: the order of its stages, from rules and classifier to findings."""

import logging
import traceback
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import filterfalse
from operator import attrgetter
from pathlib import Path

import msgspec

from gateway.classifiers.protocol import CONTENT, Entity
from gateway.core.finding import UNREAD, UNREAD_SCRIPT, Finding, FindingKind
from gateway.core.system.logs.fault import fault_fields
from gateway.core.text.patterns import Pattern, Patterns
from gateway.core.text.scripts import joined, unread_words
from gateway.privacy.custom_terms import TermMatches, Terms
from gateway.privacy.detect import (
    code_veto,
    decoded_findings,
    decoding,
    merge,
    overlaps,
    propagation,
)
from gateway.privacy.detect.version import version_of
from gateway.privacy.postprocess import (
    category_predictions,
    historical_figures,
    name_veto,
    product_names,
)
from gateway.privacy.rules import RULES, names_by_list, special_categories
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.code_lines import CodeLines
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, to_finding

logger = logging.getLogger(__name__)
_SCRIPTS = "scripts"
_BY_START = attrgetter("start")
FAULT = "fault:"  # begins the detector of a text that is unread because a rule failed


class Detection(msgspec.Struct, gc=False):
    """One text on its way through the stages."""

    view: NormalizedText
    lines: CodeLines
    matches: list[RuleMatch]
    entities: Sequence[Entity]  # of the classifier, as far as earlier stages have left them
    terms: TermMatches | None  # of the organisation in this text
    nameless: Sequence[Entity] = ()  # stretches in which the classifier is sure of no name
    predictions: Sequence[Entity] = ()  # special categories by the classifier
    signs: list[RuleMatch] = []  # of special categories, around names


def _veto_code(text: Detection) -> None:
    text.entities = code_veto.drop(text.view.text, text.lines, text.entities)
    text.matches = code_veto.drop(text.view.text, text.lines, text.matches)


def _veto_names(text: Detection) -> None:
    text.entities, text.nameless = name_veto.split(text.entities)
    text.matches = name_veto.drop(text.view, text.matches, text.nameless)


def _set_predictions_aside(text: Detection) -> None:
    text.entities, text.predictions = category_predictions.split(text.entities)


def _drop_allowed_terms(text: Detection) -> None:
    if text.terms is not None:
        text.matches = text.terms.without_allowed(text.matches)
        text.entities = text.terms.without_allowed(text.entities)


def _set_signs_aside(text: Detection) -> None:
    text.matches, text.signs = special_categories.split(text.matches, text.entities)


def _merge_entities(text: Detection) -> None:
    text.matches = merge.merge(
        overlaps.settle(text.view, text.matches), text.entities, text.view.text
    )


def _propagate_names(text: Detection) -> None:
    matches = propagation.propagate(text.view, text.matches)
    text.matches = code_veto.drop(text.view.text, text.lines, matches)


def _drop_historical_figures(text: Detection) -> None:
    text.matches = historical_figures.drop(text.view, text.matches)


def _drop_product_names(text: Detection) -> None:
    text.matches = product_names.drop(text.view, text.matches)


def _bind_topics(text: Detection) -> None:
    matches = text.matches
    if text.signs:
        matches = special_categories.with_signs(matches, text.signs)
    text.matches = special_categories.bound(text.view, matches)


def _veto_topics_in_code(text: Detection) -> None:
    text.matches = code_veto.drop_topics(text.view, text.lines, text.matches)


def _add_denied_terms(text: Detection) -> None:
    if text.terms is not None:
        text.matches = text.terms.with_denied(text.matches)


def _add_predictions(text: Detection) -> None:
    text.matches = category_predictions.add(text.view, text.matches, text.predictions)


# The order after the rules and the lists of names. Allowed terms are dropped before overlaps are
# settled and names propagate: what is allowed must neither displace other matches nor spread.
STAGES = (
    _veto_code,
    _veto_names,
    _set_predictions_aside,
    _drop_allowed_terms,
    _set_signs_aside,
    _merge_entities,
    _propagate_names,
    _drop_historical_figures,
    _drop_product_names,
    _bind_topics,
    _veto_topics_in_code,
    _add_denied_terms,
    _add_predictions,
)


class Detector:
    """Rules, joined with the entities of the classifier; the same in every process.

    Build it once: compiling takes some seconds. Safe to use from several threads.
    """

    def __init__(self, cache: Path | None = None, rules: Sequence[Rule] = RULES) -> None:
        """``cache`` is a folder that keeps the compiled patterns for the next start."""
        patterns = [
            *decoding.TRIGGERS,
            *(
                Pattern(str(number), rule.pattern, rule.ignore_case)
                for number, rule in enumerate(rules)
            ),
        ]
        self._patterns = Patterns(patterns, cache=cache)
        self._checks = (*(_no_match for _ in decoding.TRIGGERS), *(rule.check for rule in rules))
        self.version = version_of(patterns)
        self.faults: Counter[str] = Counter()  # texts that are unread, by the rule that failed

    def scan(
        self, text: str, entities: Sequence[Entity] = (), terms: Terms | None = None
    ) -> tuple[Finding, ...]:
        """Return all findings, sorted by start; no two that are redacted overlap.

        Encoded parts are decoded and scanned as well. ``entities`` are those that the
        classifier found in ``normalised(text)``, ``terms`` the organisation's own. A text in which
        a rule fails is unread: its one finding covers all of it.
        """
        try:
            return self._scan(text, entities, terms)
        except Exception as error:  # noqa: BLE001 - one rule's fault must cost one text
            return (self._unread(text, error),)

    def count_faults(self, scans: Iterable[Sequence[Finding]]) -> None:
        """Count the faults of another process, by what it found in each text."""
        self.faults.update(
            one.detector.removeprefix(FAULT)
            for findings in scans
            for one in findings
            if one.kind is FindingKind.UNREAD
        )

    def _unread(self, text: str, error: Exception) -> Finding:
        rule = _rule_of(error)
        self.faults[rule] += 1
        if self.faults[rule].bit_count() == 1:  # the first one, then ever fewer
            about = {**fault_fields(error), "part": rule, "count": self.faults[rule]}
            logger.critical("detector:rule:fault", extra=about)
        return Finding(FindingKind.UNREAD, UNREAD, 0, len(text), 1.0, FAULT + rule)

    def _scan(
        self, text: str, entities: Sequence[Entity], terms: Terms | None
    ) -> tuple[Finding, ...]:
        entities = [one for one in entities if not one.type.startswith(CONTENT)]
        view = NormalizedText(text)
        candidates = self._patterns.places(view.text)
        found = _with_unread_words(self._findings(view, candidates, entities, terms), text)
        # Triggers come first among the candidates: they begin at 0 and have the lowest numbers.
        encoded = bool(candidates) and candidates[0][1] < len(decoding.TRIGGERS)
        if not encoded and view.text == text:
            return found
        decoded = [
            finding
            for part in decoding.decoded_parts(text)
            for finding in decoded_findings.place(part, self._scan_part(part.text, terms), text)
        ]
        return decoded_findings.merge(found, decoded) if decoded else found

    def _scan_part(self, text: str, terms: Terms | None) -> tuple[Finding, ...]:
        view = NormalizedText(text)
        found = self._findings(view, self._patterns.places(view.text), (), terms)
        return _with_unread_words(found, text)

    def _findings(
        self,
        view: NormalizedText,
        candidates: list[tuple[int, int, int]],
        entities: Sequence[Entity],
        terms: Terms | None,
    ) -> tuple[Finding, ...]:
        checks = self._checks
        matches = [match for at, rule, end in candidates for match in checks[rule](view, at, end)]
        matches.extend(names_by_list.listed(view))
        places = None if terms is None else terms.find(view)
        if not (matches or entities or places):
            return ()
        text = Detection(view, CodeLines(view.text), matches, entities, places)
        for stage in STAGES:
            stage(text)
        return tuple([to_finding(match, view) for match in text.matches])


def _with_unread_words(found: tuple[Finding, ...], text: str) -> tuple[Finding, ...]:
    """Add the words in scripts that nothing here reads: names in them are not found.

    One that is taken out anyway, such as the value of a field of names, needs no reader.
    """
    words = list(unread_words(text))
    if not words:
        return found
    taken = [one for one in found if one.redactable]

    def is_taken(word: tuple[int, int]) -> bool:
        at = bisect_right(taken, word[0], key=_BY_START) - 1
        return at >= 0 and taken[at].end >= word[1]

    unread = [
        Finding(FindingKind.SCRIPT, UNREAD_SCRIPT, start, end, 1.0, _SCRIPTS)
        for start, end in joined(text, filterfalse(is_taken, words))
    ]
    return tuple(sorted([*found, *unread], key=_BY_START))


def _rule_of(error: Exception) -> str:
    """Return module and function of what the detector called when it failed."""
    names, at = [], 0
    for frame, _ in traceback.walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", ""))
        names.append(f"{module.rpartition('.')[2]}.{frame.f_code.co_name}")
        at = len(names) if module == __name__ else at
    return names[at:][0] if at < len(names) else names[-1]


def _no_match(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    return ()


def normalised(text: str) -> str:
    """Return the text as the rules see it: the classifier scans this, its offsets are of this."""
    return NormalizedText(text).text
