"""What one text holds, worked out once: a chat that grows costs only its last turn.

Rules are in-process; the classifier tier reads in processes of its own, until a deadline. What it
did not read is said so (``ScanBatch.unread``) and never taken for clean: policy decides what follows.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec, Protocol

import msgspec

from gateway.classifiers.pool import TextNotScanned
from gateway.classifiers.protocol import Entity
from gateway.compiled.snapshot import CompiledPolicy
from gateway.core.finding import Finding, FindingKind
from gateway.core.keyed_cache import KeyedCache
from gateway.privacy import AnswerMask, Detector, Span, Vault, may_hold, normalised, spans_of
from gateway.privacy.detect.propagation import KnownNames as FoundNames
from gateway.privacy.detect.propagation import names_of, with_names

P = ParamSpec("P")
PersonKey = Callable[[str, str], str | None]  # type and value, to a keyed name of the person
NAMES = "names"  # the classifier tier, as the failure table knows it
_INLINE_CHARACTERS = 65_536
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
    """All texts of a request; ``unread`` when the classifier did not read each of them."""

    seen: Mapping[str, TextScan]
    unread: bool


class Scanner:
    """Looks at texts under one policy at a time; remembers by keyed hash, never the text."""

    def __init__(
        self,
        detector: Detector,
        names: EntityDetector | None,
        *,
        key: bytes,
        capacity: int,
        who: PersonKey,
    ) -> None:
        """``capacity`` is the number of texts remembered; without ``names`` there are rules only."""
        self._who = who
        self._detector = detector
        self._names = names
        self._cache: KeyedCache[TextScan] = KeyedCache(key, capacity)
        self._together: KeyedCache[tuple[TextScan, ...]] = KeyedCache(
            key, max(1, capacity // _TEXTS_A_REQUEST)
        )
        self._last: tuple[str, CompiledPolicy | None, bytes] = ("", None, b"")

    @property
    def version(self) -> str:
        """Rules and model that are in use now, as they stand on record."""
        names = self._names.version if self._names else "no-names"
        return f"{self._detector.version} {names}"

    def scan_by_rules(self, text: str, policy: CompiledPolicy) -> TextScan:
        """By rules alone. CPU-bound: some 60 microseconds a KiB of a text not seen before."""
        key = self._cache.key(text, _context(self._detector.version, policy))
        return self._cache.get(key) or self._cache.put(key, self._look(text, policy, ()))

    async def scan_all(self, texts: Sequence[str], policy: CompiledPolicy) -> ScanBatch:
        """By rules and the classifier; the names that one text holds are found in all of them.

        Long texts are looked at off the event loop.
        """
        context = self._context(policy)
        keys = [self._cache.key(text, context) for text in texts]
        together = hashlib.sha256(b"".join(keys)).digest()
        known = self._together.get(together)
        if known is not None:
            return ScanBatch(dict(zip(texts, known, strict=True)), unread=False)
        looked = await self._look_each(dict(zip(texts, keys, strict=True)), policy)
        looked = await self._share_names(looked, policy)
        if not looked.unread:
            self._together.put(together, tuple([looked.seen[text] for text in texts]))
        return looked

    async def _share_names(self, looked: ScanBatch, policy: CompiledPolicy) -> ScanBatch:
        names = names_of((text, one.findings) for text, one in looked.seen.items())
        if names is None or len(looked.seen) < 2:
            return looked
        # No text holds the byte 255, so that this context and a text never read like another.
        context = None if looked.unread else self._context(policy) + b"\xff" + names.digest
        seen = {
            text: await _off_loop(text, self._with_names, text, one, names, policy, context)
            for text, one in looked.seen.items()
        }
        return ScanBatch(seen, looked.unread)

    def _with_names(
        self,
        text: str,
        one: TextScan,
        names: FoundNames,
        policy: CompiledPolicy,
        context: bytes | None,
    ) -> TextScan:
        """Kept under what it depends on; without a ``context`` nothing is kept."""
        key = self._cache.key(text, context) if context else b""
        known = self._cache.get(key) if key else None
        if known is not None:
            return known
        findings = with_names(text, one.findings, names, policy.terms)
        if findings is not one.findings:
            one = self._seen(text, findings, one.rules)
        return self._cache.put(key, one) if key else one

    async def _look_each(self, keys: Mapping[str, bytes], policy: CompiledPolicy) -> ScanBatch:
        seen: dict[str, TextScan] = {}
        fresh: dict[str, bytes] = {}
        for text, key in keys.items():
            known = self._cache.get(key)
            if known is None:
                fresh[text] = key
            else:
                seen[text] = known
        if not fresh:
            return ScanBatch(seen, unread=False)
        named = await self._named(list(fresh), policy)
        for (text, key), found in zip(fresh.items(), named, strict=True):
            if found is None:
                seen[text] = await _off_loop(text, self.scan_by_rules, text, policy)
            else:
                one = await _off_loop(text, self._look, text, policy, found)
                seen[text] = self._cache.put(key, one)
        return ScanBatch(seen, unread=None in named)

    def mask(self, sent: Sequence[str], policy: CompiledPolicy, vault: Vault) -> AnswerMask:
        """Takes personal data out of an answer, by rules and lists.

        What the caller ``sent`` stays, and what stands for it by the ``vault``.
        """
        return AnswerMask(
            lambda text: self._detector.scan(text, (), policy.terms),
            lambda value: any(value in text for text in sent),
            vault.surrogates_in,
        )

    def _context(self, policy: CompiledPolicy) -> bytes:
        """What findings depend on beside the text; worked out again only when it changes."""
        version = self.version
        if self._last[0] != version or self._last[1] is not policy:
            self._last = (version, policy, _context(version, policy))
        return self._last[2]

    async def _named(
        self, texts: Sequence[str], policy: CompiledPolicy
    ) -> Sequence[Sequence[Entity] | None]:
        """What the classifier sees in each text, None where it did not read it."""
        if self._names is None:
            return [()] * len(texts)
        if self._names.version in policy.withdrawn:
            return [None] * len(texts)
        control = policy.failures.control(NAMES)
        if sum(map(len, texts)) > control.longest:
            return [None] * len(texts)
        deadline_s = control.deadline_ms / 1000
        return await asyncio.gather(*(_read(self._names, text, deadline_s) for text in texts))

    def _look(self, text: str, policy: CompiledPolicy, named: Sequence[Entity]) -> TextScan:
        findings = self._detector.scan(text, named, policy.terms)
        return self._seen(text, findings, policy.content.fired_by(text))

    def _seen(self, text: str, findings: tuple[Finding, ...], rules: tuple[str, ...]) -> TextScan:
        values = {
            (finding.type, text[finding.start : finding.end])
            for finding in findings
            if finding.kind is FindingKind.PERSONAL
        }
        mentions = tuple(sorted({who for one in values if (who := self._who(*one))}))
        return TextScan(findings, rules, spans_of(text, findings), may_hold(text), mentions)


def _context(version: str, policy: CompiledPolicy) -> bytes:
    lists = policy.terms.digest if policy.terms else "no-lists"
    withdrawn = " ".join(sorted(policy.withdrawn))
    return f"{version} {policy.digest} {lists} {withdrawn}".encode()


async def _read(names: EntityDetector, text: str, deadline_s: float) -> Sequence[Entity] | None:
    if not any(map(str.isalpha, text)):
        return ()
    try:
        return await names.find(normalised(text), deadline_s=deadline_s)
    except TextNotScanned:
        return None


async def _off_loop(
    text: str, look: Callable[P, TextScan], *given: P.args, **more: P.kwargs
) -> TextScan:
    if len(text) < _INLINE_CHARACTERS:
        return look(*given, **more)
    return await asyncio.to_thread(look, *given, **more)
