"""What overlaps a place, found by bisection, is what a look at everything finds."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.classifiers.protocol import Entity
from gateway.privacy.detect.nearby import Nearby, touching
from gateway.privacy.text.normalized_text import RuleMatch

_PLACES = st.tuples(st.integers(0, 60), st.integers(1, 12)).map(lambda p: (p[0], p[0] + p[1]))


@given(st.lists(_PLACES), _PLACES)
def test_hits_without_overlap(places: list[tuple[int, int]], wanted: tuple[int, int]) -> None:
    start, end = wanted
    hits: list[RuleMatch] = []
    for first, last in sorted(places):
        if not hits or hits[-1].end <= first:
            hits.append(RuleMatch("PERSON", first, last, "rule"))
    place = touching(hits, start, end)
    assert hits[place] == [one for one in hits if one.start < end and start < one.end]
    hits[place] = [RuleMatch("CITY", start, end, "rule")]
    assert [one.start for one in hits] == sorted(one.start for one in hits)


@given(st.lists(_PLACES), _PLACES)
def test_hits_and_entities_that_overlap(
    places: list[tuple[int, int]], wanted: tuple[int, int]
) -> None:
    start, end = wanted
    found = [Entity(first, last, "PERSON", 0.9) for first, last in places]
    nearby = list(Nearby(found).touching(start, end))
    assert sorted(one.start for one in nearby) == sorted(
        one.start for one in found if one.start < end and start < one.end
    )
