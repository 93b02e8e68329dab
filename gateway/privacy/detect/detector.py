"""One pass over a text: what in it is personal, secret, labelled or of a special category."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from gateway.classifiers.protocol import Entity
from gateway.core.finding import Finding, FindingKind
from gateway.core.text.patterns import Pattern, Patterns
from gateway.privacy import level
from gateway.privacy.custom_terms import Terms
from gateway.privacy.detect import decoding, merge, propagation
from gateway.privacy.detect.decoding import DecodedText
from gateway.privacy.detect.normalized_text import NormalizedText, RuleMatch, settle, to_finding
from gateway.privacy.detect.version import version_of
from gateway.privacy.postprocess import (
    category_predictions,
    historical_figures,
    name_veto,
    product_names,
    uncertain_names,
)
from gateway.privacy.rules import RULES, names_by_list, special_categories


class Detector:
    """Rules, joined with what the classifier saw; the same in every process.

    Build it once: compiling takes some seconds. Safe to use from several threads.
    """

    def __init__(self, cache: Path | None = None) -> None:
        """``cache`` is a folder that keeps what was compiled for the next start."""
        rules = (Pattern(str(n), rule.pattern, rule.ignore_case) for n, rule in enumerate(RULES))
        patterns = [*decoding.TRIGGERS, *rules]
        self._patterns = Patterns(patterns, cache=cache)
        self._checks = (*(_no_hit for _ in decoding.TRIGGERS), *(rule.check for rule in RULES))
        self.version = version_of(patterns)

    def scan(
        self, text: str, named: Sequence[Entity] = (), lists: Terms | None = None
    ) -> tuple[Finding, ...]:
        """All findings, sorted by start; no two that are taken out overlap.

        Encoded parts are read as well. ``named`` is what the classifier saw in
        ``normalised(text)``, ``lists`` the organisation's own terms.
        """
        seen = NormalizedText(text)
        places = self._patterns.places(seen.text)
        found = self._scan(seen, places, named, lists)
        # Triggers come first among the places: they begin at 0 and have the lowest numbers.
        encoded = bool(places) and places[0][1] < len(decoding.TRIGGERS)
        if not encoded and seen.text == text:
            return found
        more = [
            finding
            for reading in decoding.readings(text)
            for finding in _placed(reading, self._read(reading.text, lists), len(text))
        ]
        if not more:
            return found
        marks = [finding for finding in found if not finding.redactable]
        taken = _merged([*(f for f in found if f.redactable), *more])
        return tuple(sorted([*marks, *taken], key=lambda finding: finding.start))

    def _read(self, text: str, lists: Terms | None) -> tuple[Finding, ...]:
        seen = NormalizedText(text)
        return self._scan(seen, self._patterns.places(seen.text), (), lists)

    def _scan(
        self,
        seen: NormalizedText,
        spans: list[tuple[int, int, int]],
        named: Sequence[Entity],
        lists: Terms | None,
    ) -> tuple[Finding, ...]:
        checks = self._checks
        hits = [hit for start, number, end in spans for hit in checks[number](seen, start, end)]
        hits.extend(names_by_list.listed(seen))
        places = None if lists is None else lists.find(seen)
        read = bool(named)
        named, quiet = name_veto.split(named)
        hits = name_veto.drop(hits, quiet)
        named, said = category_predictions.split(named)
        if places is None:
            hits = _settled(seen, hits, named)
        else:  # what is allowed must not settle against, nor spread to, what is not
            hits = places.over(_settled(seen, places.left(hits), places.left(named)))
        hits = category_predictions.add(seen, hits, said)
        if read:
            hits = uncertain_names.drop(seen, hits, named)
        return tuple([to_finding(hit, seen) for hit in hits])


def _no_hit(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    return ()


def _settled(
    view: NormalizedText, hits: list[RuleMatch], named: Sequence[Entity]
) -> list[RuleMatch]:
    if not (hits or named):
        return []
    hits, around = special_categories.split(hits, named)
    found = propagation.propagate(view, merge.merge(settle(hits), named, view.text))
    found = product_names.drop(view, historical_figures.drop(view, found))
    return special_categories.bound(
        view, special_categories.with_signs(found, around) if around else found
    )


def normalised(text: str) -> str:
    """The text as the rules see it, which the classifier reads too: its offsets are of this."""
    return NormalizedText(text).text


def _placed(reading: DecodedText, findings: tuple[Finding, ...], size: int) -> Iterable[Finding]:
    """Findings in a reading as findings over the stretch that says them."""
    if not findings:
        return
    start, end = reading.start, reading.end
    if reading.places is not None:
        for finding in findings:
            # At an edge of what was read with an escape, a token may be cut.
            cut = (finding.start < 2 and start > 0) or (
                finding.end > len(reading.text) - 2 and end < size
            )
            left, right = reading.original(finding.start, finding.end)
            if not cut:
                yield _moved(finding, left, right)
        return
    taken = {finding.type: finding for finding in sorted(findings, key=lambda f: f.score)}
    hidden = sorted((f for f in taken.values() if f.redactable), key=lambda f: (f.kind, f.score))
    marks = [finding for finding in taken.values() if not finding.redactable]
    # What is not redacted but makes the level keeps a character each at the end of the stretch.
    for mark in marks:
        end -= 1
        yield _moved(mark, end, end + 1)
    if hidden:
        nobody = all(f.detector.endswith(level.NOBODY_MEANT) for f in findings if f.redactable)
        yield _moved(hidden[-1] if nobody else _of_somebody(hidden[-1]), start, end)


def _moved(finding: Finding, start: int, end: int) -> Finding:
    return replace(finding, start=start, end=end, detector=f"decoded-{finding.detector}")


def _of_somebody(finding: Finding) -> Finding:
    """What stands for more than one finding may hide a person behind an address of nobody."""
    return replace(finding, detector=finding.detector.removesuffix(level.NOBODY_MEANT))


def _merged(findings: list[Finding]) -> tuple[Finding, ...]:
    """No two overlap: of those that do, the longest counts, stretched over all of them."""
    findings.sort(key=lambda f: (f.start, -f.end, not f.redactable, f.type))
    kept: list[Finding] = []
    for finding in findings:
        last = kept[-1] if kept else None
        if last is None or finding.start >= last.end:
            kept.append(finding)
            continue
        weight = (
            finding.kind is FindingKind.SECRET,
            finding.redactable,
            finding.end - finding.start,
        )
        other = (last.kind is FindingKind.SECRET, last.redactable, last.end - last.start)
        end = max(last.end, finding.end)
        longest = finding if weight > other else last
        if not all(one.detector.endswith(level.NOBODY_MEANT) for one in (finding, last)):
            longest = _of_somebody(longest)
        kept[-1] = replace(longest, start=last.start, end=end)
    return tuple(kept)
