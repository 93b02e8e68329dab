"""How a sealed entry is stored, the same for every store."""

from importlib.resources import files
from typing import Any

import msgspec

from gateway.evidence.entry import SEARCHED, Sealed
from gateway.evidence.payload import SubjectKey

ENTRY_COLUMNS = ("log", "seq", "request", "time", "event", "leaf", "hash")
DETAIL_COLUMNS = (
    "log", "seq", "request", "time", "event", *SEARCHED,
    "disclosure", "subject", "payload", "wrapped_key",
)  # fmt: skip


class Batch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What becomes durable together: entries of one log, and new subject keys that they use."""

    log: str
    sealed: list[Sealed]
    subject_keys: list[SubjectKey]

    def entries(self) -> list[tuple[Any, ...]]:
        """Rows of the insert-only table."""
        return [
            (self.log, one.seq, one.request, one.time, one.event, one.leaf, one.hash)
            for one in self.sealed
        ]

    def details(self) -> list[tuple[Any, ...]]:
        """Rows of the erasable table."""
        return [
            (
                self.log, one.seq, one.request, one.time, one.event, *one.found_by,
                one.disclosure, one.subject, one.payload, one.wrapped_key,
            )
            for one in self.sealed
        ]  # fmt: skip

    def keys(self) -> list[tuple[str, str, bytes]]:
        """Rows of the table of subject keys."""
        return [(self.log, key.subject, key.wrapped) for key in self.subject_keys]


def schema(blob: str) -> list[str]:
    """The statements that create the trail's tables; ``blob`` is the binary type's name."""
    text = files("gateway.evidence").joinpath("schema.sql").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    statements = "\n".join(lines).replace("{blob}", blob).split(";")
    return [statement.strip() for statement in statements if statement.strip()]


INTENT = "request:departure:intent"
CLOSE = "request:answer:close"
ORPHANS = f"""
SELECT i.request, i.log, d.disclosure FROM audit_entry i
JOIN audit_detail d ON d.log = i.log AND d.seq = i.seq
WHERE i.event = '{INTENT}' AND i.log = {{log}} AND NOT EXISTS (
  SELECT 1 FROM audit_detail c WHERE c.request = i.request AND c.event = '{CLOSE}')
"""
# Logs that were closed in order have no orphans.
UNCLOSED = """
SELECT DISTINCT o.log FROM audit_entry o WHERE o.seq = 0 AND o.log <> {own} AND NOT EXISTS (
  SELECT 1 FROM audit_entry c WHERE c.log = o.log AND c.event = 'trail:log:close')
"""
SPENT = """
SELECT team, SUM(cost_micros) AS micros FROM audit_detail
WHERE time >= {since} AND team IS NOT NULL AND cost_micros IS NOT NULL GROUP BY team
"""
