"""The organisation's own lists: terms that are always taken out, and terms that never are.

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
from gateway.core.finding import FindingKind
from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import TermLists
from gateway.privacy.detect.folded_text import Folded, canonical
from gateway.privacy.detect.normalized_text import NormalizedText, RuleMatch, Strength

DENIED = "list:deny"
# What an allowed term may free: what is found by how it looks, is often an ordinary word, a product
# code or the organisation's own public address, and harms one person least when it is wrong. Never
# secrets, labels or special categories, and no number that a checksum or its name beside it proves.
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
One = TypeVar("One", RuleMatch, Entity)
_Stretch = tuple[int, int]


class Terms:
    """Both lists, compiled. Never changed; safe to use from several threads.

    ``mark`` is the keyed digest under which the trail knows these lists, empty without a key.
    """

    def __init__(self, lists: TermLists, key: bytes = b"") -> None:
        """Takes some 8 microseconds a term. A term on both lists is denied."""
        self.digest = digest_of(lists)
        self.mark = pseudonym(key, MARKED, _encoded(lists).decode()) if key else ""
        by_form: dict[str, str | None] = {canonical(term): None for term in lists.allow}
        by_form |= {canonical(term): type_ for term, type_ in lists.deny.items()}
        by_form.pop("", None)
        self._types = list(by_form.values())
        self._finder = AhoCorasick(by_form, matchkind=MatchKind.Standard, store_patterns=False)

    def find(self, view: NormalizedText) -> "TermMatches | None":
        """Where terms stand in a text as whole words; None when there are none."""
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
    """What the lists say about one text; offsets are of the view."""

    def __init__(self, denied: Iterable[RuleMatch], allowed: Iterable[_Stretch]) -> None:
        self._denied = list(_apart(denied))
        self._allowed = list(_widest(allowed))
        self._starts = [start for start, _ in self._allowed]

    def left(self, found: Sequence[One]) -> list[One]:
        """What was found, without what lies within an allowed term."""
        if not self._allowed:
            return list(found)
        return [one for one in found if one.type not in ALLOWABLE or not self._frees(one)]

    def over(self, hits: Sequence[RuleMatch]) -> list[RuleMatch]:
        """Settled hits with the denied terms, sorted by start: nothing found before is lost.

        What was found inside a term as the same type becomes the term. Beside everything else that
        is taken out, the rest of the term is; labels and topics stay where they are.
        """
        starts = [term.start for term in self._denied]
        hits = [hit for hit in self.left(hits) if not self._swallowed(hit, starts)]
        taken = [hit for hit in hits if hit.kind in {FindingKind.PERSONAL, FindingKind.SECRET}]
        return sorted([*hits, *_beside(self._denied, taken)], key=lambda hit: hit.start)

    def _frees(self, one: RuleMatch | Entity) -> bool:
        place = bisect_right(self._starts, one.start)
        return place > 0 and one.end <= self._allowed[place - 1][1]

    def _swallowed(self, hit: RuleMatch, starts: list[int]) -> bool:
        place = bisect_right(starts, hit.start)
        if not place or hit.kind is not FindingKind.PERSONAL:
            return False
        term = self._denied[place - 1]
        return hit.type == term.type and hit.end <= term.end


def compiled(lists: TermLists, before: Terms | None = None, *, key: bytes = b"") -> Terms | None:
    """The lists ready for use, None when they are empty; ``before`` is used again where it fits.

    ``key`` makes their mark.
    """
    if not (lists.deny or lists.allow):
        return None
    if before is not None and before.digest == digest_of(lists):
        return before
    return Terms(lists, key)


def digest_of(lists: TermLists) -> str:
    """SHA-256 of both lists, for the memory of findings. Guessable: it is never published."""
    return hashlib.sha256(_encoded(lists)).hexdigest()


def _encoded(lists: TermLists) -> bytes:
    return msgspec.json.encode(lists, order="sorted")


def _widest(stretches: Iterable[_Stretch]) -> Iterator[_Stretch]:
    """Those that lie within no other: sorted by start, and so by end."""
    far = -1
    for start, end in sorted(stretches, key=lambda one: (one[0], -one[1])):
        if end > far:
            yield start, end
            far = end


def _apart(terms: Iterable[RuleMatch]) -> Iterator[RuleMatch]:
    """All that the terms cover, sorted and without overlap: the first and longest counts."""
    far = -1
    for term in sorted(terms, key=lambda one: (one.start, -one.end)):
        if term.end > far:
            yield term if term.start >= far else replace(term, start=far)
            far = term.end


def _beside(terms: Sequence[RuleMatch], taken: Sequence[RuleMatch]) -> Iterator[RuleMatch]:
    """What the terms cover and the hits do not; both are sorted and without overlap."""
    ends = [hit.end for hit in taken]
    for term in terms:
        at = term.start
        for index in range(bisect_right(ends, at), len(taken)):
            hit = taken[index]
            if hit.start >= term.end:
                break
            if at < hit.start:
                yield replace(term, start=at, end=hit.start)
            at = hit.end
        if at < term.end:
            yield replace(term, start=at)
