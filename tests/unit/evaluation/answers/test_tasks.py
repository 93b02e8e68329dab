"""When an answer is right, and which task files are refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import evaluation
from gateway.evaluation.answers import (
    Criterion,
    fulfilled,
    load,
)

_SUITES = Path(evaluation.__file__).parent / "suites" / "answers"


class TestRight:
    @pytest.mark.parametrize(
        ("answer", "right"),
        [
            ("Jan de Vries", True),
            (' "Jan de Vries".\n', True),
            ("Jan  de Vries", True),
            ("jan de vries", False),
            ("Dat is Jan de Vries", False),
            ("", False),
        ],
    )
    def test_exact(self, answer: str, *, right: bool) -> None:
        assert fulfilled(Criterion(exact="Jan de Vries"), answer) is right

    @pytest.mark.parametrize(
        ("answer", "right"),
        [
            ("Beste jan,", True),
            ("Jan's", True),
            ("Jansen", False),
            ("Mijan", False),
            ("Mijan en Jan", True),
        ],
    )
    def test_contains_whole_words(self, answer: str, *, right: bool) -> None:
        assert fulfilled(Criterion(contains=("Jan",)), answer) is right

    def test_excluded_words_make_it_wrong(self) -> None:
        right = Criterion(contains=("Jan",), excludes=("Mia",))
        assert fulfilled(right, "Jan")
        assert not fulfilled(right, "Jan of Mia")

    def test_order_counts_only_where_it_is_asked(self) -> None:
        assert fulfilled(Criterion(contains=("Anna", "Bert")), "Bert, Anna")
        ordered = Criterion(contains=("Anna", "Bert"), in_order=True)
        assert fulfilled(ordered, "Anna, Bert")
        assert not fulfilled(ordered, "Bert, Anna")

    def test_a_long_answer_is_no_answer(self) -> None:
        right = Criterion(contains=("Jan",), words=2)
        assert fulfilled(right, "Dag Jan")
        assert not fulfilled(right, "Wel dag Jan")

    @pytest.mark.parametrize(
        ("answer", "right"),
        [('{"a": "x", "b": 1}', True), ('{"a": "y"}', False), ("[]", False), ("{", False)],
    )
    def test_fields_of_json(self, answer: str, *, right: bool) -> None:
        assert fulfilled(Criterion(fields={"a": "x"}), answer) is right

    @given(st.text(min_size=1, max_size=40).filter(lambda text: text.strip(" \"'`“”‘’„*.\n\r\t")))
    def test_the_right_text_is_always_right(self, text: str) -> None:
        assert fulfilled(Criterion(exact=text), text)


class TestSuites:
    def test_a_hundred_tasks_half_and_half(self) -> None:
        tasks = {lang: load(_SUITES / f"{lang}.yaml") for lang in ("nl", "en")}
        assert [len(some) for some in tasks.values()] == [50, 50]
        assert len({task.id for some in tasks.values() for task in some}) == 100

    @pytest.mark.parametrize(
        "text",
        [
            "tasks: []",
            "lang: nl\ntasks: [{id: a}]",
            "{",
            "- 1",
            "lang: nl\ntasks: [{id: a, kind: copy, prompt: b, right: {words: 3}}]",
            "lang: nl\ntasks: [{id: a, kind: c, prompt: b, right: {exact: b}, more: 1}]",
            "lang: nl\ntasks: [&t {id: a, kind: c, prompt: b, right: {exact: b}}, *t]",
        ],
    )
    def test_a_file_without_tasks_is_refused_by_name(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "bad.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=r"bad\.yaml"):
            load(path)
