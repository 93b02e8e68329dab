"""Personal data, secrets, labels and topics in texts; levels; redaction and restoring.

Takes strings, returns findings and redacted strings; it neither refuses nor records anything.
"""

from gateway.privacy.boilerplate import Boilerplate
from gateway.privacy.custom_terms import ALLOWABLE, DENIED, Terms, compiled
from gateway.privacy.detect.detector import Detector, normalised
from gateway.privacy.identity_keys import identifier
from gateway.privacy.level import Judgement, LevelTable, Reason, level_of, reasons_of
from gateway.privacy.persons_in_text import persons_in
from gateway.privacy.pseudonyms.placeholders import may_hold
from gateway.privacy.redact.operators import Operator, RedactionPolicy, ResponseMode
from gateway.privacy.redact.response_mask import AnswerMask
from gateway.privacy.redact.vault import Scope, Span, Vault, spans_of, with_stretches
from gateway.privacy.restore import Restorer
from gateway.privacy.text.folded_text import canonical
from gateway.privacy.text.language import clear_languages, language_at, language_of, languages_of

__all__ = [
    "ALLOWABLE",
    "DENIED",
    "AnswerMask",
    "Boilerplate",
    "Detector",
    "Judgement",
    "LevelTable",
    "Operator",
    "Reason",
    "RedactionPolicy",
    "ResponseMode",
    "Restorer",
    "Scope",
    "Span",
    "Terms",
    "Vault",
    "canonical",
    "clear_languages",
    "compiled",
    "identifier",
    "language_at",
    "language_of",
    "languages_of",
    "level_of",
    "may_hold",
    "normalised",
    "persons_in",
    "reasons_of",
    "spans_of",
    "with_stretches",
]
