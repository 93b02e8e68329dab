"""What happened: entries, chain, durable log, checkpoints, export and the stand-alone verifier.

Takes entries from the pipeline and the control plane, makes them durable before it returns, and
refuses with ``Unavailable`` when it cannot. Exports prove a period to someone who trusts nobody.
"""

from gateway.evidence.entry import Entry, Value
from gateway.evidence.rows import CLOSE, INTENT
from gateway.evidence.spool import Spool
from gateway.evidence.store import EntryStore, StoreFailed
from gateway.evidence.trail import Trail
from gateway.evidence.value_reader import ValueReader
from gateway.evidence.values import MOST_LOADED, RedactedValue, Values, VaultWrite

__all__ = [
    "CLOSE",
    "INTENT",
    "MOST_LOADED",
    "Entry",
    "EntryStore",
    "RedactedValue",
    "Spool",
    "StoreFailed",
    "Trail",
    "Value",
    "ValueReader",
    "Values",
    "VaultWrite",
]
