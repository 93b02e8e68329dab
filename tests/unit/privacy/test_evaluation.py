"""What the scorer counts, one definition at a time, and the command around it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gateway.evaluation import DetectionReport, MarkedText, Prediction, Span, evaluate, load
from gateway.evaluation.examples import canonical
from gateway.evaluation.scoring import Outcome, judge
from gateway.processes.cli import main

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


@given(gold=_spans, found=_spans, more=_spans)
def test_more_predictions_never_mask_less(
    gold: list[Span], found: list[Span], more: list[Span]
) -> None:
    example = MarkedText("one", "nl", _TEXT, tuple(gold))
    assert judge(example, found).masked <= judge(example, found + more).masked


def test_a_known_name_is_its_own() -> None:
    assert canonical("person") == canonical("PER") == "PERSON"


class TestLoading:
    def test_a_broken_line_is_named(self, tmp_path: Path) -> None:
        file = tmp_path / "set.jsonl"
        good = {"id": "1", "lang": "nl", "text": "a\u2028b", "spans": []}
        bad = good | {"spans": [{"start": 0, "end": 9, "type": "CITY"}]}
        rows = (json.dumps(row, ensure_ascii=False) for row in (good, bad))
        file.write_text("\n".join(rows), encoding="utf-8")
        with pytest.raises(ValueError, match="line 2"):
            load(file)


class TestCommand:
    def _file(self, tmp_path: Path) -> str:
        text = "Geachte mevrouw Oosterhuis, uw pakket is onderweg."
        start = text.index("Oosterhuis")
        spans = [{"start": start, "end": start + 10, "type": "PERSON"}]
        row = {"id": "1", "lang": "nl", "text": text, "spans": spans, "level": "confidential"}
        file = tmp_path / "set.jsonl"
        file.write_text(json.dumps(row) + "\n", encoding="utf-8")
        return str(file)

    def test_scores_as_json_and_as_a_file(self, tmp_path: Path) -> None:
        output = tmp_path / "scores.md"
        arguments = ["evaluate", "privacy", "--data", self._file(tmp_path), "--json"]
        done = CliRunner().invoke(main, [*arguments, "--errors", "--output", str(output)])
        assert done.exit_code == 0, done.output
        document = json.loads(done.stdout)
        assert document["f1"] == document["levels"]["accuracy"] == 1
        assert document["errors"] == []
        assert "| PERSON | 1 |" in output.read_text(encoding="utf-8")

    def test_one_line_of_spans_for_each_line_of_input(self) -> None:
        texts = ["Geachte mevrouw Oosterhuis,", "Niets te zien.", ""]
        lines = "".join(json.dumps({"id": "x", "text": t, "lang": "nl"}) + "\n" for t in texts)
        done = CliRunner().invoke(main, ["evaluate", "privacy", "--stdin"], input=lines)
        assert done.exit_code == 0, done.output
        assert [json.loads(line)["spans"] for line in done.stdout.splitlines()] == [
            [{"start": 16, "end": 26, "type": "PERSON"}],
            [],
            [],
        ]

    @pytest.mark.parametrize(
        ("arguments", "content", "said"),
        [
            ([], "", "Give either --data"),
            (["--stdin"], "{}\n", "Line 1"),
            (["--stdin"], '{"text": 3}\n', "no string"),
        ],
    )
    def test_mistakes_are_told(self, arguments: list[str], content: str, said: str) -> None:
        done = CliRunner().invoke(main, ["evaluate", "privacy", *arguments], input=content)
        assert done.exit_code != 0
        assert said in done.output

    def test_a_file_without_texts_is_told(self, tmp_path: Path) -> None:
        empty = tmp_path / "empty.jsonl"
        empty.touch()
        done = CliRunner().invoke(main, ["evaluate", "privacy", "--data", str(empty)])
        assert done.exit_code == 1
        assert "no text" in done.output
