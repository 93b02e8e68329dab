"""What the texts of a request hold, scanned once: a chat that grows costs only its last turn.

The classifier reads in processes of its own, until a deadline. Rules run in this process where a
request is short, and in a process of their own where it is long. A text that the classifier did not
read is reported (``ScanBatch.unread``) and never counts as clean: policy decides.
"""

import hashlib
import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import msgspec
from msgspec.structs import replace

from gateway.classifiers.limits import ScanLimits, UnreadReason
from gateway.classifiers.pool import ClassifierScan
from gateway.classifiers.protocol import Entity
from gateway.compiled.policy import CompiledPolicy
from gateway.core.finding import FindingKind, is_unread
from gateway.core.keyed_cache import KeyedCache
from gateway.core.system.off_loop import off_loop
from gateway.decisions import Control, Overload
from gateway.privacy import AnswerMask, Detector, Vault, normalised
from gateway.privacy.boilerplate import Stretch, Stretches
from gateway.request.known_texts import Neighbours
from gateway.request.rule_pool import RulePool
from gateway.request.text_scanner import PersonKey, TextScan, TextScanner, context_of, weight_of

KnownStretches = Mapping[str, Sequence[Stretch]]
NAMES = "names"  # the classifier tier, as the failure table knows it
_INLINE = 4096  # the size of a request up to which rules run on the event loop
_LETTER = re.compile(r"[^\W\d_]")
_UNJUDGED = b"\xfe"  # no text holds this byte, so that no context and text read like another
_TEXT = 64
_STEP = 65_536
_TEXTS_A_REQUEST = 10  # as a rule: so many fewer requests than texts are remembered


