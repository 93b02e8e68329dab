"""Proposals: changes that need another person. One table, one rule, one door."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec
import orjson
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import Denied, InvalidRequest
from gateway.core.snapshot import bundle_digest
from gateway.decisions import BundleError
from gateway.governance.access_control.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.policies.service import Policies, run_tests
from gateway.governance.terms.service import KIND as TERMS
from gateway.governance.terms.service import CustomTerms, TermChange
from gateway.storage.database import Database
from gateway.storage.tables import proposal

PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"
POLICY_BUNDLE, AUDIT_EXPORT = "policy_bundle", "audit_export"
# Of which proposals the document stays once they are decided: they say what was approved. Terms are
# personal data: only the lists keep them.
_KEPT = (POLICY_BUNDLE, AUDIT_EXPORT)
Settle = Callable[[], Awaitable[None]]  # what is left to do once an approval is committed


class ProposalHandler(Protocol):
    """A kind of change beside bundles and terms. Who decides needs its ``permission``."""

    @property
    def permission(self) -> str:
        """What the second person must be allowed to do."""
        ...

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> Settle | None:
        """Does what a proposal of ``author`` says, within the transaction of the approval."""
        ...


class Proposals:
    """Policy bundles, lists of terms and more: what needs four eyes comes through here."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        policies: Policies,
        terms: CustomTerms,
        *,
        wall: Callable[[], float],
        one_person: bool,
        kinds: Mapping[str, ProposalHandler] | None = None,
    ) -> None:
        """``one_person`` lets embedded mode approve its own proposals; each entry says so.

        ``kinds`` are further kinds of changes by name.
        """
        self._database = database
        self._journal = journal
        self._policies = policies
        self._terms = terms
        self._wall = wall
        self._one_person = one_person
        self._kinds = kinds or {}

    async def propose_bundle(self, files: dict[str, str], actor: Actor, *, comment: str) -> str:
        """Proposes the bundle in force with these files in it; gives the proposal's id.

        Raises:
            InvalidRequest: when it does not compile, fails its tests, or changes nothing.
        """
        before = await self._policies.active()
        files = {**before, **files}
        try:
            failed = [case.name for case in run_tests(files) if not case.passed]
        except BundleError as error:
            raise InvalidRequest(f"The bundle cannot be used: {error}") from error
        if failed:
            raise InvalidRequest(f"The bundle fails its own tests: {', '.join(failed[:5])}")
        changed = sorted(path for path in files if files[path] != before.get(path))
        if not changed:
            raise InvalidRequest("This bundle is the one in force; there is nothing to propose.")
        subject = ", ".join(changed)[:256]
        document = orjson.dumps({"base": bundle_digest(before), "files": files}).decode()
        return await self._create(
            POLICY_BUNDLE, subject, document, actor, comment, {"changed": changed}
        )

    async def propose_terms(self, change: TermChange, actor: Actor, *, comment: str) -> str:
        """Proposes a change of the organisation's lists; gives the proposal's id.

        Raises:
            InvalidRequest: when it changes nothing, or a term in it cannot be taken.
        """
        change = await self._terms.checked(change)
        subject = f"+{len(change.add)} -{len(change.remove)}"
        document = msgspec.json.encode(change).decode()
        return await self._create(
            TERMS, subject, document, actor, comment, self._terms.recorded(change)
        )

    async def propose(
        self,
        kind: str,
        subject: str,
        document: str,
        actor: Actor,
        *,
        comment: str,
        recorded: dict[str, Any],
        identity: str | None = None,
    ) -> str:
        """Proposes a change of one of the further kinds; gives the proposal's id.

        ``recorded`` is what the entry says of it; the document is not in the trail. ``identity`` is an
        id that the document names.
        """
        return await self._create(kind, subject[:256], document, actor, comment, recorded, identity)

    async def permission(self, identity: str) -> str:
        """What it takes to decide about a proposal.

        Raises:
            InvalidRequest: when there is no such proposal.
        """
        kind = self._kinds.get((await self._one(identity))["kind"])
        return kind.permission if kind else "policies:approve"

    async def _create(
        self,
        kind: str,
        subject: str,
        document: str,
        actor: Actor,
        comment: str,
        recorded: dict[str, Any],
        identity: str | None = None,
    ) -> str:
        identity = identity or secrets.token_hex(8)
        async with self._database.write() as connection:
            await connection.execute(
                insert(proposal).values(
                    id=identity,
                    kind=kind,
                    subject=subject,
                    document=document,
                    state=PENDING,
                    proposed_by=actor.id,
                    proposed=self._wall(),
                    comment=comment[:1000],
                )
            )
            await self._journal.record(
                connection,
                actor,
                "control:proposal:create",
                proposal=identity,
                kind=kind,
                **recorded,
            )
        return identity

    async def decide(self, identity: str, actor: Actor, *, approve: bool, comment: str) -> None:
        """Approves or rejects; an approved change is in force when this returns.

        Raises:
            Denied: when someone decides about a proposal of their own.
            InvalidRequest: when there is no such pending proposal, or other policies are in force than
                when this bundle was proposed.
        """
        settle: Settle | None = None
        async with self._database.write() as connection:
            row = (
                await connection.execute(select(proposal).where(proposal.c.id == identity))
            ).first()
            if row is None or row.state != PENDING:
                raise InvalidRequest("There is no such pending proposal.", code="not_found")
            alone = row.proposed_by == actor.id
            if alone and approve and not self._one_person:
                raise Denied("Nobody approves their own proposal: another person must.")
            await connection.execute(
                update(proposal)
                .where(proposal.c.id == identity)
                .values(
                    state=APPROVED if approve else REJECTED,
                    decided_by=actor.id,
                    decided=self._wall(),
                    comment=comment[:1000] or row.comment,
                    document=row.document if row.kind in _KEPT else "{}",
                )
            )
            await self._journal.record(
                connection,
                actor,
                f"control:proposal:{'approve' if approve else 'reject'}",
                proposal=identity,
                kind=row.kind,
                proposed_by=row.proposed_by,
                one_person=alone,
            )
            kind = self._kinds.get(row.kind)
            if approve and kind is not None:
                settle = await kind.activate(
                    connection, row.document, actor, author=row.proposed_by
                )
            elif approve and row.kind == TERMS:
                change = msgspec.json.decode(row.document, type=TermChange)
                await self._terms.activate(connection, change, actor, author=row.proposed_by)
            elif approve:
                files = await self._still_good(connection, row.document)
                await self._policies.activate(connection, files, actor, author=row.proposed_by)
        if settle is not None:
            await settle()

    async def all(self) -> list[dict[str, Any]]:
        """All proposals, newest first, without their documents."""
        columns = [column for column in proposal.c if column.name != "document"]
        async with self._database.read() as connection:
            rows = await connection.execute(select(*columns).order_by(proposal.c.proposed.desc()))
            return [dict(row._mapping) for row in rows]  # noqa: SLF001

    async def show(self, identity: str) -> dict[str, Any]:
        """One proposal with, per file, what is in force and what is proposed.

        Raises:
            InvalidRequest: when there is none.
        """
        shown = await self._one(identity)
        document = shown.pop("document")
        files = _bundle_in(document)[1] if shown["kind"] == POLICY_BUNDLE else {}
        before = await self._policies.active() if files else {}
        shown["changes"] = {
            path: {"before": before.get(path), "after": files.get(path)}
            for path in sorted({*files, *before})
            if files.get(path) != before.get(path)
        }
        return shown

    async def proposed_terms(self, identity: str) -> TermChange:
        """The terms of a proposal; empty once it is decided.

        Raises:
            InvalidRequest: when there is no such proposal.
        """
        shown = await self._one(identity)
        if shown["kind"] != TERMS:
            raise InvalidRequest("This proposal is not about terms.", code="not_found")
        return msgspec.json.decode(shown["document"], type=TermChange)

    async def _still_good(self, connection: AsyncConnection, document: str) -> dict[str, str]:
        """The files of a proposed bundle: a whole bundle, so it would take back what came since."""
        base, files = _bundle_in(document)
        if bundle_digest(await self._policies.active_files(connection)) != base:
            raise InvalidRequest(
                "Other policies are in force than when this was proposed, and it would take them "
                "back: reject it, and propose it again."
            )
        return files

    async def _one(self, identity: str) -> dict[str, Any]:
        async with self._database.read() as connection:
            row = (
                await connection.execute(select(proposal).where(proposal.c.id == identity))
            ).first()
        if row is None:
            raise InvalidRequest("There is no such proposal.", code="not_found")
        return dict(row._mapping)  # noqa: SLF001


def _bundle_in(document: str) -> tuple[str | None, dict[str, str]]:
    """Of which bundle a proposal is a change, and its files; older proposals do not say of which."""
    stated = orjson.loads(document)
    return stated.get("base"), dict(stated.get("files", stated))
