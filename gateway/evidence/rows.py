"""Rows and queries of sealed entries, common to all stores."""

from importlib.resources import files
from typing import Any

import msgspec

from gateway.core.usage import Spending
from gateway.evidence.entry import SEARCHED, SealedEntry
from gateway.evidence.payload import SubjectKey
from gateway.evidence.stored_answers import StoredAnswer
from gateway.evidence.values import Mention, StoredValue

ENTRY_COLUMNS = ("log", "seq", "request", "time", "event", "leaf", "hash")
DETAIL_COLUMNS = (
    "log",
    "seq",
    "request",
    "time",
    "event",
    *SEARCHED,
    "disclosure",
    "subject",
    "payload",
    "wrapped_key",
)


class EntryBatch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A unit of durability: entries of one log, and the rows stored with them."""

    log: str
    sealed: list[SealedEntry]
    subject_keys: list[SubjectKey]
    values: list[StoredValue] = []
    mentions: list[Mention] = []
    answers: list[StoredAnswer] = []

    def entries(self) -> list[tuple[Any, ...]]:
        """Returns rows of the insert-only table."""
        return [
            (self.log, one.seq, one.request, one.time, one.event, one.leaf, one.hash)
            for one in self.sealed
        ]

    def details(self) -> list[tuple[Any, ...]]:
        """Returns rows of the erasable table."""
        return [
            (
                self.log,
                one.seq,
                one.request,
                one.time,
                one.event,
                *one.search_values,
                one.disclosure,
                one.subject,
                one.payload,
                one.wrapped_key,
            )
            for one in self.sealed
        ]

    def keys(self) -> list[tuple[str, str, bytes]]:
        """Returns rows of the table of subject keys."""
        return [(self.log, key.subject, key.wrapped) for key in self.subject_keys]

    def vault_values(self) -> list[tuple[Any, ...]]:
        """Returns rows of the table of stored values."""
        return [
            (self.log, one.seq, one.id, one.scope, one.type, one.expires, one.ciphertext)
            for one in self.values
        ]

    def value_keys(self) -> list[tuple[Any, ...]]:
        """Returns rows of the table of their keys."""
        return [
            (self.log, one.seq, one.id, one.identifier, one.created, one.expires, one.wrapped)
            for one in self.values
        ]

    def answer_rows(self) -> list[tuple[Any, ...]]:
        """Returns rows of the table of stored answers."""
        return [(self.log, *msgspec.structs.astuple(one)) for one in self.answers]

    def mention_rows(self) -> list[tuple[str, str, int, int]]:
        """Returns rows of the table of mentions."""
        return [
            (identifier, self.log, one.seq, one.time)
            for one in self.mentions
            for identifier in one.identifiers
        ]


def schema(blob: str) -> list[str]:
    """Returns the statements that create the trail's tables; ``blob`` names the binary type."""
    text = files("gateway.evidence").joinpath("schema.sql").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    statements = "\n".join(lines).replace("{blob}", blob).split(";")
    return [statement.strip() for statement in statements if statement.strip()]


RECORD_KEK = "INSERT INTO kek_check (one, sealed) VALUES (1, {sealed}) ON CONFLICT DO NOTHING"
STORED_KEK = "SELECT sealed FROM kek_check WHERE one = 1"
INTENT = "request:departure:intent"
CLOSE = "request:answer:close"
ORPHANS = f"""
SELECT i.request, i.log, d.disclosure FROM audit_entry i
JOIN audit_detail d ON d.log = i.log AND d.seq = i.seq AND d.time = i.time
WHERE i.event = '{INTENT}' AND i.log = {{log}} AND NOT EXISTS (
  SELECT 1 FROM audit_detail c WHERE c.request = i.request AND c.event = '{CLOSE}')
ORDER BY i.seq
"""
SETTLE = "trail:log:settle"
_RARE_EVENT = (
    f"event <> '{INTENT}' AND {{of}}.event <> '{CLOSE}'"  # so that the index of rare events will do
)
# Logs that were closed normally have no orphans; all requests of settled logs are closed.
UNCLOSED = f"""
SELECT o.log FROM audit_detail o
WHERE o.event = 'trail:log:open' AND o.{_RARE_EVENT.format(of="o")} AND o.log <> {{own}}
  AND NOT EXISTS (
  SELECT 1 FROM audit_detail c WHERE c.log = o.log AND c.event = 'trail:log:close'
  AND c.{_RARE_EVENT.format(of="c")}) AND NOT EXISTS (
  SELECT 1 FROM audit_detail s WHERE s.request = o.log AND s.event = '{SETTLE}')
"""
SETTLED = f"""
SELECT 1 FROM audit_detail WHERE request = {{log}} AND event = '{SETTLE}' LIMIT 1
"""
HEAD = "SELECT seq, hash FROM audit_entry WHERE log = {log} ORDER BY seq DESC LIMIT 1"
NEWEST = "SELECT time FROM audit_entry WHERE log = {log} ORDER BY seq DESC LIMIT 1"
# Entries that record that their log may go on in a spool; found by the spool's name.
ALLOW = "trail:spool:allow"
LOGS_OF_SPOOLS = f"""
SELECT DISTINCT log FROM audit_detail WHERE request = ANY({{spools}}) AND event = '{ALLOW}'
"""
ALLOWED_IN = f"""
SELECT a.disclosure FROM audit_detail a
WHERE a.event = '{ALLOW}' AND a.{_RARE_EVENT.format(of="a")} AND a.log = {{log}}
"""
_SPENT = f"""
SELECT team, principal, subject, model, deployment, SUM(cost_micros) AS micros,
  CASE WHEN event = '{CLOSE}' THEN {{purpose}} END AS use_case FROM audit_detail
WHERE time >= {{since}} AND cost_micros <> 0
GROUP BY team, principal, subject, model, deployment, use_case
"""
# The use case is no column: it is among the disclosed values of the closing entry.
SPENT = _SPENT.format(
    since="$1", purpose="convert_from(disclosure, 'UTF8')::json -> 1 ->> 'purpose'"
)
SPENT_IN_FILE = _SPENT.format(
    since="?", purpose="json_extract(CAST(disclosure AS TEXT), '$[1].purpose')"
)


def spending_of(*row: Any) -> Spending:
    """Returns a row of ``SPENT`` or ``SPENT_IN_FILE``."""
    team, principal, subject, model, deployment, micros, use_case = row
    cost = float(micros) / 1_000_000
    return Spending(team, principal, subject, model, deployment, cost, use_case)
