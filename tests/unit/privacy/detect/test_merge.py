"""Hits and entities merged: nothing overlaps, no end of a name is left."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.classifiers.protocol import Entity
from gateway.privacy.detect.merge import merge
from gateway.privacy.text.normalized_text import RuleMatch, settle
from tests.support.detector import DETECTOR

_TYPES = st.sampled_from(["PERSON", "STREET_ADDRESS", "CITY", "POSTCODE"])


@st.composite
def spans(draw: st.DrawFn) -> tuple[str, int, int]:
    start = draw(st.integers(0, 80))  # two signs at least: a street without a number may be dropped
    return draw(_TYPES), start, start + draw(st.integers(2, 20))


@given(st.lists(spans(), max_size=8), st.lists(spans(), max_size=8))
def test_hits_never_overlap_and_cover_all_entities(
    rules: list[tuple[str, int, int]], model: list[tuple[str, int, int]]
) -> None:
    text = "a1" * 50
    hits = settle([RuleMatch(type_, start, end, "r") for type_, start, end in rules])
    named = [Entity(start, end, type_, 0.95) for type_, start, end in model]
    joined = merge(hits, named, text)
    for before, after in pairwise(joined):
        assert before.end <= after.start
    covered = {place for hit in joined for place in range(hit.start, hit.end)}
    wanted = {place for hit in hits for place in range(hit.start, hit.end)}
    wanted |= {place for one in named for place in range(one.start, one.end)}
    assert {place for place in wanted - covered if text[place].isalpha()} == set()


def test_a_longer_entity_absorbs_the_hit_of_a_rule() -> None:
    text = "Beste Fatima el Amrani, tot dan."
    (found,) = DETECTOR.scan(text, [Entity(6, 22, "PERSON", 0.97)])
    assert text[found.start : found.end] == "Fatima el Amrani"


def test_a_street_without_a_number_counts_only_beside_a_person() -> None:
    street = Entity(0, 9, "STREET_ADDRESS", 0.9)
    assert merge([], [street], "Hanzelaan is afgesloten") == []
    assert (
        len(merge([], [street, Entity(16, 22, "PERSON", 0.9)], "Hanzelaan, waar Fatima woont")) == 2
    )


def test_the_first_verb_of_a_prompt_is_no_person() -> None:
    for text in ("Herhaal het nummer.", "Goed.  Herhaal het nummer.", "Taak:\nHerhaal het nummer."):
        at = text.index("Herhaal")
        assert merge([], [Entity(at, at + 7, "PERSON", 0.99)], text) == []
    text = "Ik sprak met Herhaal Jansen"
    assert len(merge([], [Entity(13, 27, "PERSON", 0.99)], text)) == 1


@pytest.mark.parametrize(
    ("text", "name", "kept"),
    [
        ("On Thu, 26 Sep 2024 she wrote", "Thu", False),
        ("Files for Welsh and Basque", "Welsh", False),
        ("De boer kan gebruikmaken van de regeling", "De boer", False),
        ("region,North,12", "North", False),
        ("Vraag het mevrouw West", "West", True),
        ("Sun asked for the file", "Sun", True),
        ("Ma belde net", "Ma", True),
        ("Peter North belt terug", "Peter North", True),
    ],
)
def test_a_word_that_is_no_name_counts_only_after_a_title(text: str, name: str, kept: bool) -> None:
    start = text.index(name)
    joined = merge([], [Entity(start, start + len(name), "PERSON", 0.95)], text)
    assert [text[hit.start : hit.end] for hit in joined] == ([name] if kept else [])


def test_a_column_in_a_query_is_no_person() -> None:
    text = "SELECT d.rayon FROM debiteur d"
    assert merge([], [Entity(7, 14, "PERSON", 0.9)], text) == []
    text = "mail van d.rayon is gekomen"
    assert len(merge([], [Entity(9, 16, "PERSON", 0.9)], text)) == 1


def test_a_car_with_a_plate_is_no_address() -> None:
    text = "op mijn oprit, zwarte Polo 6-KVN-33"
    plate = settle([RuleMatch("LICENSE_PLATE", 27, 35, "r")])
    assert merge(plate, [Entity(15, 35, "STREET_ADDRESS", 0.9)], text) == plate


def test_a_country_is_no_city() -> None:
    assert merge([], [Entity(4, 11, "CITY", 0.9)], "uit Eritrea") == []
    assert len(merge([], [Entity(4, 10, "CITY", 0.9)], "uit Asmara")) == 1


def test_a_module_in_a_log_is_no_person() -> None:
    assert merge([], [Entity(0, 9, "PERSON", 0.9)], "c.t.fares.Loader - loading") == []


def test_the_month_of_a_timestamp_is_no_person() -> None:
    month = [Entity(0, 3, "PERSON", 0.9)]
    assert merge([], month, "Jun 04 11:20:01 build-07 started") == []
    assert len(merge([], month, "Jun 04 will not come")) == 1
