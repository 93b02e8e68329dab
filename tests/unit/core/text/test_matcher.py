"""Streams: the same events for every chunking, and no more held than needed."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.text.matcher import LONGEST, Compiled, Event, Match, Plain, StreamMatcher
from gateway.core.text.patterns import Pattern

_ALPHABET = "abc["
_SETS = (
    (Pattern("1", "ab?c{1,2}"), Pattern("2", r"\[a+\[")),
    (Pattern("1", "abc"), Pattern("2", "ab"), Pattern("3", "b(?:c|a[bc])*c")),
    (Pattern("1", "[ab]{2,3}c"), Pattern("2", "[^a]a")),
    (Pattern("1", "AB+", ignore_case=True), Pattern("2", "abab|c")),
)
_COMPILED = tuple(map(Compiled, _SETS))
_DEPTH = 6


def _language(patterns: tuple[Pattern, ...]) -> dict[str, str]:
    words = ("".join(t) for n in range(1, _DEPTH + 1) for t in product(_ALPHABET, repeat=n))
    found: dict[str, str] = {}
    for word in words:
        for pattern in patterns:
            if re.fullmatch(pattern.regex, word, re.IGNORECASE if pattern.ignore_case else 0):
                found.setdefault(word, pattern.id)
    return found


_LANGUAGES = tuple(map(_language, _SETS))
_PREFIXES = tuple({w[:n] for w in words for n in range(1, len(w))} for words in _LANGUAGES)


def _whole(words: dict[str, str], text: str) -> list[Event]:
    events: list[Event] = []
    at = plain = 0
    while at < len(text):
        ends = [e for e in range(at + 1, len(text) + 1) if text[at:e] in words]
        if not ends:
            at += 1
            continue
        if plain < at:
            events.append(Plain(text[plain:at]))
        events.append(Match(words[text[at : ends[-1]]], text[at : ends[-1]]))
        at = plain = ends[-1]
    return [*events, Plain(text[plain:])] if plain < len(text) else events


def _joined(events: list[Event]) -> list[Event]:
    joined: list[Event] = []
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, Plain) and isinstance(last, Plain):
            joined[-1] = Plain(last.text + event.text)
        else:
            joined.append(event)
    return joined


@given(st.integers(0, len(_SETS) - 1), st.text(_ALPHABET, max_size=_DEPTH), st.data())
def test_pieces_give_the_whole_and_hold_exactly_the_live_suffix(
    which: int, text: str, data: st.DataObject
) -> None:
    matcher = StreamMatcher(_COMPILED[which])
    events: list[Event] = []
    at = 0
    while at < len(text):
        size = data.draw(st.integers(1, len(text) - at))
        events += matcher.feed(text[at : at + size])
        at += size
        done = sum(len(event.text) for event in events)
        suffixes = (text[start:at] for start in range(done, at))
        live = next((s for s in suffixes if s in _PREFIXES[which]), "")
        assert matcher.held == text[done:at]
        if len(text) <= _DEPTH - 2:  # the oracle knows no words beyond its depth
            assert matcher.held == live
    events += matcher.finish()
    assert _joined(events) == _whole(_LANGUAGES[which], text)


@given(st.text("ab[]PERSON_kdr2", max_size=60), st.lists(st.integers(1, 9), max_size=60))
def test_any_chunking_gives_the_same_events(text: str, sizes: list[int]) -> None:
    compiled = Compiled([Pattern("p", r"\[?(?:PERSON|BSN)_[kdr2]{2,4}\]?"), Pattern("q", "[ab]+k")])
    whole = StreamMatcher(compiled)
    pieces = StreamMatcher(compiled)
    events, at = [], 0
    for size in [*sizes, len(text)]:
        events += pieces.feed(text[at : at + size])
        at += size
    expected = [*whole.feed(text), *whole.finish()]
    assert _joined([*events, *pieces.finish()]) == _joined(expected)


def test_nothing_is_held_when_nothing_is_open() -> None:
    matcher = StreamMatcher(Compiled([Pattern("p", r"\[[a-z]{3}\]")]))
    assert matcher.feed("vrij ") == [Plain("vrij ")]
    assert matcher.feed("[ab") == []
    assert matcher.feed("c]") == [Match("p", "[abc]")]
    assert matcher.held == ""


def test_never_more_than_the_longest_match_is_held() -> None:
    matcher = StreamMatcher(Compiled([Pattern("p", "a+b")]))
    for _ in range(500):
        matcher.feed("a")
        assert len(matcher.held) < LONGEST
    assert matcher.feed("b")[-1] == Match("p", "a" * (LONGEST - 1) + "b")


@pytest.mark.parametrize("regex", ["a*", "(a", "a)", ".", "^a", "[ab", r"\b", "a|"])
def test_outside_the_subset_is_refused(regex: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Compiled([Pattern("p", regex)])


def test_a_pattern_that_could_never_be_found_is_refused() -> None:
    Compiled([Pattern("p", "a{10}")], longest=10)
    with pytest.raises(ValueError, match="at least 11"):
        Compiled([Pattern("q", "ab"), Pattern("p", "a{11}")], longest=10)
