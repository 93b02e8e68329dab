"""What one text holds, worked out once: a chat that grows costs only its last turn.

Rules are in-process; the classifier tier reads in processes of its own, until a deadline. What it
did not read is said so (``Looked.unread``) and never taken for clean: policy decides what follows.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ParamSpec, Protocol

import msgspec

from gateway.core.finding import Finding
from gateway.core.keyed_cache import KeyedCache
from gateway.handles import Policy
from gateway.privacy import (
    AnswerMask,
    Detector,
    Named,
    Span,
    Unread,
    may_hold,
    normalised,
    spans_of,
)

P = ParamSpec("P")
NAMES = "names"  # the classifier tier, as the failure table knows it
_INLINE_CHARACTERS = 65_536


class Names(Protocol):
    """The classifier tier; ``version`` is part of every cache key."""

    version: str

    async def find(self, text: str, *, deadline_s: float) -> list[Named]:
        """Names, streets and towns.

        Raises:
            Unread: when the text was not read in time.
        """
        ...


class Seen(msgspec.Struct, frozen=True):
    """What a text holds.

    ``spans`` is what redaction takes out; ``shaped`` means that a part of the text may have the
    shape of a placeholder.
    """

    findings: tuple[Finding, ...]
    rules: tuple[str, ...]
    spans: tuple[Span, ...]
    shaped: bool


class Looked(msgspec.Struct, frozen=True):
    """All texts of a request; ``unread`` when the classifier did not read each of them."""

    seen: Mapping[str, Seen]
    unread: bool


class Scanner:
    """Looks at texts under one policy at a time; remembers by keyed hash, never the text."""

    def __init__(
        self, detector: Detector, names: Names | None, *, key: bytes, capacity: int
    ) -> None:
        """``capacity`` is the number of texts remembered; without ``names`` there are rules only."""
        self._detector = detector
        self._names = names
        self._cache: KeyedCache[Seen] = KeyedCache(key, capacity)
        self._last = ("", "", b"")

    @property
    def version(self) -> str:
        """Rules and model that are in use now, as they stand on record."""
        names = self._names.version if self._names else "no-names"
        return f"{self._detector.version} {names}"

    def look(self, text: str, policy: Policy) -> Seen:
        """By rules alone. CPU-bound: some 60 microseconds a KiB of a text not seen before."""
        key = self._cache.key(text, f"{self._detector.version} {policy.digest}".encode())
        return self._cache.get(key) or self._cache.put(key, self._look(text, policy, ()))

    async def look_all(self, texts: Iterable[str], policy: Policy) -> Looked:
        """By rules and the classifier. Long texts are looked at off the event loop."""
        context = self._context(policy)
        seen: dict[str, Seen] = {}
        fresh: dict[str, bytes] = {}
        for text in texts:
            key = self._cache.key(text, context)
            known = self._cache.get(key)
            if known is None:
                fresh[text] = key
            else:
                seen[text] = known
        if not fresh:
            return Looked(seen, unread=False)
        named = await self._named(list(fresh), policy)
        for (text, key), found in zip(fresh.items(), named, strict=True):
            if found is None:
                seen[text] = await _off_loop(text, self.look, text, policy)
            else:
                one = await _off_loop(text, self._look, text, policy, found)
                seen[text] = self._cache.put(key, one)
        return Looked(seen, unread=None in named)

    def mask(self, sent: Sequence[str]) -> AnswerMask:
        """Takes personal data out of an answer, by rules; what the caller ``sent`` may come back."""
        return AnswerMask(self._detector.scan, lambda value: any(value in text for text in sent))

    def _context(self, policy: Policy) -> bytes:
        """What findings depend on beside the text; worked out again only when it changes."""
        version = self.version
        if self._last[:2] != (version, policy.digest):
            self._last = (version, policy.digest, f"{version} {policy.digest}".encode())
        return self._last[2]

    async def _named(
        self, texts: Sequence[str], policy: Policy
    ) -> Sequence[Sequence[Named] | None]:
        """What the classifier sees in each text, None where it did not read it."""
        if self._names is None:
            return [()] * len(texts)
        control = policy.failures.control(NAMES)
        if sum(map(len, texts)) > control.longest:
            return [None] * len(texts)
        deadline_s = control.deadline_ms / 1000
        return await asyncio.gather(*(_read(self._names, text, deadline_s) for text in texts))

    def _look(self, text: str, policy: Policy, named: Sequence[Named]) -> Seen:
        findings = self._detector.scan(text, named)
        rules = policy.content.fired_by(text)
        return Seen(findings, rules, spans_of(text, findings), may_hold(text))


async def _read(names: Names, text: str, deadline_s: float) -> Sequence[Named] | None:
    if not any(map(str.isalpha, text)):
        return ()
    try:
        return await names.find(normalised(text), deadline_s=deadline_s)
    except Unread:
        return None


async def _off_loop(text: str, look: Callable[P, Seen], *given: P.args, **more: P.kwargs) -> Seen:
    if len(text) < _INLINE_CHARACTERS:
        return look(*given, **more)
    return await asyncio.to_thread(look, *given, **more)
