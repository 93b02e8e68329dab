"""Masked values, hits and false alarms in one text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evaluation import DetectionReport, MarkedText, Prediction, Span, evaluate
from gateway.evaluation.scoring import Outcome, judge

_TYPES = ("PERSON", "CITY", "STREET_ADDRESS", "PHONE", "DATE_OF_BIRTH", "WHATEVER")


def _example(
    text: str, *spans: tuple[str, str], ignored: tuple[str, ...] = (), level: str = ""
) -> MarkedText:
    gold = tuple(_span(text, part, type_) for part, type_ in spans)
    aside = tuple(_span(text, part, "") for part in ignored)
    return MarkedText("one", "nl", text, gold, aside, level)


def _span(text: str, part: str, type_: str) -> Span:
    start = text.index(part)
    return Span(start, start + len(part), type_)


def _judged(example: MarkedText, *found: tuple[str, str]) -> Outcome:
    return judge(example, [_span(example.text, part, type_) for part, type_ in found])


def _report(example: MarkedText, *found: tuple[str, str], level: str = "") -> DetectionReport:
    spans = [_span(example.text, part, type_) for part, type_ in found]
    return evaluate([example], lambda text, lang: Prediction(spans, level, 0.001))


class TestMasked:
    def test_any_types_together_mask(self) -> None:
        example = _example("bel Jan Jansen!", ("Jan Jansen", "PERSON"))
        assert _judged(example, ("Jan", "CITY"), ("Jansen", "ORG")).masked == set(example.spans)

    def test_one_letter_left_leaks(self) -> None:
        example = _example("bel Jan Jansen!", ("Jan Jansen", "PERSON"))
        assert not _judged(example, ("Jan Janse", "PERSON")).masked

    def test_only_letters_and_digits_count(self) -> None:
        example = _example("tel (06) 123", ("(06) 123", "PHONE"))
        assert _judged(example, ("06", "PHONE"), ("123", "PHONE")).masked == set(example.spans)


class TestHits:
    def test_half_an_overlap_is_a_hit_and_less_is_not(self) -> None:
        example = _example("in Vlieland", ("Vlieland", "CITY"))
        assert _judged(example, ("Vlie", "CITY")).hits
        assert not _judged(example, ("Vli", "CITY")).hits

    def test_another_type_is_no_hit(self) -> None:
        outcome = _judged(_example("in Vlieland", ("Vlieland", "CITY")), ("Vlieland", "PERSON"))
        assert not outcome.hits
        assert outcome.extra
        assert not outcome.false

    def test_names_of_other_tools_are_mapped(self) -> None:
        assert _judged(_example("in Vlieland", ("Vlieland", "CITY")), ("Vlieland", "LOC")).hits

    def test_one_prediction_hits_one_span(self) -> None:
        example = MarkedText("one", "nl", "abcd", (Span(0, 2, "CITY"), Span(2, 4, "CITY")))
        assert len(judge(example, [Span(0, 4, "CITY")]).hits) == 1

    @pytest.mark.parametrize(
        ("text", "type_", "pieces"),
        [
            ("Jan Jansen", "PERSON", ("Jan", "Jansen")),
            ("Anne-Fleur", "PERSON", ("Anne", "Fleur")),
            ("Kerkstraat 12", "STREET_ADDRESS", ("Kerkstraat", "12")),
            ("Kerkstraat, 12", "STREET_ADDRESS", ("Kerkstraat", "12")),
        ],
    )
    def test_adjacent_pieces_are_joined(
        self, text: str, type_: str, pieces: tuple[str, ...]
    ) -> None:
        outcome = _judged(_example(text, (text, type_)), *((piece, type_) for piece in pieces))
        assert len(outcome.hits) == 1
        assert not outcome.extra

    def test_lines_of_a_list_are_not_joined(self) -> None:
        example = _example("Jan\nPiet", ("Jan", "PERSON"), ("Piet", "PERSON"))
        assert len(_judged(example, ("Jan", "PERSON"), ("Piet", "PERSON")).hits) == 2

    def test_pieces_of_other_types_are_not_joined(self) -> None:
        example = _example("Breda Gouda", ("Breda", "CITY"), ("Gouda", "CITY"))
        assert len(_judged(example, ("Breda", "CITY"), ("Gouda", "CITY")).hits) == 2

    @pytest.mark.parametrize("found", ["mevrouw Li", "Mevrouw dr. Li", "Li,", "dhr Li", "(Li)"])
    def test_titles_and_outer_punctuation_cost_nothing(self, found: str) -> None:
        example = _example(f"aan {found} gericht", ("Li", "PERSON"))
        outcome = _judged(example, (found, "PERSON"))
        assert outcome.hits
        assert not outcome.extra

    def test_a_name_that_begins_like_a_title_stays_whole(self) -> None:
        example = _example("Ingrid Drost", ("Ingrid Drost", "PERSON"))
        assert _judged(example, ("Ingrid Drost", "PERSON")).hits


class TestFalseAlarms:
    def test_a_hard_type_that_touches_nothing_is_one(self) -> None:
        outcome = _judged(_example("de Rode Draad"), ("Rode Draad", "PERSON"))
        assert len(outcome.false) == 1

    @pytest.mark.parametrize("type_", ["DATE_TIME", "DATE", "ORG", "NRP", "URL", "MISC"])
    def test_soft_types_never_are(self, type_: str) -> None:
        report = _report(_example("op 12 mei"), ("12 mei", type_))
        assert report.total.false == report.total.predicted == 0
        assert report.total.untouched == 1

    def test_what_is_ignored_never_is(self) -> None:
        report = _report(_example("in Breda", ignored=("Breda",)), ("Breda", "CITY"))
        assert report.total.false == report.total.predicted == 0
        assert report.total.untouched == 1

    def test_an_unknown_type_is_a_hard_one(self) -> None:
        assert _judged(_example("nr 12345"), ("12345", "US_BANK_NUMBER")).false

    def test_they_are_counted_per_1000_characters(self) -> None:
        example = _example("x" * 490 + " Rode Draad")
        assert _report(example, ("Rode Draad", "PERSON")).total.false_per_1000 == 1000 / 501


_TEXT = "Jan de Wit, Kerkstraat 1; Breda (dr. Li) 06-12 34"


_spans = st.lists(
    st.builds(
        lambda start, size, type_: Span(start, min(len(_TEXT), start + size), type_),
        st.integers(0, len(_TEXT) - 1),
        st.integers(1, 15),
        st.sampled_from(_TYPES),
    ),
    max_size=6,
)


@given(gold=_spans, found=_spans, more=_spans)
def test_more_predictions_never_mask_less(
    gold: list[Span], found: list[Span], more: list[Span]
) -> None:
    example = MarkedText("one", "nl", _TEXT, tuple(gold))
    assert judge(example, found).masked <= judge(example, found + more).masked
