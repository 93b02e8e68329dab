"""The share of findings that survive among neutral sentences."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evaluation import MarkedText, Prediction, Span
from gateway.evaluation.invariance import (
    COUNTS,
    LANGUAGES,
    PaddedText,
    is_covered,
    measure_invariance,
    neutral_sentences,
    pad,
)
from tests.support.detector import DETECTOR

_words = st.lists(st.sampled_from(["Aap noot.", "Mies!", "Wim zus\n", "Jet"]), max_size=5)


@given(_words.map(" ".join), st.sampled_from([" ", "\n", "\n\n"]), _words, _words, _words)
def test_each_character_of_the_text_keeps_its_place(
    text: str, gap: str, before: list[str], within: list[str], behind: list[str]
) -> None:
    padded = pad(text, gap, before=before, within=within, behind=behind)
    assert "".join(padded.text[padded.moved(at)] for at in range(len(text))) == text
    for sentence in (*before, *within, *behind):
        assert sentence in padded.text


def test_a_text_without_a_full_stop_keeps_its_line() -> None:
    assert pad("Naam: Jan", " ", behind=["Aap."]).text == "Naam: Jan\nAap."
    assert pad("Naam: Jan.", " ", behind=["Aap."]).text == "Naam: Jan. Aap."
    assert pad("Een. Twee.", " ", within=["Aap."]).text == "Een. Aap. Twee."
    assert pad("Een.", " ", within=["Aap."]).text == "Een. Aap."


def test_a_span_counts_when_all_its_letters_are_covered() -> None:
    padded = PaddedText("-- Jan Bakker", 3, 10, 0)
    name = Span(0, 10, "PERSON")
    assert is_covered("Jan Bakker", name, padded, [Span(3, 6, "PERSON"), Span(7, 13, "CITY")])
    assert not is_covered("Jan Bakker", name, padded, [Span(3, 6, "PERSON")])


def test_lost_findings_and_levels_are_counted() -> None:
    def predict(text: str, lang: str) -> Prediction:
        found = [Span(*match.span(), "PERSON") for match in re.finditer("Jan|Piet", text)]
        long = len(text) > 400
        return Prediction(found[:1] if long else found, "public" if long else "confidential", 0)

    texts = [
        MarkedText("1", "nl", "Jan belt Piet.", ()),
        MarkedText("2", "de", "Jan und Piet.", ()),  # a language without neutral sentences
        MarkedText("3", "en", "Jan " * 200, ()),  # too long
    ]
    report = measure_invariance(texts, predict)
    assert tuple(report.counts) == COUNTS
    document = report.document()
    assert document["1"] == {"texts": 1, "spans": 2, "kept": 2, "levels_kept": 1}
    assert document["20"] == {"texts": 1, "spans": 2, "kept": 1, "levels_kept": 0}
    assert "| 20 | 1/2 | 0/1 |" in report.markdown()


@pytest.mark.parametrize("language", LANGUAGES)
def test_rules_find_nothing_in_the_neutral_sentences(language: str) -> None:
    sentences = neutral_sentences(language)
    assert len(set(sentences)) == len(sentences) >= max(COUNTS)
    for gap in (" ", "\n", "\n\n"):
        assert DETECTOR.scan(gap.join(sentences)) == ()
