"""The entries that a trail writes about itself: its logs, and its spool."""

from collections.abc import Iterator

from gateway.evidence.entry import Entry, Value
from gateway.evidence.rows import ALLOW, CLOSE, SETTLE
from gateway.evidence.spool import AbandonedSpool, Spool
from gateway.evidence.store import AbandonedLog


def log_opened(log: str, time_ms: int, *, gateway: str | None, after: str | None = None) -> Entry:
    """The first entry of a log; ``after`` is the failed one that it follows."""
    fields: dict[str, Value] = {"log": log}
    if gateway:
        fields["gateway"] = gateway
    if after:
        fields["after"] = after
    return Entry("trail:log:open", "", time_ms, fields)


def log_closed(log: str, time_ms: int) -> Entry:
    """The last entry of a log that ends in order."""
    return Entry("trail:log:close", "", time_ms, {"log": log})


def log_settled(dead: AbandonedLog, time_ms: int) -> Iterator[Entry]:
    """Entries that close the open requests of a dead process, and one that says so of its log."""
    for orphan in dead.orphans:
        fields = {**orphan.fields, "outcome": "unknown_crash", "of_log": dead.log}
        yield Entry(CLOSE, orphan.request, time_ms, fields)
    closed: dict[str, Value] = {"of_log": dead.log, "closed": len(dead.orphans)}
    yield Entry(SETTLE, dead.log, time_ms, closed)


def spool_allowed(log: str, spool: Spool, time_ms: int) -> Entry:
    """The entry that records that a log may go on in a spool, within which bounds."""
    fields: dict[str, Value] = {"of_log": log}
    if spool.policy is not None:
        fields.update(spool.policy.recorded())
    return Entry(ALLOW, spool.name, time_ms, fields)


def spool_recovered(one: AbandonedSpool, time_ms: int) -> Entry:
    """The entry that records that the spool of a dead process is in the store."""
    fields: dict[str, Value] = {"of_log": one.log, "entries": one.entries}
    return Entry("trail:spool:end", one.spool, time_ms, fields)


def spool_ended(spool: Spool, entries: int, lasted_ms: int) -> Entry:
    """The entry that records that all spooled entries are in the store."""
    fields: dict[str, Value] = {"entries": entries, "lasted_ms": lasted_ms}
    return Entry("trail:spool:end", spool.name, spool.now_ms, fields)
