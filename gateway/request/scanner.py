"""What each text of a request holds, scanned once: a chat that grows costs only its last turn.

Rules run in this process; the classifier runs in processes of its own, until a deadline. A text
that it did not scan is reported (``ScanBatch.unread``) and never counts as clean: policy decides.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec, Protocol

import msgspec

from gateway.classifiers.pool import TextNotScanned
from gateway.classifiers.protocol import Entity
from gateway.compiled.policy import CompiledPolicy
from gateway.core.finding import Finding, FindingKind
from gateway.core.keyed_cache import KeyedCache
from gateway.privacy import AnswerMask, Detector, Span, Vault, may_hold, normalised, spans_of
from gateway.privacy.detect.split_values import seams_of
from gateway.request.known_texts import (
    KnownTexts,
    Neighbours,
    add_split_values,
    known_texts,
)

P = ParamSpec("P")
PersonKey = Callable[[str, str], str | None]  # type and value, to a keyed name of the person
NAMES = "names"  # the classifier tier, as the failure table knows it
_INLINE_CHARACTERS = 65_536
_SEAMS_A_TURN = 200  # seams that are scanned without a turn for other requests
_INLINE_FINDINGS = 500
_TEXTS_A_REQUEST = 10  # as a rule: so many fewer requests than texts are remembered


class EntityDetector(Protocol):
    """The classifier tier; ``version`` is part of every cache key."""

    version: str

    async def find(self, text: str, *, deadline_s: float) -> list[Entity]:
        """Names, streets and towns.

        Raises:
            Unread: when the text was not read in time.
        """
        ...


class TextScan(msgspec.Struct, frozen=True):
    """What a text holds.

    ``spans`` is what redaction takes out; ``shaped`` means that a part of the text may have the
    shape of a placeholder; ``mentions`` are keyed names of the people in it.
    """

    findings: tuple[Finding, ...]
    rules: tuple[str, ...]
    spans: tuple[Span, ...]
    shaped: bool
    mentions: tuple[str, ...]


class ScanBatch(msgspec.Struct, frozen=True):
    """The scans of all texts of a request; ``unread`` when the classifier missed one of them."""

    scans: Mapping[str, TextScan]
    unread: bool


class Scanner:
    """Scans texts under one policy at a time; caches results by keyed hash, never the text."""

    def __init__(
        self,
        detector: Detector,
        names: EntityDetector | None,
        *,
        key: bytes,
        capacity: int,
        person_key: PersonKey,
    ) -> None:
        """``capacity`` is the number of texts cached; without ``names`` there are rules only."""
        self._person_key = person_key
        self._detector = detector
        self._names = names
        self._cache: KeyedCache[TextScan] = KeyedCache(key, capacity)
        self._batches: KeyedCache[tuple[TextScan, ...]] = KeyedCache(
            key, max(1, capacity // _TEXTS_A_REQUEST)
        )
        self._last: tuple[str, CompiledPolicy | None, bytes] = ("", None, b"")

    @property
    def version(self) -> str:
        """Versions of rules and model in use, as they are put on record."""
        names = self._names.version if self._names else "no-names"
        return f"{self._detector.version} {names}"

    def scan_by_rules(self, text: str, policy: CompiledPolicy) -> TextScan:
        """By rules alone. CPU-bound: some 60 microseconds a KiB of a text not seen before."""
        key = self._cache.key(text, _context(self._detector.version, policy))
        return self._cache.get(key) or self._cache.put(key, self._scan(text, policy, ()))

    async def scan_all(
        self, texts: Sequence[str], policy: CompiledPolicy, neighbours: Neighbours = ()
    ) -> ScanBatch:
        """By rules and the classifier; a value that one text holds is found in all of them.

        ``neighbours`` are pairs of texts that may hold a value together. Long texts are scanned
        off the event loop.
        """
        context = self._context(policy)
        keys = [self._cache.key(text, context) for text in texts]
        own = dict(zip(texts, keys, strict=True))
        pairs = (own[left] + own[right] for left, right in neighbours)
        together = hashlib.sha256(b"".join((*keys, *pairs))).digest()
        known = self._batches.get(together)
        if known is not None:
            return ScanBatch(dict(zip(texts, known, strict=True)), unread=False)
        batch = await self._scan_each(own, policy)
        batch = await self._relate(batch, neighbours, policy)
        if not batch.unread:
            self._batches.put(together, tuple([batch.scans[text] for text in texts]))
        return batch

    async def _relate(
        self, batch: ScanBatch, neighbours: Neighbours, policy: CompiledPolicy
    ) -> ScanBatch:
        """Adds what the texts tell about one another."""
        seams = [seam for pair in neighbours for seam in seams_of(*pair)]
        total = sum(len(one.findings) for one in batch.scans.values())
        if not (seams or total):
            return batch
        found = {text: one.findings for text, one in batch.scans.items()}
        split: list[tuple[str, str]] = []
        for at in range(0, len(seams), _SEAMS_A_TURN):
            if at:
                await asyncio.sleep(0)
            split += add_split_values(
                found,
                seams[at : at + _SEAMS_A_TURN],
                lambda text: self.scan_by_rules(text, policy).findings,
            )
        if total < _INLINE_FINDINGS:
            known = known_texts(found, split)
        else:
            known = await asyncio.to_thread(known_texts, found, split)
        if known is None:
            return batch
        # No text holds the byte 255, so that this context and a text never read like another.
        context = self._context(policy) + b"\xff" + known.digest
        scans: dict[str, TextScan] = {}
        turn = 0
        for text, one in batch.scans.items():
            turn += len(text)
            if turn > _INLINE_CHARACTERS:
                turn = await asyncio.sleep(0, 0)
            own = None if batch.unread or found[text] is not one.findings else context
            scans[text] = await _off_loop(
                text, self._add_known, text, one, found[text], known, policy, own
            )
        return ScanBatch(scans, batch.unread)

    def _add_known(
        self,
        text: str,
        one: TextScan,
        findings: tuple[Finding, ...],
        known: KnownTexts,
        policy: CompiledPolicy,
        context: bytes | None,
    ) -> TextScan:
        """Cached under what it depends on; without a ``context`` nothing is cached."""
        key = self._cache.key(text, context) if context else b""
        cached = self._cache.get(key) if key else None
        if cached is not None:
            return cached
        findings = known.with_findings(text, findings, policy.terms)
        if findings is not one.findings:
            one = self._text_scan(text, findings, one.rules)
        return self._cache.put(key, one) if key else one

    async def _scan_each(self, keys: Mapping[str, bytes], policy: CompiledPolicy) -> ScanBatch:
        scans: dict[str, TextScan] = {}
        fresh: dict[str, bytes] = {}
        for text, key in keys.items():
            known = self._cache.get(key)
            if known is None:
                fresh[text] = key
            else:
                scans[text] = known
        if not fresh:
            return ScanBatch(scans, unread=False)
        entities = await self._entities(list(fresh), policy)
        for (text, key), found in zip(fresh.items(), entities, strict=True):
            if found is None:
                scans[text] = await _off_loop(text, self.scan_by_rules, text, policy)
            else:
                one = await _off_loop(text, self._scan, text, policy, found)
                scans[text] = self._cache.put(key, one)
        return ScanBatch(scans, unread=None in entities)

    def mask(self, sent: Sequence[str], policy: CompiledPolicy, vault: Vault) -> AnswerMask:
        """Takes personal data out of an answer, by rules and lists.

        Values that the caller ``sent`` stay, and so do their surrogates in the ``vault``.
        """
        return AnswerMask(
            lambda text: self._detector.scan(text, (), policy.terms),
            lambda value: any(value in text for text in sent),
            vault.surrogates_in,
        )

    def _context(self, policy: CompiledPolicy) -> bytes:
        """What findings depend on beside the text; computed again only when it changes."""
        version = self.version
        if self._last[0] != version or self._last[1] is not policy:
            self._last = (version, policy, _context(version, policy))
        return self._last[2]

    async def _entities(
        self, texts: Sequence[str], policy: CompiledPolicy
    ) -> Sequence[Sequence[Entity] | None]:
        """Entities in each text; None where the classifier did not scan it."""
        if self._names is None:
            return [()] * len(texts)
        if self._names.version in policy.withdrawn:
            return [None] * len(texts)
        control = policy.failures.control(NAMES)
        if sum(map(len, texts)) > control.longest:
            return [None] * len(texts)
        deadline_s = control.deadline_ms / 1000
        return await asyncio.gather(*(_find(self._names, text, deadline_s) for text in texts))

    def _scan(self, text: str, policy: CompiledPolicy, entities: Sequence[Entity]) -> TextScan:
        findings = self._detector.scan(text, entities, policy.terms)
        return self._text_scan(text, findings, policy.content.fired_by(text))

    def _text_scan(
        self, text: str, findings: tuple[Finding, ...], rules: tuple[str, ...]
    ) -> TextScan:
        values = {
            (finding.type, text[finding.start : finding.end])
            for finding in findings
            if finding.kind is FindingKind.PERSONAL
        }
        mentions = tuple(sorted({key for one in values if (key := self._person_key(*one))}))
        return TextScan(findings, rules, spans_of(text, findings), may_hold(text), mentions)


def _context(version: str, policy: CompiledPolicy) -> bytes:
    lists = policy.terms.digest if policy.terms else "no-lists"
    withdrawn = " ".join(sorted(policy.withdrawn))
    return f"{version} {policy.digest} {lists} {withdrawn}".encode()


async def _find(names: EntityDetector, text: str, deadline_s: float) -> Sequence[Entity] | None:
    if not any(map(str.isalpha, text)):
        return ()
    try:
        return await names.find(normalised(text), deadline_s=deadline_s)
    except TextNotScanned:
        return None


async def _off_loop(
    text: str, scan: Callable[P, TextScan], *given: P.args, **more: P.kwargs
) -> TextScan:
    if len(text) < _INLINE_CHARACTERS:
        return scan(*given, **more)
    return await asyncio.to_thread(scan, *given, **more)
