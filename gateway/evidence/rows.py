"""How a sealed entry becomes rows, the same for every store."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from gateway.evidence.entry import Sealed

ENTRY_COLUMNS = ("log", "seq", "request", "time", "event", "leaf", "hash")
_SEARCHED = ("principal", "team", "model", "deployment", "zone", "level", "outcome", "cost_micros")
DETAIL_COLUMNS = (
    "log", "seq", "request", "time", "event", *_SEARCHED,
    "disclosure", "subject", "payload", "wrapped_key",
)  # fmt: skip


def schema(blob: str) -> list[str]:
    """The statements that create the trail's tables; ``blob`` is the binary type's name."""
    text = files("gateway.evidence").joinpath("schema.sql").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    statements = "\n".join(lines).replace("{blob}", blob).split(";")
    return [statement.strip() for statement in statements if statement.strip()]


def entry_rows(log: str, entries: Sequence[Sealed]) -> list[tuple[Any, ...]]:
    """Rows of the insert-only table."""
    return [
        (log, one.seq, one.entry.request, one.entry.time, one.entry.event, one.leaf, one.hash)
        for one in entries
    ]


def detail_rows(log: str, entries: Sequence[Sealed]) -> list[tuple[Any, ...]]:
    """Rows of the erasable table."""
    rows = []
    for one in entries:
        entry = one.entry
        get = (entry.index or entry.fields).get
        searched = [get(name) for name in _SEARCHED]
        rows.append((
            log, one.seq, entry.request, entry.time, entry.event, *searched,
            one.disclosure, entry.subject, entry.payload, entry.wrapped_key,
        ))  # fmt: skip
    return rows


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
