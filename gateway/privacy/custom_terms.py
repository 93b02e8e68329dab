"""The organisation's own lists: terms that are always redacted, and terms that never are.

One Aho-Corasick automaton over the folded text finds both, whatever their number.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec
from ahocorasick_rs import AhoCorasick, MatchKind
from msgspec.structs import replace

from gateway.classifiers.protocol import Entity
from gateway.core.finding import Finding, FindingKind
from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import TermLists
from gateway.privacy.text.folded_text import Folded, canonical
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

DENIED = "list:deny"
# Types that an allowed term may exempt: found by their form, often an ordinary word, a product code
# or the organisation's own public address, and least harmful to a person when missed. Secrets,
# labels, special categories and numbers with a checksum or a name beside them are never exempt.
ALLOWABLE = frozenset({
    "PERSON",
    "STREET_ADDRESS",
    "POSTCODE",
    "CITY",
    "EMAIL",
    "PHONE",
    "KVK",
    "LICENSE_PLATE",
    "IP_ADDRESS",
})
MARKED = "terms"  # the scope of the keyed digest
Place = TypeVar("Place", RuleMatch, Entity, Finding)
_Stretch = tuple[int, int]


class Terms:
    """Both lists, compiled; immutable and safe to use from several threads.

    ``lists`` are what they were compiled from, ``mark`` is the keyed digest of these lists in the
    audit trail; "" without a key.
    """

    def __init__(self, lists: TermLists, key: bytes = b"") -> None:
        """Takes some 8 microseconds a term. A term on both lists is denied."""
        self.lists = lists
        self.digest = digest_of(lists)
        self.mark = pseudonym(key, MARKED, _encoded(lists).decode()) if key else ""
        by_form: dict[str, str | None] = {canonical(term): None for term in lists.allow}
        by_form |= {canonical(term): type_ for term, type_ in lists.deny.items()}
        by_form.pop("", None)
        self._types = list(by_form.values())
        self._finder = AhoCorasick(by_form, matchkind=MatchKind.Standard, store_patterns=False)

    def find(self, view: NormalizedText) -> "TermMatches | None":
        """Return the places of terms in a text, as whole words; None without any."""
        folded = Folded(view)
        found = self._finder.find_matches_as_indexes(folded.text, overlapping=True)
        if not found:
            return None
        denied: list[RuleMatch] = []
        allowed: list[_Stretch] = []
        for number, first, last in found:
            if folded.stands_alone(first, last):
                start, end = folded.place(first, last)
                type_ = self._types[number]
                if type_ is None:
                    allowed.append((start, end))
                else:
                    denied.append(RuleMatch(type_, start, end, DENIED, Strength.CHECKSUM, 1.0))
        return TermMatches(denied, allowed) if denied or allowed else None


class TermMatches:
    """The terms in one text; offsets are of the view."""

    def __init__(self, denied: Iterable[RuleMatch], allowed: Iterable[_Stretch]) -> None:
        self._denied = list(_disjoint(denied))
        self._allowed = list(_outermost(allowed))
        self._starts = [start for start, _ in self._allowed]

    def without_allowed(self, found: Sequence[Place]) -> list[Place]:
        """Return hits or entities without those within an allowed term."""
        if not self._allowed:
            return list(found)
        return [one for one in found if one.type not in ALLOWABLE or not self._exempts(one)]

    def with_denied(self, hits: Sequence[RuleMatch]) -> list[RuleMatch]:
        """Return settled hits and denied terms, sorted by start; no hit is lost.

        A hit of the same type within a term becomes the term. Of a term that overlaps other
        redacted hits, the rest is added; labels and topics keep their place.
        """
        starts = [term.start for term in self._denied]
        hits = [hit for hit in self.without_allowed(hits) if not self._is_covered(hit, starts)]
        redacted = [hit for hit in hits if hit.kind in {FindingKind.PERSONAL, FindingKind.SECRET}]
        return sorted([*hits, *_uncovered(self._denied, redacted)], key=lambda hit: hit.start)

    def _exempts(self, one: RuleMatch | Entity | Finding) -> bool:
        place = bisect_right(self._starts, one.start)
        return place > 0 and one.end <= self._allowed[place - 1][1]

    def _is_covered(self, hit: RuleMatch, starts: list[int]) -> bool:
        place = bisect_right(starts, hit.start)
        if not place or hit.kind is not FindingKind.PERSONAL:
            return False
        term = self._denied[place - 1]
        return hit.type == term.type and hit.end <= term.end


def compiled(lists: TermLists, before: Terms | None = None, *, key: bytes = b"") -> Terms | None:
    """Return the compiled lists, None for empty ones; ``before`` is reused if it is the same.

    ``key`` makes their mark.
    """
    if not (lists.deny or lists.allow):
        return None
    if before is not None and before.digest == digest_of(lists):
        return before
    return Terms(lists, key)


def digest_of(lists: TermLists) -> str:
    """Return the SHA-256 of both lists, for the cache of findings. Guessable: never publish it."""
    return hashlib.sha256(_encoded(lists)).hexdigest()


def _encoded(lists: TermLists) -> bytes:
    return msgspec.json.encode(lists, order="sorted")


def _outermost(stretches: Iterable[_Stretch]) -> Iterator[_Stretch]:
    """Yield the stretches that no other contains, sorted by start and so by end."""
    reach = -1
    for start, end in sorted(stretches, key=lambda one: (one[0], -one[1])):
        if end > reach:
            yield start, end
            reach = end


def _disjoint(terms: Iterable[RuleMatch]) -> Iterator[RuleMatch]:
    """Yield all that the terms cover, without overlap: the first and longest takes precedence."""
    reach = -1
    for term in sorted(terms, key=lambda one: (one.start, -one.end)):
        if term.end > reach:
            yield term if term.start >= reach else replace(term, start=reach)
            reach = term.end


def _uncovered(terms: Sequence[RuleMatch], redacted: Sequence[RuleMatch]) -> Iterator[RuleMatch]:
    """Yield what the terms cover and the hits do not; both are sorted and without overlap."""
    ends = [hit.end for hit in redacted]
    for term in terms:
        at = term.start
        for index in range(bisect_right(ends, at), len(redacted)):
            hit = redacted[index]
            if hit.start >= term.end:
                break
            if at < hit.start:
                yield replace(term, start=at, end=hit.start)
            at = hit.end
        if at < term.end:
            yield replace(term, start=at)
