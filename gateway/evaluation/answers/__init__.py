"""The cost of redaction: tasks answered with and without it, and the fate of placeholders.

The package depends on no model or detector: it takes a function that finds and one that answers.
The tasks that ship are in ``gateway/evaluation/suites/answers``.
"""

from gateway.evaluation.answers.report import AnswerPair, AnswerReport, SentTask
from gateway.evaluation.answers.runner import Ask, Find, RedactedTask, measure
from gateway.evaluation.answers.survival import Fate, Survival, survival
from gateway.evaluation.answers.tasks import Criterion, Task, fulfilled, load

__all__ = [
    "AnswerPair",
    "AnswerReport",
    "Ask",
    "Criterion",
    "Fate",
    "Find",
    "RedactedTask",
    "SentTask",
    "Survival",
    "Task",
    "fulfilled",
    "load",
    "measure",
    "survival",
]
