"""What a text holds: personal data, secrets, labels, topics; its level; redaction and restoring.

Takes strings, gives findings and redacted strings, refuses nothing and records nothing.
"""

from gateway.privacy.detector import Detector, normalised
from gateway.privacy.language import language_of
from gateway.privacy.level import Judgement, LevelTable, level_of
from gateway.privacy.masking import AnswerMask
from gateway.privacy.modes import Answers, Mode, Modes
from gateway.privacy.placeholders import may_hold
from gateway.privacy.pool import DetectorPool, Unread
from gateway.privacy.reading import Named
from gateway.privacy.redaction import Scope, Span, Vault, spans_of
from gateway.privacy.restoring import Restorer

__all__ = [
    "AnswerMask",
    "Answers",
    "Detector",
    "DetectorPool",
    "Judgement",
    "LevelTable",
    "Mode",
    "Modes",
    "Named",
    "Restorer",
    "Scope",
    "Span",
    "Unread",
    "Vault",
    "language_of",
    "level_of",
    "may_hold",
    "normalised",
    "spans_of",
]
