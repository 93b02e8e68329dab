"""What happened: entries, chain, durable log, checkpoints, export and the stand-alone verifier.

Takes entries from the pipeline and the control plane, makes them durable before it returns, and
refuses with ``Unavailable`` when it cannot. Exports prove a period to someone who trusts nobody.
"""

from gateway.evidence.entry import Entry, Value
from gateway.evidence.rows import CLOSE, INTENT
from gateway.evidence.trail import EntryStore, StoreFailed, Trail

__all__ = ["CLOSE", "INTENT", "Entry", "EntryStore", "StoreFailed", "Trail", "Value"]
