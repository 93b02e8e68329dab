"""What the classifier saw, joined with what the rules found: rules know better, none gets lost."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gateway.privacy.reading import Named
from gateway.privacy.view import Hit, Strength

_LIVES = ("POSTCODE", "CITY", "PERSON")
_NEAR = 60
_SURE = 0.9  # from here on a name counts as evidence for the same name elsewhere


def join(hits: Sequence[Hit], named: Sequence[Named], text: str) -> list[Hit]:
    """Settled hits and classifier findings as hits that do not overlap.

    Where a rule found another type, only what lies beside it is taken from the classifier; where it
    found the same type, the two become one, so that no end of a longer name stays behind.
    """
    joined = list(hits)
    for one in named:
        if one.type == "STREET_ADDRESS" and not _is_address(one, text, [*hits, *named]):
            continue
        for start, end in _beside(joined, one):
            if any(map(str.isalpha, text[start:end])):
                joined = _with(joined, _hit(one, start, end))
    return sorted(joined, key=lambda hit: hit.start)


def _is_address(one: Named, text: str, others: Sequence[Hit | Named]) -> bool:
    """A street without a number is a place, unless somebody is near who may live there."""
    if any(map(str.isdigit, text[one.start : one.end])):
        return True
    first, last = one.start - _NEAR, one.end + _NEAR
    return any(o.type in _LIVES and o.start < last and first < o.end for o in others)


def _hit(one: Named, start: int, end: int) -> Hit:
    strength = Strength.CONTEXT if one.score >= _SURE else Strength.PLAIN
    return Hit(one.type, start, end, "names", strength, one.score)


def _beside(hits: Sequence[Hit], one: Named) -> list[tuple[int, int]]:
    """The parts of a finding that no hit of another type covers."""
    parts = [(one.start, one.end)]
    for hit in hits:
        if hit.type != one.type:
            parts = [piece for part in parts for piece in _cut(part, hit)]
    return parts


def _cut(part: tuple[int, int], hit: Hit) -> Iterable[tuple[int, int]]:
    start, end = part
    if hit.end <= start or end <= hit.start:
        yield part
        return
    if start < hit.start:
        yield start, hit.start
    if hit.end < end:
        yield hit.end, end


def _with(hits: list[Hit], new: Hit) -> list[Hit]:
    """The hits with one more, which swallows those of its type that it touches."""
    apart: list[Hit] = []
    for hit in hits:
        if hit.start < new.end and new.start < hit.end:
            stronger = hit if hit.strength >= new.strength else new
            new = replace(stronger, start=min(hit.start, new.start), end=max(hit.end, new.end))
        else:
            apart.append(hit)
    return [*apart, new]
