"""The figures of a report, as JSON and as tables."""

import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.evaluation import DetectionReport, MarkedText, Prediction, Span, evaluate


def _example(
    text: str, *spans: tuple[str, str], ignored: tuple[str, ...] = (), level: str = ""
) -> MarkedText:
    gold = tuple(_span(text, part, type_) for part, type_ in spans)
    aside = tuple(_span(text, part, "") for part in ignored)
    return MarkedText("one", "nl", text, gold, aside, level)


def _span(text: str, part: str, type_: str) -> Span:
    start = text.index(part)
    return Span(start, start + len(part), type_)


def _report(example: MarkedText, *found: tuple[str, str], level: str = "") -> DetectionReport:
    spans = [_span(example.text, part, type_) for part, type_ in found]
    return evaluate([example], lambda text, lang: Prediction(spans, level, 0.001))


class TestReport:
    def test_figures_of_one_text(self) -> None:
        example = _example("Jan gaat nu naar Breda", ("Jan", "PERSON"), ("Breda", "CITY"))
        report = _report(example, ("Jan", "PERSON"), ("nu", "PERSON"))
        assert (report.total.precision, report.total.recall, report.total.f1) == (0.5, 0.5, 0.5)
        assert report.total.masked_share == 0.5
        assert report.types["PERSON"].precision == 0.5
        assert report.types["CITY"].recall == 0
        assert [(error.kind, error.type) for error in report.errors] == [
            ("leaked", "CITY"),
            ("false", "PERSON"),
        ]

    def test_levels(self) -> None:
        report = DetectionReport()
        for wanted, got in [
            ("restricted", "confidential"),
            ("public", "internal"),
            ("internal", "internal"),
            ("public", ""),
        ]:
            report.add(_example("x", level=wanted), Prediction([], got, 0))
        levels = report.levels
        assert (levels.judged, levels.accuracy) == (3, 1 / 3)
        assert (levels.restricted, levels.restricted_too_low, levels.too_low) == (1, 1, 1)

    def test_latency_is_per_kib(self) -> None:
        report = evaluate([_example("x" * 2048)], lambda text, lang: Prediction([], "", 0.01))
        assert report.latency() == {"median": 5.0, "p95": 5.0, "overall": 5.0}

    def test_nothing_scanned_is_no_fault(self) -> None:
        assert "all" in DetectionReport().markdown()
        assert json.dumps(DetectionReport().document())

    def test_tables_name_languages_and_types(self) -> None:
        report = _report(_example("Jan", ("Jan", "PERSON")), ("Jan", "PERSON"))
        lines = report.markdown().splitlines()
        assert "| nl | 1 | 1 | 1.000 | 1.000 | 1.000 | 1.000 | 0.00 | 0/0 |" in lines
        assert "| PERSON | 1 | 1 | 1.000 | 1.000 | 1.000 | 1.000 | 0 |" in lines


_TEXT = "Jan de Wit, Kerkstraat 1; Breda (dr. Li) 06-12 34"


_TYPES = ("PERSON", "CITY", "STREET_ADDRESS", "PHONE", "DATE_OF_BIRTH", "WHATEVER")


_spans = st.lists(
    st.builds(
        lambda start, size, type_: Span(start, min(len(_TEXT), start + size), type_),
        st.integers(0, len(_TEXT) - 1),
        st.integers(1, 15),
        st.sampled_from(_TYPES),
    ),
    max_size=6,
)


@given(gold=_spans, found=_spans)
def test_whatever_is_predicted_the_counts_add_up(gold: list[Span], found: list[Span]) -> None:
    example = MarkedText("one", "nl", _TEXT, tuple(gold))
    report = evaluate([example], lambda text, lang: Prediction(found, "", 0))
    total = report.total
    assert 0 <= total.hits <= min(total.gold, total.predicted)
    assert total.hits + total.false <= total.predicted
    assert total.masked <= total.gold
    for field in ("gold", "predicted", "hits", "masked", "false"):
        assert getattr(total, field) == sum(getattr(t, field) for t in report.types.values())


@given(gold=_spans)
def test_what_is_marked_scores_full(gold: list[Span]) -> None:
    example = MarkedText("one", "nl", _TEXT, tuple(gold))
    report = evaluate([example], lambda text, lang: Prediction(gold, "", 0))
    assert report.total.f1 == report.total.masked_share == 1
    assert report.errors == []
