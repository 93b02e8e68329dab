"""Text in the shape of a placeholder is found wherever it is in a long text."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.text.matcher import Match, StreamMatcher
from gateway.privacy.pseudonyms.placeholders import GRAMMAR
from gateway.privacy.redact.vault import look_alikes

_PARTS = st.sampled_from([
    "[PERSON_b2c3d4]",
    "persoon: x7k2mn",
    "(E-MAIL h4g5f6k7)",
    "&lt;CITY_k2m3n4&gt;",
    "{{NAAM SHE DOCTOR q4r5t6",
    "woorden zonder getallen ",
    "0612345678 ",
    "b2c3d4",
    "x" * 60,
    "\n",
    "[",
])


@given(st.lists(_PARTS, max_size=30).map("".join))
def test_they_are_those_of_a_search_through_all_of_the_text(text: str) -> None:
    matcher, places, at = StreamMatcher(GRAMMAR), [], 0
    for event in (*matcher.feed(text), *matcher.finish()):
        if isinstance(event, Match):
            places.append((at, at + len(event.text)))
        at += len(event.text)
    assert [(start, end) for start, end, _ in look_alikes(text)] == places
