"""What each text of a request holds, scanned once: a chat that grows costs only its last turn.

Rules run in this process; the classifier runs in processes of its own, until a deadline. A text
that it did not scan is reported (``ScanBatch.unread``) and never counts as clean: policy decides.
"""

import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from gateway.classifiers.limits import ScanLimits, UnreadReason
from gateway.classifiers.pool import ClassifierScan
from gateway.classifiers.protocol import Entity
from gateway.compiled.policy import CompiledPolicy
from gateway.core.finding import Finding, FindingKind
from gateway.core.keyed_cache import KeyedCache
from gateway.core.system.off_loop import off_loop
from gateway.decisions import Control, Overload
from gateway.privacy import AnswerMask, Detector, Span, Vault, may_hold, normalised, spans_of
from gateway.request.known_texts import (
    KnownTexts,
    Neighbours,
    known_texts,
    with_split_values,
)

PersonKey = Callable[[str, str], str | None]  # type and value, to a keyed name of the person
NAMES = "names"  # the classifier tier, as the failure table knows it
_LETTER = re.compile(r"[^\W\d_]")
_TEXTS_A_REQUEST = 10  # as a rule: so many fewer requests than texts are remembered


class EntityDetector(Protocol):
    """The classifier tier; ``version`` is part of every cache key."""

    version: str

    async def scan(self, texts: Sequence[str], *, owner: str, limits: ScanLimits) -> ClassifierScan:
        """Names, streets and towns in the texts of one request, on account of an owner."""
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
    """The scans of all texts of a request; ``unread``: why the classifier missed one of them."""

    scans: Mapping[str, TextScan]
    unread: UnreadReason | None = None


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
        self,
        texts: Sequence[str],
        policy: CompiledPolicy,
        neighbours: Neighbours = (),
        *,
        owner: str = "",
    ) -> ScanBatch:
        """By rules and the classifier; a value that one text holds is found in all of them.

        ``neighbours`` are pairs of texts that may hold a value together. Long texts are scanned
        off the event loop. ``owner`` is on whose account the classifier reads: it serves owners in
        equal shares.
        """
        context = self._context(policy)
        keys = [self._cache.key(text, context) for text in texts]
        own = dict(zip(texts, keys, strict=True))
        pairs = (own[left] + own[right] for left, right in neighbours)
        together = hashlib.sha256(b"".join((*keys, *pairs))).digest()
        known = self._batches.get(together)
        if known is not None:
            return ScanBatch(dict(zip(texts, known, strict=True)))
        batch = await self._scan_each(own, policy, owner)
        batch = await self._relate(batch, neighbours, policy)
        if not batch.unread:
            self._batches.put(together, tuple([batch.scans[text] for text in texts]))
        return batch

    async def _relate(
        self, batch: ScanBatch, neighbours: Neighbours, policy: CompiledPolicy
    ) -> ScanBatch:
        """Adds what the texts tell about one another."""
        found = {text: one.findings for text, one in batch.scans.items()}
        found, split = with_split_values(
            found, neighbours, lambda text: self.scan_by_rules(text, policy).findings
        )
        known = known_texts(found, split)
        if known is None:
            return batch
        # No text holds the byte 255, so that this context and a text never read like another.
        context = self._context(policy) + b"\xff" + known.digest
        scans: dict[str, TextScan] = {}
        for text, one in batch.scans.items():
            own = None if batch.unread or found[text] is not one.findings else context
            scans[text] = await off_loop(
                len(text), self._add_known, text, one, found[text], known, policy, own
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

    async def _scan_each(
        self, keys: Mapping[str, bytes], policy: CompiledPolicy, owner: str
    ) -> ScanBatch:
        scans: dict[str, TextScan] = {}
        fresh: dict[str, bytes] = {}
        for text, key in keys.items():
            known = self._cache.get(key)
            if known is None:
                fresh[text] = key
            else:
                scans[text] = known
        if not fresh:
            return ScanBatch(scans)
        read = await self._entities(list(fresh), policy, owner)
        for (text, key), found in zip(fresh.items(), read.entities, strict=True):
            if found is None:
                scans[text] = await off_loop(len(text), self.scan_by_rules, text, policy)
            else:
                one = await off_loop(len(text), self._scan, text, policy, found)
                scans[text] = self._cache.put(key, one)
        return ScanBatch(scans, read.unread)

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
        self, texts: Sequence[str], policy: CompiledPolicy, owner: str
    ) -> ClassifierScan:
        """Entities in each text; None where the classifier did not scan it."""
        if self._names is None:
            return ClassifierScan([()] * len(texts))
        if self._names.version in policy.withdrawn:
            return ClassifierScan([None] * len(texts), UnreadReason.WITHDRAWN)
        forms = await off_loop(sum(map(len, texts)), _as_read, texts)
        limits = _limits(policy.failures.control(NAMES))
        return await self._names.scan(forms, owner=owner, limits=limits)

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


def _as_read(texts: Sequence[str]) -> list[str]:
    """The texts as the classifier reads them; empty where there is no letter to read."""
    return [normalised(text) if _LETTER.search(text) else "" for text in texts]


def _limits(control: Control) -> ScanLimits:
    ceiling_ms = control.deadline_ms if control.ceiling_ms is None else control.ceiling_ms
    return ScanLimits(
        control.deadline_ms / 1000,
        per_kib_s=control.per_kib_ms / 1000,
        ceiling_s=ceiling_ms / 1000,
        longest=math.inf if control.longest is None else control.longest,
        room=control.waiting_kib * 1024,
        waits_for_room=control.when_full is Overload.WAIT,
        waits_if_hopeless=control.when_too_long is Overload.WAIT,
    )
