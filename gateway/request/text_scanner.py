"""Rules over the texts of a request, and what the texts tell about one another.

The same code runs in the gateway, for short requests, and in a process of its own, for long ones.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from gateway.classifiers.protocol import Entity, content_of
from gateway.compiled.policy import CompiledPolicy
from gateway.core.finding import Finding, FindingKind
from gateway.core.keyed_cache import KeyedCache
from gateway.privacy import Detector, Span, may_hold, spans_of
from gateway.privacy.boilerplate import Stretch
from gateway.privacy.detect.split_values import seams_of
from gateway.privacy.detect.value_forms import ORDINARY_WORDS
from gateway.request.known_texts import KnownTexts, Neighbours, add_split_values, known_texts

_FINDINGS_A_TEXT = 16  # that count as one entry of a cache
PersonKey = Callable[[str, str], str | None]  # type and value, to a keyed name of the person


class TextScan(msgspec.Struct, frozen=True):
    """What a text holds.

    ``spans`` is what redaction takes out; ``shaped`` means that a part of the text may have the
    shape of a placeholder; ``mentions`` are keyed names of the people in it.
    """

    findings: tuple[Finding, ...]
    rules: tuple[str, ...]
    spans: tuple[Span, ...]
    shaped: bool
    mentions: tuple[str, ...] = ()


class TextScanner:
    """Scans texts under one policy at a time; caches results by keyed hash, never the text."""

    def __init__(
        self, detector: Detector, *, key: bytes, capacity: int, person_key: PersonKey | None
    ) -> None:
        """Scans mention people by ``person_key``.

        ``capacity`` is the number of texts cached; one with many findings counts as several.
        """
        self._detector = detector
        self._person_key = person_key
        self.cache: KeyedCache[TextScan] = KeyedCache(key, capacity, size=weight_of)
        self.version = detector.version

    def scan(self, text: str, policy: CompiledPolicy, entities: Sequence[Entity]) -> TextScan:
        """Joins rules with the entities of the classifier. CPU-bound."""
        findings = self._detector.scan(text, entities, policy.terms)
        return self._text_scan(text, findings, policy.content_rules(text, content_of(entities)))

    def without(self, text: str, one: TextScan, stretches: Sequence[Stretch]) -> TextScan:
        """The scan without the findings that lie in one of the stretches, which are in order."""
        if not stretches:
            return one
        starts = [start for start, _ in stretches]
        findings = tuple([
            finding
            for finding in one.findings
            if not (at := bisect_right(starts, finding.start)) or stretches[at - 1][1] < finding.end
        ])
        if len(findings) == len(one.findings):
            return one
        return self._text_scan(text, findings, one.rules)

    def of_definitions(
        self, scans: Mapping[str, TextScan], apart: Collection[str]
    ) -> Mapping[str, TextScan]:
        """The scans, where an ordinary word in a tool's definition counts if another text has it.

        A list of towns is a choice that an application offers, and says nothing of a person. Where
        a person's town is one of them, both places get the same placeholder. ``apart`` are the
        texts of definitions. CPU-bound.
        """
        offering = [
            text for text in apart if text in scans and any(map(_is_ordinary, scans[text].findings))
        ]
        if not offering:
            return scans
        named = {
            text[one.start : one.end].casefold()
            for text, scan in scans.items()
            if text not in apart
            for one in filter(_is_ordinary, scan.findings)
        }
        changed = dict(scans)
        for text in offering:
            scan = scans[text]
            findings = tuple(
                one
                for one in scan.findings
                if not _is_ordinary(one) or text[one.start : one.end].casefold() in named
            )
            changed[text] = self._text_scan(text, findings, scan.rules)
        return changed

    def scan_by_rules(self, text: str, policy: CompiledPolicy) -> TextScan:
        """By rules alone. CPU-bound: some 60 microseconds a KiB of a text not seen before."""
        key = self.cache.key(text, context_of(self.version, policy))
        return self.cache.get(key) or self.cache.put(key, self.scan(text, policy, ()))

    def related(
        self,
        scans: Mapping[str, TextScan],
        neighbours: Neighbours,
        policy: CompiledPolicy,
        context: bytes | None,
    ) -> dict[str, TextScan]:
        """The scans that change by what the texts tell about one another.

        Cached under the ``context``, which names all that the scans depend on beside the texts;
        without one nothing is cached.
        """
        found = {text: one.findings for text, one in scans.items()}
        split = add_split_values(
            found,
            (seam for pair in neighbours for seam in seams_of(*pair)),
            lambda text: self.scan_by_rules(text, policy).findings,
        )
        known = known_texts(found, split)
        changed: dict[str, TextScan] = {}
        for text, one in scans.items():
            # No text holds the byte 255, so that this context and a text never read like another.
            own = None if found[text] is not one.findings or context is None else context + b"\xff"
            new = self._with_known(text, one, found[text], known, policy, own)
            if new is not one:
                changed[text] = new
        return changed

    def mentions(self, text: str, findings: Sequence[Finding]) -> tuple[str, ...]:
        """The keyed names of the people in a text."""
        if self._person_key is None:
            return ()
        values = {
            (finding.type, text[finding.start : finding.end])
            for finding in findings
            if finding.kind is FindingKind.PERSONAL
        }
        return tuple(sorted({key for one in values if (key := self._person_key(*one))}))

    def _with_known(
        self,
        text: str,
        one: TextScan,
        findings: tuple[Finding, ...],
        known: KnownTexts | None,
        policy: CompiledPolicy,
        context: bytes | None,
    ) -> TextScan:
        if known is None:
            return one if findings is one.findings else self._text_scan(text, findings, one.rules)
        # The rules too: they depend on whether the text was read for attacks and harm.
        how = b" ".join((known.digest, *(rule.encode() for rule in one.rules)))
        key = self.cache.key(text, context + how) if context else b""
        cached = self.cache.get(key) if key else None
        if cached is not None:
            return one if cached.findings == one.findings else cached
        findings = known.with_findings(text, findings, policy.terms)
        if findings is not one.findings:
            one = self._text_scan(text, findings, one.rules)
        return self.cache.put(key, one) if key else one

    def _text_scan(
        self, text: str, findings: tuple[Finding, ...], rules: tuple[str, ...]
    ) -> TextScan:
        mentions = self.mentions(text, findings)
        return TextScan(findings, rules, spans_of(text, findings), may_hold(text), mentions)


def _is_ordinary(finding: Finding) -> bool:
    return finding.type in ORDINARY_WORDS


def weight_of(scan: TextScan) -> int:
    """How many entries of a cache a scan counts for."""
    return 1 + len(scan.findings) // _FINDINGS_A_TEXT


def context_of(version: str, policy: CompiledPolicy) -> bytes:
    """What findings depend on beside the text."""
    lists = policy.terms.digest if policy.terms else "no-lists"
    withdrawn = " ".join(sorted(policy.withdrawn))
    return f"{version} {policy.digest} {lists} {withdrawn}".encode()
