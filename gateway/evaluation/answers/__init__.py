"""What redaction costs: tasks answered with and without it, and what became of the placeholders.

It knows nothing of models and detectors: it takes a function that finds and one that answers.
"""

from gateway.evaluation.answers.report import AnswerPair, AnswerReport, Sent
from gateway.evaluation.answers.runner import Ask, Find, Redacted, measure
from gateway.evaluation.answers.survival import Fate, Survival, survival
from gateway.evaluation.answers.tasks import Criterion, Task, fulfilled, load

__all__ = [
    "AnswerPair",
    "AnswerReport",
    "Ask",
    "Criterion",
    "Fate",
    "Find",
    "Redacted",
    "Sent",
    "Survival",
    "Task",
    "fulfilled",
    "load",
    "measure",
    "survival",
]
