"""Candidates of many patterns in one pass."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.text import patterns as module
from gateway.core.text.patterns import Pattern, PatternMatch, Patterns, _maximal, _Re2

_SET = (
    Pattern("digits", r"\b\d{2,4}\b"),
    Pattern("street", r"(?:straat|laan) \d", ignore_case=True),
    Pattern("ab", r"[ab]{2,3}"),
)
_PATTERNS = Patterns(_SET)


def _oracle(text: str) -> list[tuple[int, int, int]]:
    spans = []
    for index, pattern in enumerate(_SET):
        regex = re.compile(pattern.regex, re.ASCII | (re.IGNORECASE if pattern.ignore_case else 0))
        for start in range(len(text)):
            for end in range(len(text), start, -1):
                if regex.fullmatch(text, start, end) and _bounded(pattern, text, start, end):
                    spans.append((index, start, -end))
                    break
    return _maximal(spans)


def _bounded(pattern: Pattern, text: str, start: int, end: int) -> bool:
    def word(i: int) -> bool:
        return 0 <= i < len(text) and bool(re.fullmatch(r"\w", text[i], re.ASCII))

    return pattern.id != "digits" or not (word(start - 1) or word(end))


@given(st.text(alphabet="ab12 é€😀straatSTRAATlaan\ud800", max_size=24))
def test_candidates_are_the_maximal_matches_in_code_points(text: str) -> None:
    found = {(c.id, c.start, c.end) for c in _PATTERNS.candidates(text)}
    assert found == {(_SET[i].id, s, e) for s, i, e in _oracle(text)}


def test_offsets_after_wide_characters_and_lone_surrogates() -> None:
    assert _PATTERNS.candidates("😀é\ud800 12 x") == [PatternMatch("digits", 4, 6)]


def test_a_pattern_outside_the_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="does not compile"):
        Patterns([Pattern("look", r"(?<!a)b")])


@pytest.mark.parametrize("regex", [r"\d+ ?mg", r"(?:a|[a-z]*) mg", r"\w{2,} mg", r".+x"])
def test_a_pattern_that_would_end_the_process_is_refused(regex: str) -> None:
    with pytest.raises(ValueError, match="bound the repeat"):
        Patterns([Pattern("endless", regex)])


class _FakeRe2:
    """The parts of re2 that we use, on top of re (its alternations take the first, not longest)."""

    class Options:
        longest_match = False
        case_sensitive = True

    @staticmethod
    def compile(regex: bytes, options: "_FakeRe2.Options") -> re.Pattern[bytes]:
        return re.compile(regex, 0 if options.case_sensitive else re.IGNORECASE)


@given(st.text(alphabet="ab12 éstraatSTRAAT", max_size=24))
def test_the_other_engine_gives_the_same(text: str) -> None:
    other = Patterns(_SET)
    other._engine = _Re2(_SET, _FakeRe2)
    assert other.candidates(text) == _PATTERNS.candidates(text)


def test_without_an_engine_it_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "hyperscan", None)
    monkeypatch.setattr(module, "re2", None)
    with pytest.raises(ImportError, match="hyperscan"):
        Patterns(_SET)


def test_compiled_patterns_are_cached_and_repaired(tmp_path: Path) -> None:
    pytest.importorskip("hyperscan")
    patterns = [Pattern("number", r"\d{3,6}"), Pattern("word", "sluis", ignore_case=True)]
    text = "Sluis 1234"
    wanted = Patterns(patterns).candidates(text)
    folder = tmp_path / "cache"
    assert Patterns(patterns, cache=folder).candidates(text) == wanted
    (kept,) = folder.iterdir()
    assert Patterns(patterns, cache=folder).candidates(text) == wanted
    kept.write_bytes(kept.read_bytes()[:-40] + b"\0" * 40)
    assert Patterns(patterns, cache=folder).candidates(text) == wanted
    Patterns(patterns[:1], cache=folder)
    assert len(list(folder.iterdir())) == 2
