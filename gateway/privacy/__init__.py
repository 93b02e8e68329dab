"""What a text holds: personal data, secrets, labels, topics; its level; redaction and restoring.

Takes strings, gives findings and redacted strings, refuses nothing and records nothing.
"""

from gateway.privacy.detector import Detector
from gateway.privacy.language import language_of
from gateway.privacy.level import Judgement, LevelTable, level_of
from gateway.privacy.placeholders import may_hold
from gateway.privacy.redaction import Scope, Span, Vault, spans_of
from gateway.privacy.restoring import Restorer

__all__ = [
    "Detector",
    "Judgement",
    "LevelTable",
    "Restorer",
    "Scope",
    "Span",
    "Vault",
    "language_of",
    "level_of",
    "may_hold",
    "spans_of",
]
