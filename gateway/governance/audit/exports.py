"""Exports as people ask for them: a full one, with the stored bodies, is released by a second person.

Whoever wants a full package says of which period, and why. That is a proposal; once another person has
approved it, the one who asked can make exactly that package for three days. Each step is an entry.
"""

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.export import ExportResult
from gateway.evidence.selection import FIELDS, Selection
from gateway.governance.access_control.actor import Actor, Permissions
from gateway.governance.audit.service import AuditService, ExportApproval, check_export
from gateway.governance.journal import Journal
from gateway.governance.proposals.service import APPROVED, AUDIT_EXPORT, PENDING, Proposals, Settle
from gateway.storage.database import Database
from gateway.storage.tables import proposal

VALID_S = 3 * 86_400  # from the approval on
_SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export: a period in epoch milliseconds, ``until`` exclusive, and how much it discloses.

    ``where`` gives, for some of the fields that entries are selected by, the values that are wanted.
    """

    since: int
    until: int
    formats: Collection[str] = ("jsonl", "csv")
    profile: DisclosureProfile = DisclosureProfile.PSEUDONYMISED
    reason: str = ""
    where: Mapping[str, Collection[str]] = field(default_factory=dict)

    def selection(self) -> Selection:
        """Which entries are opened.

        Raises:
            InvalidRequest: when entries are not selected by such a field, or no value is given.
        """
        unknown = sorted(set(self.where) - set(FIELDS))
        if unknown or not all(self.where.values()):
            raise InvalidRequest(
                f"Entries are selected by {', '.join(FIELDS)}, each with one value or more"
                + (f"; not by {', '.join(unknown)}." if unknown else "."),
                param="where",
            )
        return Selection({name: frozenset(values) for name, values in self.where.items()})


@dataclass(frozen=True, slots=True)
class PendingExport:
    """The proposal that a full export waits for; ``permission`` is what it takes to approve it."""

    proposal: str
    permission: str

    def document(self, permissions: Permissions) -> dict[str, Any]:
        """As it is told to whoever asked for the package."""
        roles = permissions.holders(self.permission)
        return {
            "state": "pending",
            "proposal": self.proposal,
            "roles": roles,
            "message": (
                f"No package was made: a full one needs another person. Proposal {self.proposal} waits; "
                f"someone with the role {' or '.join(roles)} approves it under Proposals in the console, "
                f"or with POST /admin/v1/proposals/{self.proposal}/approve. Then ask for the same "
                f"package again, within {VALID_S // 86_400} days."
            ),
        }


class _Asked(msgspec.Struct, frozen=True):
    """The document of a proposal; it stays, as it says what was approved."""

    proposal: str
    since: int
    until: int
    reason: str
    where: dict[str, list[str]] | None = None

    def is_for(self, wanted: ExportRequest) -> bool:
        """Whether it is just this package that was asked for."""
        given = (self.since, self.until, self.where)
        return given == (wanted.since, wanted.until, wanted.selection().document())


class FullExportApprovals:
    """Which full packages were asked for and approved."""

    permission = "audit:approve"

    def __init__(self, database: Database, journal: Journal, *, wall: Callable[[], float]) -> None:
        self._database = database
        self._journal = journal
        self._wall = wall

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> Settle | None:
        """Puts on record what ``author`` may export from now on."""
        asked = msgspec.json.decode(document, type=_Asked)
        await self._journal.record(
            connection,
            actor,
            "control:audit:approve",
            proposal=asked.proposal,
            since=asked.since,
            until=asked.until,
            profile=DisclosureProfile.FULL.value,
            reason=asked.reason,
            where=_words(asked.where),
            requested_by=author,
            valid_until=int((self._wall() + VALID_S) * 1000),
        )
        return None

    async def approval(self, actor: Actor, wanted: ExportRequest) -> ExportApproval | None:
        """The approval of just this period for just this actor, while it is valid."""
        for row, asked in await self._asked(actor, wanted, APPROVED):
            if row.decided is not None and row.decided + VALID_S > self._wall():
                return ExportApproval(row.id, asked.reason, alone=row.decided_by == actor.id)
        return None

    async def waiting(self, actor: Actor, wanted: ExportRequest) -> str | None:
        """The proposal by which this actor has asked for it already."""
        return next((row.id for row, _ in await self._asked(actor, wanted, PENDING)), None)

    async def _asked(
        self, actor: Actor, wanted: ExportRequest, state: str
    ) -> list[tuple[Any, _Asked]]:
        """The actor's proposals for this period, newest first."""
        mine = (proposal.c.kind == AUDIT_EXPORT) & (proposal.c.proposed_by == actor.id)
        query = select(proposal).where(mine & (proposal.c.state == state))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(proposal.c.proposed.desc()))).all()
        found = []
        for row in rows:
            asked = msgspec.json.decode(row.document, type=_Asked)
            if asked.is_for(wanted):
                found.append((row, asked))
        return found


class Exports:
    """Makes packages, or proposes to."""

    def __init__(
        self, trail: AuditService, proposals: Proposals, full: FullExportApprovals
    ) -> None:
        self._trail = trail
        self._proposals = proposals
        self._full = full

    async def make(
        self, path: Path, actor: Actor, wanted: ExportRequest
    ) -> ExportResult | PendingExport:
        """Writes a package to ``path``; for a full one without an approval there is a proposal instead.

        Raises:
            TrailDamaged: when the stored trail does not hold together.
            InvalidRequest: when the period ends before it begins, a format or a field to select by is
                not known, or nobody said why a full package is needed.
        """
        approval, selection = None, wanted.selection()
        if wanted.profile is DisclosureProfile.FULL:
            check_export(wanted.since, wanted.until, wanted.formats, selection)
            approval = await self._full.approval(actor, wanted)
            if approval is None:
                return PendingExport(await self._proposed(actor, wanted), self._full.permission)
        return await self._trail.export(
            path,
            actor,
            since=wanted.since,
            until=wanted.until,
            formats=wanted.formats,
            profile=wanted.profile,
            selection=selection,
            reason=approval.reason if approval else wanted.reason,
            approval=approval,
        )

    async def _proposed(self, actor: Actor, wanted: ExportRequest) -> str:
        reason = wanted.reason.strip()
        waiting = await self._full.waiting(actor, wanted)
        if waiting is not None:
            return waiting
        if len(reason) < _SHORTEST_REASON:
            raise InvalidRequest(
                "Say why a full package is needed, in at least ten characters: another person decides "
                "about it.",
                param="reason",
            )
        identity = secrets.token_hex(8)
        where = wanted.selection().document()
        asked = _Asked(identity, wanted.since, wanted.until, reason, where)
        return await self._proposals.propose(
            AUDIT_EXPORT,
            f"{wanted.since}/{wanted.until}",
            msgspec.json.encode(asked).decode(),
            actor,
            comment=reason,
            identity=identity,
            recorded={
                "since": wanted.since,
                "until": wanted.until,
                "profile": DisclosureProfile.FULL.value,
                "reason": reason,
                "where": _words(where),
            },
        )


def _words(where: Mapping[str, Collection[str]] | None) -> list[str] | None:
    """As entries say it."""
    return Selection({name: frozenset(of) for name, of in (where or {}).items()}).texts() or None
