"""Goes on after a restore that lost signed entries: by two persons, and on record.

The head outside the database says how many entries were signed. A restored database has fewer, and
nothing is signed until it has them again or a person records the gap and another approves it.
"""

from dataclasses import dataclass

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.journal import Journal
from gateway.governance.merkle_log.signed_head_file import size_of
from gateway.governance.proposals.service import AfterCommit, Draft
from gateway.governance.reasons import check_reason

KIND = "trail_gap"  # of proposals


class _Document(msgspec.Struct, frozen=True):
    """The document of a proposal: both heads as it was written."""

    kept: str
    found: int
    reason: str


@dataclass(frozen=True, slots=True)
class Gap:
    """The entries under the kept head, and those of the database."""

    kept: str | None
    found: int

    @property
    def signed(self) -> int | None:
        """The number of entries under the kept head."""
        return size_of(self.kept)

    @property
    def missing(self) -> int:
        """The number of signed entries that the database lacks."""
        return max(0, (self.signed or 0) - self.found)


class TrailGaps:
    """The kind of proposal that records a gap."""

    power = "trail.gap"
    keeps_document = True  # it says what was approved

    def __init__(self, journal: Journal, trail: AuditService) -> None:
        self._journal = journal
        self._trail = trail

    async def read(self) -> Gap:
        """What is missing now.

        Raises:
            TrailDamaged: when the file of the head cannot be read.
        """
        kept = await self._trail.log.kept_head()
        last = await self._trail.log.latest()
        return Gap(kept, last.size if last else 0)

    async def draft(self, *, reason: str) -> tuple[Draft, Gap]:
        """The proposal to go on without what is missing.

        Raises:
            InvalidRequest: without a reason, or when nothing is missing.
        """
        check_reason(reason)
        gap = await self.read()
        if gap.kept is None or not gap.missing:
            raise InvalidRequest(
                "No signed entries are missing: there is no gap to record.", code="no_gap"
            )
        document = msgspec.json.encode(_Document(gap.kept, gap.found, reason)).decode()
        recorded = {"signed": gap.signed, "found": gap.found, "reason": reason[:500]}
        return Draft(KIND, f"{gap.missing}", document, recorded=recorded), gap

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Record the gap; the file outside the database follows once that is committed.

        Raises:
            InvalidRequest: when another gap is there than the proposal says.
        """
        proposed = msgspec.json.decode(document, type=_Document)
        kept = await self._trail.log.kept_head()
        if kept != proposed.kept:
            raise InvalidRequest("The signed head has changed: propose it again.", code="conflict")
        await self._journal.record(
            connection,
            actor,
            "control:trail:restore",
            signed=size_of(proposed.kept),
            found=proposed.found,
            head=proposed.kept,
            reason=proposed.reason[:500],
            author=author,
        )

        async def go_on() -> None:
            await self._trail.log.accept_gap(proposed.kept)

        return go_on
