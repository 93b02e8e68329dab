"""Exports on request. A full one, with the stored bodies, needs the approval of a second person.

A request for a full package states the period and the reason. It becomes a proposal; once another
person has approved it, its author can make exactly that package for three days. Each step is an
entry.
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
from gateway.governance.access_control.permissions import Permissions, approval_of
from gateway.governance.actor import Actor
from gateway.governance.audit.schemas import PendingExportResponse
from gateway.governance.audit.service import AuditService, ExportApproval, check_export
from gateway.governance.journal import Journal
from gateway.governance.proposals.service import AfterCommit, Draft, Proposals
from gateway.governance.proposals.states import APPROVED, PENDING
from gateway.governance.proposals.tables import proposal
from gateway.storage.database import Database

KIND = "audit_export"  # of proposals
VALID_S = 3 * 86_400  # from the approval on
_MIN_REASON = 10


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A period in epoch milliseconds, ``until`` exclusive, and the profile of disclosure.

    ``where`` selects entries: it gives the accepted values of fields.
    """

    since: int
    until: int
    formats: Collection[str] = ("jsonl", "csv")
    profile: DisclosureProfile = DisclosureProfile.PSEUDONYMISED
    reason: str = ""
    where: Mapping[str, Collection[str]] = field(default_factory=dict)

    def selection(self) -> Selection:
        """The selection of entries.

        Raises:
            InvalidRequest: when entries cannot be selected by a field, or a field has no value.
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
    """The proposal that a full export waits for, and the permission to approve it."""

    proposal: str
    permission: str

    def describe(self, permissions: Permissions) -> PendingExportResponse:
        """The answer to the request for the package."""
        roles = permissions.holders(self.permission)
        return PendingExportResponse(
            state=PENDING,
            proposal=self.proposal,
            roles=roles,
            message=(
                "No package was made: a full one needs another person. "
                f"Proposal {self.proposal} waits; someone with the role {' or '.join(roles)} "
                "approves it under Proposals in the console, "
                f"or with POST /admin/v1/proposals/{self.proposal}/approve. Then ask for the same "
                f"package again, within {VALID_S // 86_400} days."
            ),
        )


class _Document(msgspec.Struct, frozen=True):
    """The document of a proposal."""

    proposal: str
    since: int
    until: int
    reason: str
    where: dict[str, list[str]] | None = None

    def matches(self, request: ExportRequest) -> bool:
        """Whether the proposal is for exactly this package."""
        proposed = (self.since, self.until, self.where)
        return proposed == (request.since, request.until, request.selection().document())


class FullExportApprovals:
    """The proposals of full packages, and their approvals."""

    power = "audit"
    keeps_document = True  # it says what was approved

    def __init__(self, database: Database, journal: Journal, *, wall: Callable[[], float]) -> None:
        self._database = database
        self._journal = journal
        self._wall = wall

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Record what ``author`` may export from now on."""
        approved = msgspec.json.decode(document, type=_Document)
        await self._journal.record(
            connection,
            actor,
            "control:audit:approve",
            proposal=approved.proposal,
            since=approved.since,
            until=approved.until,
            profile=DisclosureProfile.FULL.value,
            reason=approved.reason,
            where=_words(approved.where),
            requested_by=author,
            valid_until=int((self._wall() + VALID_S) * 1000),
        )
        return None

    async def approval(self, actor: Actor, request: ExportRequest) -> ExportApproval | None:
        """The valid approval of this package for this actor, or None."""
        for row, document in await self._proposed(actor, request, APPROVED):
            if row.decided is not None and row.decided + VALID_S > self._wall():
                return ExportApproval(row.id, document.reason, alone=bool(row.alone))
        return None

    async def pending(self, actor: Actor, request: ExportRequest) -> str | None:
        """The pending proposal of this actor for this package, or None."""
        return next((row.id for row, _ in await self._proposed(actor, request, PENDING)), None)

    async def _proposed(
        self, actor: Actor, request: ExportRequest, state: str
    ) -> list[tuple[Any, _Document]]:
        """The actor's proposals for this package, newest first."""
        mine = (proposal.c.kind == KIND) & (proposal.c.proposed_by == actor.id)
        query = select(proposal).where(mine & (proposal.c.state == state))
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(proposal.c.proposed.desc()))).all()
        found = []
        for row in rows:
            document = msgspec.json.decode(row.document, type=_Document)
            if document.matches(request):
                found.append((row, document))
        return found


class Exports:
    """Writes packages, or proposes full ones."""

    def __init__(
        self, trail: AuditService, proposals: Proposals, full: FullExportApprovals
    ) -> None:
        self._trail = trail
        self._proposals = proposals
        self._full = full

    async def make(
        self, path: Path, actor: Actor, request: ExportRequest
    ) -> ExportResult | PendingExport:
        """Write a package to ``path``. A full one without an approval becomes a proposal.

        Raises:
            TrailDamaged: when the stored trail is inconsistent.
            InvalidRequest: when the period ends before it begins, a format or a field of the
                selection is unknown, or a full package has no reason.
        """
        approval, selection = None, request.selection()
        if request.profile is DisclosureProfile.FULL:
            check_export(request.since, request.until, request.formats, selection)
            approval = await self._full.approval(actor, request)
            if approval is None:
                needed = approval_of(self._full.power)
                return PendingExport(await self._propose(actor, request), needed)
        return await self._trail.export(
            path,
            actor,
            since=request.since,
            until=request.until,
            formats=request.formats,
            profile=request.profile,
            selection=selection,
            reason=approval.reason if approval else request.reason,
            approval=approval,
        )

    async def _propose(self, actor: Actor, request: ExportRequest) -> str:
        reason = request.reason.strip()
        pending = await self._full.pending(actor, request)
        if pending is not None:
            return pending
        if len(reason) < _MIN_REASON:
            raise InvalidRequest(
                "Say why a full package is needed, in at least ten characters: another person "
                "decides about it.",
                param="reason",
            )
        identity = secrets.token_hex(8)
        where = request.selection().document()
        document = _Document(identity, request.since, request.until, reason, where)
        draft = Draft(
            KIND,
            f"{request.since}/{request.until}",
            msgspec.json.encode(document).decode(),
            recorded={
                "since": request.since,
                "until": request.until,
                "profile": DisclosureProfile.FULL.value,
                "reason": reason,
                "where": _words(where),
            },
            identity=identity,
        )
        return await self._proposals.create(draft, actor, comment=reason)


def _words(where: Mapping[str, Collection[str]] | None) -> list[str] | None:
    """The selection as entries state it."""
    return Selection({name: frozenset(of) for name, of in (where or {}).items()}).texts() or None
