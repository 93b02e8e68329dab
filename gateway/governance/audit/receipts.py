"""Receipts of requests, under the newest signed head."""

from gateway.core.errors import InvalidRequest, Unavailable
from gateway.evidence.entry import leaf_hash
from gateway.evidence.receipt import VERSION, LoggedEntry, Receipt
from gateway.evidence.stored_leaf import leaf_of
from gateway.governance.audit.service import AuditService
from gateway.governance.merkle_log import signing_keys
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.merkle_log.sequencer import ROUND
from gateway.storage.database import Database

# By the searchable row; a leaf stays when its values are erased.
_LEAVES = (
    "SELECT e.log, e.seq, e.request, e.time, e.event, e.leaf FROM audit_detail d "
    "JOIN audit_entry e ON e.log = d.log AND e.seq = d.seq "
    "WHERE d.request = :request ORDER BY d.time, d.log, d.seq"
)


class Receipts:
    """Makes receipts."""

    def __init__(self, database: Database, trail: AuditService) -> None:
        self._database = database
        self._trail = trail
        self._reader = LogReader(database)

    async def of(self, request: str) -> Receipt:
        """A receipt of all present entries of a request; later entries are possible.

        Raises:
            InvalidRequest: when there is no entry with this audit id.
            TrailDamaged: when the stored trail is inconsistent.
        """
        rows = await self._trail.rows(_LEAVES, {"request": request}) if request else []
        if not rows:
            raise InvalidRequest("There is no entry with this audit id.", code="not_found")
        while await self._trail.log.advance() == ROUND:
            continue
        under = await self._trail.log.latest()
        entries = []
        for row in rows:
            raw = leaf_of(row)
            size = under.size if under else 0
            index, end = await self._reader.bounds([(row["log"], row["seq"], row["seq"])], size)
            if under is None or not index < end <= size:
                raise Unavailable("The entry is not in the signed log yet.", retry_after=1)
            path = [node.hex() for node in await self._reader.inclusion(index, under)]
            entries.append(
                LoggedEntry(row["log"], row["seq"], index, raw.decode(), leaf_hash(raw), path)
            )
        async with self._database.read() as connection:
            keys = "".join(await signing_keys.links(connection))
        return Receipt(VERSION, request, under.note if under else "", keys, entries)
