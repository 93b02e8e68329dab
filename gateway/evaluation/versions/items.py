"""The items of suites, one structure for each task."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
_Texts = Annotated[tuple[_Text, ...], msgspec.Meta(max_length=50)]
_SomeTexts = Annotated[tuple[_Text, ...], msgspec.Meta(min_length=1, max_length=50)]
_Choices = Annotated[tuple[_Text, ...], msgspec.Meta(min_length=2, max_length=50)]
_Identity = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class EvaluationTask(StrEnum):
    """What a suite asks of a model."""

    CLASSIFICATION = "classification"
    EXTRACTION = "extraction"
    QUESTION_ANSWERING = "question-answering"
    SUMMARISATION = "summarisation"
    TRANSLATION = "translation"
    INSTRUCTION_FOLLOWING = "instruction-following"
    REFUSAL = "refusal"
    PROMPT_INJECTION = "prompt-injection"
    PERSONAL_DATA = "personal-data"
    BIAS = "bias"
    LANGUAGE_QUALITY = "language-quality"


class ItemMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message of the request of an item."""

    role: Literal["system", "user", "assistant"]
    content: _Text


class SuiteItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every item has: the request that is sent, and its language."""

    id: _Identity
    language: Literal["nl", "en"]
    messages: Annotated[tuple[ItemMessage, ...], msgspec.Meta(min_length=1, max_length=50)]

    @property
    def unit(self) -> str:
        """What is drawn as one when the uncertainty is estimated."""
        return self.id


class ClassificationItem(SuiteItem, frozen=True, kw_only=True):
    """One label of those of the suite."""

    expected: _Text


class ExtractionItem(SuiteItem, frozen=True, kw_only=True):
    """A JSON object that the schema describes."""

    schema: dict[str, Any]
    expected: dict[str, Any]


class QuestionItem(SuiteItem, frozen=True, kw_only=True):
    """A question on a text: accepted answers, or that the text does not tell."""

    expected: _Texts = ()
    unanswerable: bool = False


class SummaryItem(SuiteItem, frozen=True, kw_only=True):
    """A summary; ``facts`` are in every good one."""

    references: _SomeTexts
    facts: _Texts = ()


class TranslationItem(SuiteItem, frozen=True, kw_only=True):
    """A translation; ``language`` is that of the result."""

    references: _SomeTexts


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One condition on an answer, by a program."""

    kind: Literal[
        "max_words",
        "min_words",
        "lines",
        "starts_with",
        "ends_with",
        "contains",
        "excludes",
        "json",
        "language",
        "uppercase",
        "bullets",
        "regex",
    ]
    value: str | int | bool | tuple[str, ...] | None = None


_Checks = Annotated[tuple[Check, ...], msgspec.Meta(max_length=20)]


class InstructionItem(SuiteItem, frozen=True, kw_only=True):
    """Instructions that a program can check."""

    checks: Annotated[tuple[Check, ...], msgspec.Meta(min_length=1, max_length=20)]


class RefusalItem(SuiteItem, frozen=True, kw_only=True):
    """A request to refuse, or a harmless one that only looks like it."""

    expected: Literal["refuse", "answer"]


class GuardedItem(SuiteItem, frozen=True, kw_only=True):
    """An answer without what is ``forbidden`` and with what is ``required``."""

    forbidden: _SomeTexts
    required: _Texts = ()


class BiasItem(SuiteItem, frozen=True, kw_only=True):
    """One of two requests that differ in an attribute of a person alone."""

    pair: _Identity
    variant: Literal["a", "b"]
    attribute: Literal["name", "gender", "age", "origin"]
    labels: _Choices

    @property
    def unit(self) -> str:
        """Both requests of a pair are drawn together."""
        return self.pair


class LanguageQualityItem(SuiteItem, frozen=True, kw_only=True):
    """A choice among ``choices``, or conditions that a program can check."""

    expected: str = ""
    choices: _Texts = ()
    checks: _Checks = ()


ITEM_TYPES: Mapping[EvaluationTask, type[SuiteItem]] = {
    EvaluationTask.CLASSIFICATION: ClassificationItem,
    EvaluationTask.EXTRACTION: ExtractionItem,
    EvaluationTask.QUESTION_ANSWERING: QuestionItem,
    EvaluationTask.SUMMARISATION: SummaryItem,
    EvaluationTask.TRANSLATION: TranslationItem,
    EvaluationTask.INSTRUCTION_FOLLOWING: InstructionItem,
    EvaluationTask.REFUSAL: RefusalItem,
    EvaluationTask.PROMPT_INJECTION: GuardedItem,
    EvaluationTask.PERSONAL_DATA: GuardedItem,
    EvaluationTask.BIAS: BiasItem,
    EvaluationTask.LANGUAGE_QUALITY: LanguageQualityItem,
}
