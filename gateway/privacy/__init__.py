"""What a text holds: personal data, secrets, labels, topics; its level; redaction and restoring.

Takes strings, gives findings and redacted strings, refuses nothing and records nothing.
"""

from gateway.privacy.cache import CachedDetector, Scanner
from gateway.privacy.detector import Detector
from gateway.privacy.language import language_of
from gateway.privacy.level import Judgement, LevelTable, level_of
from gateway.privacy.redaction import Scope, Vault
from gateway.privacy.restoring import Restorer

__all__ = [
    "CachedDetector",
    "Detector",
    "Judgement",
    "LevelTable",
    "Restorer",
    "Scanner",
    "Scope",
    "Vault",
    "language_of",
    "level_of",
]
