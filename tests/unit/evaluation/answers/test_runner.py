"""A stand-in model over three tasks, in clear and redacted."""

from collections.abc import Sequence

from gateway.core.finding import Finding, FindingKind
from gateway.evaluation.answers import (
    AnswerReport,
    Ask,
    Criterion,
    RedactedTask,
    Task,
    measure,
)

_NAMES = ("Jan de Vries", "Mia Bos")


def _find(text: str) -> Sequence[Finding]:
    return [
        Finding(FindingKind.PERSONAL, "PERSON", at, at + len(name), 1.0, "test")
        for name in _NAMES
        if (at := text.find(name)) >= 0
    ]


class TestAStandInModel:
    _TASKS = (
        Task("1", "copy", "Schrijf over: Jan de Vries", Criterion(exact="Jan de Vries"), "nl"),
        Task("2", "copy", "Copy: Mia Bos", Criterion(exact="Mia Bos"), "en", system="Be exact."),
        Task("3", "choice", "A or B?", Criterion(contains=("B",)), "en"),
    )

    async def _report(self, ask: Ask) -> AnswerReport:
        return await measure(
            "m", [RedactedTask(task, _find) for task in self._TASKS], ask, _nothing
        )

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


def _nothing() -> None:
    """Ignore the progress."""
