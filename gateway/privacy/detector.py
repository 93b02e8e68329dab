"""One pass over a text: what in it is personal, secret, labelled or of a special category."""

import hashlib
import inspect
from collections.abc import Callable, Iterable

from gateway.core.finding import Finding
from gateway.core.patterns import Pattern, Patterns
from gateway.privacy import (
    addresses,
    credentials,
    identifiers,
    names,
    national,
    propagation,
    topics,
    view,
    words,
)
from gateway.privacy.view import Hit, View, settle, to_finding

_SOURCES = (addresses, credentials, identifiers, names, national, propagation, topics, view, words)
_RULES = identifiers.RULES + credentials.RULES + names.RULES + addresses.RULES + topics.RULES


class Detector:
    """Rules only; the same text gives the same findings in every process.

    Build it once: compiling takes some hundred milliseconds. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._checks: dict[str, Callable[[View, int, int], Iterable[Hit]]] = {}
        patterns = []
        for number, (regex, ignore_case, check) in enumerate(_RULES):
            self._checks[str(number)] = check
            patterns.append(Pattern(str(number), regex, ignore_case))
        self._patterns = Patterns(patterns)
        digest = hashlib.sha256()
        for module in _SOURCES:
            digest.update(inspect.getsource(module).encode())
        self.version = f"rules-{digest.hexdigest()[:16]}"

    def scan(self, text: str) -> tuple[Finding, ...]:
        """All findings, sorted by start; no two overlap."""
        seen = View(text)
        checks = self._checks
        hits = [
            hit
            for candidate in self._patterns.candidates(seen.text)
            for hit in checks[candidate.id](seen, candidate.start, candidate.end)
        ]
        if not hits:
            return ()
        hits = settle(hits)
        again = list(propagation.spread(seen, hits))
        if again:
            hits = settle(hits + again)
        return tuple(to_finding(hit, seen) for hit in hits)
