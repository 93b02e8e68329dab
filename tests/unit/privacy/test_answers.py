"""When an answer is right, what became of placeholders, and what a stand-in model scores."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.finding import Finding, FindingKind
from gateway.evaluation.answers import (
    AnswerReport,
    Ask,
    Criterion,
    Fate,
    Redacted,
    Task,
    fulfilled,
    load,
    measure,
    survival,
)
from gateway.evaluation.answers.report import difference_interval, share_interval

_DATA = Path(__file__).parents[2] / "data" / "answers"
_SENT = {"k7f3x9": ("PERSON", "Jan de Vries"), "b4c5d6": ("CITY", "Zwolle")}
_NAMES = ("Jan de Vries", "Mia Bos")


def _find(text: str) -> Sequence[Finding]:
    return [
        Finding(FindingKind.PERSONAL, "PERSON", at, at + len(name), 1.0, "test")
        for name in _NAMES
        if (at := text.find(name)) >= 0
    ]


def _fates(answer: str, *required: str) -> tuple[Fate, ...]:
    return survival(answer, _SENT, required or ("Jan de Vries",)).fates


def _written(answer: str) -> dict[str, int]:
    return {str(name): count for name, count in survival(answer, _SENT, ()).written.items()}


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


class TestFates:
    @pytest.mark.parametrize(
        ("answer", "fate"),
        [
            ("Dag [PERSON_k7f3x9]!", Fate.INTACT),
            ("Dag [PERSOON_K7F3X9]!", Fate.TOLERATED),
            ("Dag **PERSON_k7f3x9**", Fate.TOLERATED),
            ("Dag [PERSON_k7f3x]", Fate.MANGLED),
            ("Dag [PERSON]", Fate.MANGLED),
            ("Dag k7f3x9", Fate.MANGLED),
            ("Dag [NAME_k7f3]", Fate.MANGLED),
            ("Dag [CITY_b4c5d6]", Fate.DROPPED),
            ("Dag persoon", Fate.DROPPED),
        ],
    )
    def test_one_placeholder(self, answer: str, fate: Fate) -> None:
        assert _fates(answer) == (fate,)

    def test_the_best_of_several_counts(self) -> None:
        assert _fates("[PERSON] is [PERSON_k7f3x9]") == (Fate.INTACT,)

    def test_only_what_is_asked_for_has_a_fate(self) -> None:
        assert _fates("niets", "Jan de Vries", "in Zwolle") == (Fate.DROPPED, Fate.DROPPED)
        assert _fates("niets", "Kees") == ()

    def test_all_that_is_written_is_counted(self) -> None:
        answer = "[PERSON_k7f3x9] [PERSON_k7f3x9] (PERSON_k7f3x9) [PERSON_k7f] [PERSON_zzqqww]"
        assert _written(answer) == {"intact": 2, "tolerated": 1, "mangled": 1, "invented": 1}

    @pytest.mark.parametrize("answer", ["IBAN: NL91", "[Your Name]", "e-mail (EMAIL)", "PERSON"])
    def test_ordinary_words_are_no_inventions(self, answer: str) -> None:
        assert _written(answer) == {}

    @given(st.text(alphabet="[]PERSON_k7f3x9 {}()<>*CITYb4c5d6\n", max_size=80))
    def test_each_placeholder_asked_for_has_one_fate(self, answer: str) -> None:
        assert len(_fates(answer, "Jan de Vries", "Zwolle")) == 2


class TestIntervals:
    @given(st.integers(0, 50), st.integers(0, 50))
    def test_a_share_lies_in_its_interval(self, part: int, more: int) -> None:
        low, high = share_interval(part, part + more)
        assert 0 <= low <= part / max(1, part + more) + 1e-9 or not part + more
        assert low <= high <= 1

    def test_known_values(self) -> None:
        assert share_interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
        assert share_interval(0, 0) == (0.0, 1.0)
        assert difference_interval([0] * 20) == (0, 0)
        low, high = difference_interval([-1] * 10 + [0] * 10)
        assert -0.8 < low < -0.5 < high < -0.2


class TestAStandInModel:
    _TASKS = (
        Task("1", "copy", "Schrijf over: Jan de Vries", Criterion(exact="Jan de Vries"), "nl"),
        Task("2", "copy", "Copy: Mia Bos", Criterion(exact="Mia Bos"), "en", system="Be exact."),
        Task("3", "choice", "A or B?", Criterion(contains=("B",)), "en"),
    )

    async def _report(self, ask: Ask) -> AnswerReport:
        return await measure("m", [Redacted(task, _find) for task in self._TASKS], ask, _nothing)

    async def test_a_perfect_copier_loses_nothing(self) -> None:
        async def ask(task: Task, messages: list[dict[str, str]]) -> str:
            return messages[-1]["content"].partition(": ")[2] or "B"

        figures = (await self._report(ask)).document()
        assert (figures["clear_right"], figures["redacted_right"]) == (3, 3)
        assert figures["redacted_tasks"] == 2
        assert figures["fates"] == {"intact": 2, "tolerated": 0, "mangled": 0, "dropped": 0}
        assert (figures["values_in_clear"], figures["values_restored"]) == (2, 2)
        assert figures["groups"]["copy nl"]["tasks"] == 1

    async def test_a_model_that_breaks_placeholders_loses_what_it_breaks(self) -> None:
        async def ask(task: Task, messages: list[dict[str, str]]) -> str:
            text = messages[-1]["content"].partition(": ")[2] or "B"
            return text.replace("]", "").replace("_", "#") if task.lang == "nl" else text

        report = await self._report(ask)
        figures = report.document()
        assert (figures["clear_right"], figures["redacted_right"]) == (3, 2)
        assert (figures["lost"], figures["gained"]) == (1, 0)
        assert (figures["values_in_clear"], figures["values_restored"]) == (2, 1)
        assert figures["values_in_both"] == 1
        assert figures["fates"] == {"intact": 1, "tolerated": 0, "mangled": 1, "dropped": 0}
        assert "| all | 3 | 3 (100%) | 2 (67%) |" in report.markdown()

    async def test_no_value_leaves_in_the_redacted_request(self) -> None:
        sent: list[str] = []

        async def ask(task: Task, messages: list[dict[str, str]]) -> str:
            sent.append(str(messages))
            return ""

        await self._report(ask)
        assert sum(any(name in text for name in _NAMES) for text in sent) == 2  # in clear only


class TestTheSet:
    def test_a_hundred_tasks_half_and_half(self) -> None:
        tasks = {lang: load(_DATA / f"{lang}.yaml") for lang in ("nl", "en")}
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
    def test_a_file_that_is_no_set_is_refused_by_name(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "bad.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=r"bad\.yaml"):
            load(path)


def _nothing() -> None:
    """Progress that nobody watches."""
