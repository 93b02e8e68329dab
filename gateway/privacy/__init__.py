"""What a text holds: personal data, secrets, labels, topics; its level; redaction and restoring.

Takes strings, gives findings and redacted strings, refuses nothing and records nothing.
"""

from gateway.privacy.detector import Detector, normalised
from gateway.privacy.folding import canonical
from gateway.privacy.language import language_at, language_of, languages_of
from gateway.privacy.level import Judgement, LevelTable, level_of
from gateway.privacy.masking import AnswerMask
from gateway.privacy.modes import Answers, Mode, Modes
from gateway.privacy.placeholders import may_hold
from gateway.privacy.redaction import Scope, Span, Vault, spans_of
from gateway.privacy.restoring import Restorer
from gateway.privacy.subjects import identifier
from gateway.privacy.terms import ALLOWABLE, DENIED, Terms, compiled

__all__ = [
    "ALLOWABLE",
    "DENIED",
    "AnswerMask",
    "Answers",
    "Detector",
    "Judgement",
    "LevelTable",
    "Mode",
    "Modes",
    "Restorer",
    "Scope",
    "Span",
    "Terms",
    "Vault",
    "canonical",
    "compiled",
    "identifier",
    "language_at",
    "language_of",
    "languages_of",
    "level_of",
    "may_hold",
    "normalised",
    "spans_of",
]
