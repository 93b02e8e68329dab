"""The audit trail: entries, hash chain, durable log, checkpoints, export, stand-alone verifier.

Takes entries from the pipeline and the control plane and returns when they are durable; raises
``Unavailable`` when they are not. Exports prove a period without trust in the operator.
"""

from gateway.evidence.answer_store import Answer, AnswerStore, Claim
from gateway.evidence.entry import Entry, Value
from gateway.evidence.rows import CLOSE, INTENT
from gateway.evidence.spool import Spool
from gateway.evidence.store import EntryStore, StoreFailed
from gateway.evidence.stored_answers import SealedAnswer
from gateway.evidence.trail import Trail
from gateway.evidence.value_reader import ValueReader
from gateway.evidence.values import MAX_LOADED, RedactedValue, Values, VaultWrite

__all__ = [
    "CLOSE",
    "INTENT",
    "MAX_LOADED",
    "Answer",
    "AnswerStore",
    "Claim",
    "Entry",
    "EntryStore",
    "RedactedValue",
    "SealedAnswer",
    "Spool",
    "StoreFailed",
    "Trail",
    "Value",
    "ValueReader",
    "Values",
    "VaultWrite",
]
