"""The governance log before a package: what was in force when its period began.

The part ``governance.jsonl`` holds every entry of the log "control" from its first one up to the
first one of the package, which names the hash of the last one here. So none can be left out. Only
entries that change what is in force are opened; the others are closed leaves.
"""

from collections.abc import AsyncIterator, Callable

import orjson

from gateway.core.errors import TrailDamaged
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import GENESIS, disclosed_fields, leaf_hash
from gateway.evidence.export_row import ExportRow

LOG = "control"
PART = "governance.jsonl"
EVENTS = frozenset({
    "control:change:apply",
    "control:model:approve",
    "control:model:promote",
    "control:model:quarantine",
    "control:model:register",
    "control:proposal:approve",
    "control:proposal:create",
})
# The entries of the log before a number.
PrefixRows = Callable[[int], AsyncIterator[ExportRow]]


async def prefix_lines(
    rows: AsyncIterator[ExportRow], profile: DisclosureProfile, *, end: str
) -> AsyncIterator[bytes]:
    """Yields the line of each entry; ``end`` is the hash of the last one.

    Raises:
        TrailDamaged: when the entries do not lead to it.
    """
    prev = GENESIS
    async for row in rows:
        leaf = orjson.loads(row.leaf)
        if leaf["prev"] != prev:
            raise _damaged(row.seq)
        prev = leaf_hash(row.leaf)
        yield b'{"leaf":%b,"disclosure":%b}\n' % (row.leaf, _opened(row, leaf["event"], profile))
    if prev != end:
        raise _damaged(None)


def _opened(row: ExportRow, event: str, profile: DisclosureProfile) -> bytes:
    if event not in EVENTS:
        return b"[]"
    if row.disclosure is None:
        return row.deletion.json()
    return b"[%b]" % b",".join(disclosed_fields(row.disclosure, profile.opens))


def _damaged(seq: int | None) -> TrailDamaged:
    where = "the package's first entry" if seq is None else f"entry {seq}"
    return TrailDamaged(f"log {LOG}: {where} does not follow the entries before it")