class EntityDetector(Protocol):
    """The classifier tier; ``version`` is part of every cache key."""

    version: str

    async def scan(
        self,
        texts: Sequence[str],
        *,
        owner: str,
        limits: ScanLimits,
        judged: Sequence[bool] | None = None,
    ) -> ClassifierScan:
        """Names, streets and towns in the texts of one request, on account of an owner.

        ``judged`` says of each text whether attacks and harm are wanted too; without it of all.
        """
        ...


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
        rules: RulePool | None = None,
    ) -> None:
        """``capacity`` is the number of texts cached; without ``names`` there are rules only.

        Without ``rules`` long requests are scanned by rules in threads of this process.
        """
        self._texts = TextScanner(detector, key=key, capacity=capacity, person_key=person_key)
        self._detector = detector
        self._names = names
        self._rules = rules
        self._batches: KeyedCache[tuple[TextScan, ...]] = KeyedCache(
            key,
            max(1, capacity // _TEXTS_A_REQUEST),
            size=lambda scans: 1 + sum(map(weight_of, scans)) // _TEXTS_A_REQUEST,
        )
        self._last: tuple[str, CompiledPolicy | None, bytes] = ("", None, b"")

    @property
    def version(self) -> str:
        """Versions of rules and model in use, as they are put on record."""
        names = self._names.version if self._names else "no-names"
        return f"{self._texts.version} {names}"

    async def of_definitions(
        self, scans: Mapping[str, TextScan], apart: Collection[str], found: int
    ) -> Mapping[str, TextScan]:
        """As ``TextScanner.of_definitions``; ``found`` is the number of findings."""
        if not apart or not found:
            return scans
        return await off_loop(_TEXT * found, self._texts.of_definitions, scans, apart)

    def scan_by_rules(self, text: str, policy: CompiledPolicy) -> TextScan:
        """By rules alone. CPU-bound: some 60 microseconds a KiB of a text not seen before."""
        return self._texts.scan_by_rules(text, policy)

    def secrets_in(self, text: str) -> list[tuple[int, int]]:
        """The places of secrets in a short text, such as the end of a part of an answer.

        A text that was not read may hold one: it counts as a secret.
        """
        found = self._detector.scan(text, ())
        if is_unread(found):
            return [(0, len(text))]
        return [(one.start, one.end) for one in found if one.kind is FindingKind.SECRET]

    async def classified(
        self, texts: Sequence[str], policy: CompiledPolicy, *, owner: str
    ) -> ClassifierScan:
        """What the classifier finds in each text."""
        return await self._entities(texts, policy, owner, {}, None)

    async def scan_all(
        self,
        texts: Sequence[str],
        policy: CompiledPolicy,
        neighbours: Neighbours = (),
        *,
        owner: str = "",
        reviewed: Stretches | None = None,
        judged: Collection[str] | None = None,
    ) -> ScanBatch:
        """By rules and the classifier; a value that one text holds is found in all of them.

        ``neighbours`` are pairs of texts that may hold a value together. Long requests are scanned
        off the event loop. ``owner`` is on whose account that is done: owners get equal shares.
        ``reviewed`` gives the stretches of a text that need no scan: by default its paragraphs that
        policy knows as boilerplate. ``judged`` are the texts that are read for attacks and harm
        too; without it all are.

        Raises:
            Unavailable: when the rules did not scan a long request in time.
        """
        context = self._context(policy)
        keys = [self._key(text, context, judged) for text in texts]
        own = dict(zip(texts, keys, strict=True))
        pairs = (own[left] + own[right] for left, right in neighbours)
        together = hashlib.sha256(b"".join((*keys, *pairs))).digest()
        known = self._batches.get(together)
        if known is not None:
            return ScanBatch(dict(zip(texts, known, strict=True)))
        reviewed = reviewed or policy.boilerplate.spans
        batch = await self._scan_each(own, policy, owner, reviewed, judged)
        batch = await self._relate(batch, neighbours, policy, owner, reviewed)
        if not batch.unread:
            self._batches.put(together, tuple([batch.scans[text] for text in texts]))
        return batch

    def _key(self, text: str, context: bytes, judged: Collection[str] | None) -> bytes:
        """A scan that looked for attacks too answers where that is not wanted, not otherwise."""
        cache = self._texts.cache
        whole = cache.key(text, context)
        if judged is None or text in judged or cache.get(whole) is not None:
            return whole
        return cache.key(text, context + _UNJUDGED)

    async def _scan_each(
        self,
        keys: Mapping[str, bytes],
        policy: CompiledPolicy,
        owner: str,
        reviewed: Stretches,
        judged: Collection[str] | None,
    ) -> ScanBatch:
        cache = self._texts.cache
        scans = {text: one for text, key in keys.items() if (one := cache.get(key)) is not None}
        fresh = [text for text in keys if text not in scans]
        if not fresh:
            return ScanBatch(scans)
        size = sum(map(len, fresh))
        known = await off_loop(size, _stretches, fresh, reviewed)
        read = await self._entities(fresh, policy, owner, known, judged)
        new = await self._by_rules(fresh, [one or () for one in read.entities], policy, owner)
        found = dict(zip(fresh, new, strict=True))
        if known:
            found = await off_loop(size, self._without, found, lambda text: known.get(text, ()))
        for text, entities in zip(fresh, read.entities, strict=True):
            scans[text] = found[text] if entities is None else cache.put(keys[text], found[text])
        return ScanBatch({text: scans[text] for text in keys}, read.unread)

    async def _by_rules(
        self,
        texts: Sequence[str],
        entities: Sequence[Sequence[Entity]],
        policy: CompiledPolicy,
        owner: str,
    ) -> list[TextScan]:
        size = _work_of(texts)
        if self._rules is None or size <= _INLINE:
            return await off_loop(size, self._scan_texts, texts, entities, policy)
        scans = await self._rules.scan(texts, entities, policy, owner)
        self._detector.count_faults(one.findings for one in scans)
        return await off_loop(size, self._named, texts, scans)

    async def _relate(
        self,
        batch: ScanBatch,
        neighbours: Neighbours,
        policy: CompiledPolicy,
        owner: str,
        reviewed: Stretches,
    ) -> ScanBatch:
        """Adds what the texts tell about one another."""
        scans, size = batch.scans, _work_of(batch.scans) + _TEXT * len(neighbours)
        context = None if batch.unread else self._context(policy)
        if self._rules is None or size <= _INLINE:
            changed = await off_loop(size, self._texts.related, scans, neighbours, policy, context)
        else:
            new = await self._rules.related(scans, neighbours, policy, context, owner)
            named = await off_loop(size, self._named, list(new), list(new.values()))
            changed = dict(zip(new, named, strict=True))
        if not changed:
            return batch
        changed = await off_loop(size, self._without, changed, reviewed)
        return ScanBatch({**scans, **changed}, batch.unread)

    def _without(self, scans: Mapping[str, TextScan], reviewed: Stretches) -> dict[str, TextScan]:
        return {text: self._texts.without(text, one, reviewed(text)) for text, one in scans.items()}

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
            self._last = (version, policy, context_of(version, policy))
        return self._last[2]

    async def _entities(
        self,
        texts: Sequence[str],
        policy: CompiledPolicy,
        owner: str,
        known: KnownStretches,
        judged: Collection[str] | None,
    ) -> ClassifierScan:
        """Entities in each text; None where the classifier did not scan it."""
        if self._names is None:
            return ClassifierScan([()] * len(texts))
        if self._names.version in policy.withdrawn:
            return ClassifierScan([None] * len(texts), UnreadReason.WITHDRAWN)
        forms = await off_loop(sum(map(len, texts)), _as_read, texts, known)
        limits = _limits(policy.failures.control(NAMES))
        wanted = None if judged is None else [text in judged for text in texts]
        return await self._names.scan(forms, owner=owner, limits=limits, judged=wanted)

    def _scan_texts(
        self,
        texts: Sequence[str],
        entities: Sequence[Sequence[Entity]],
        policy: CompiledPolicy,
    ) -> list[TextScan]:
        given = zip(texts, entities, strict=True)
        return [self._texts.scan(text, policy, found) for text, found in given]

    def _named(self, texts: Sequence[str], scans: Sequence[TextScan]) -> list[TextScan]:
        """Scans of another process, with the mentions that only this one can name."""
        return [
            replace(one, mentions=self._texts.mentions(text, one.findings))
            for text, one in zip(texts, scans, strict=True)
        ]


def _stretches(texts: Sequence[str], reviewed: Stretches) -> KnownStretches:
    return {text: stretches for text in texts if (stretches := reviewed(text))}


def _work_of(texts: Collection[str]) -> int:
    """The size of some texts, in which each counts for some characters more than it has."""
    return sum(map(len, texts)) + _TEXT * len(texts)


def _as_read(texts: Sequence[str], known: KnownStretches) -> list[str]:
    """The texts as the classifier reads them; empty where there is no letter to read."""
    forms = (_blanked(normalised(text), text, known.get(text, ())) for text in texts)
    return [form if _has_letter(form) else "" for form in forms]


def _blanked(form: str, text: str, stretches: Sequence[Stretch]) -> str:
    """The normalised form of a text without the stretches; all else keeps its place."""
    pieces, done = [], 0
    for start, end in stretches:
        if form[start:end] == normalised(text[start:end]):  # else its place has moved
            pieces += [form[done:start], "\n" * (end - start)]
            done = end
    return "".join([*pieces, form[done:]]) if pieces else form


def _has_letter(text: str) -> bool:
    """Whether there is one; in steps, so that no call holds the interpreter for long."""
    return any(_LETTER.search(text, at, at + _STEP) for at in range(0, len(text), _STEP))


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
