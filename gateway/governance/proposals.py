"""Proposals: changes that need another person. One table, one rule, one door."""

import secrets
from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import insert, select, update

from gateway.core.errors import Denied, InvalidRequest
from gateway.decisions import BundleError
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.policies import Policies, run_tests
from gateway.storage.database import Database
from gateway.storage.tables import proposal

PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"
POLICY_BUNDLE = "policy_bundle"


class Proposals:
    """Policy bundles for now; every kind of change that needs four eyes comes through here."""

    def __init__(
        self, database: Database, journal: Journal, policies: Policies, *,
        wall: Callable[[], float], one_person: bool,
    ) -> None:  # fmt: skip
        """``one_person`` lets embedded mode approve its own proposals; each entry says so."""
        self._database = database
        self._journal = journal
        self._policies = policies
        self._wall = wall
        self._one_person = one_person

    async def propose_bundle(self, files: dict[str, str], actor: Actor, *, comment: str) -> str:
        """Proposes a bundle that compiles and passes its tests; gives the proposal's id.

        Raises:
            InvalidRequest: when it does not.
        """
        try:
            failed = [case.name for case in run_tests(files) if not case.passed]
        except BundleError as error:
            raise InvalidRequest(f"The bundle cannot be used: {error}") from error
        if failed:
            raise InvalidRequest(f"The bundle fails its own tests: {', '.join(failed[:5])}")
        before = await self._policies.active()
        changed = sorted(path for path in {*files, *before} if files.get(path) != before.get(path))
        if not changed:
            raise InvalidRequest("This bundle is the one in force; there is nothing to propose.")
        identity = secrets.token_hex(8)
        async with self._database.write() as connection:
            await connection.execute(
                insert(proposal).values(
                    id=identity, kind=POLICY_BUNDLE, subject=", ".join(changed)[:256],
                    document=orjson.dumps(files).decode(), state=PENDING, proposed_by=actor.id,
                    proposed=self._wall(), comment=comment[:1000],
                )
            )  # fmt: skip
            await self._journal.record(
                connection, actor, "control:proposal:create",
                proposal=identity, kind=POLICY_BUNDLE, changed=changed,
            )  # fmt: skip
        return identity

    async def decide(self, identity: str, actor: Actor, *, approve: bool, comment: str) -> None:
        """Approves or rejects; an approved bundle is active when this returns.

        Raises:
            Denied: when someone decides about a proposal of their own.
            InvalidRequest: when there is no such pending proposal.
        """
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
                    state=APPROVED if approve else REJECTED, decided_by=actor.id,
                    decided=self._wall(), comment=comment[:1000] or row.comment,
                )
            )  # fmt: skip
            await self._journal.record(
                connection, actor, f"control:proposal:{'approve' if approve else 'reject'}",
                proposal=identity, kind=row.kind, proposed_by=row.proposed_by, one_person=alone,
            )  # fmt: skip
            if approve:
                files = dict(orjson.loads(row.document))
                await self._policies.activate(connection, files, actor, author=row.proposed_by)

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
        async with self._database.read() as connection:
            row = (
                await connection.execute(select(proposal).where(proposal.c.id == identity))
            ).first()
        if row is None:
            raise InvalidRequest("There is no such proposal.", code="not_found")
        shown = dict(row._mapping)  # noqa: SLF001
        files = orjson.loads(shown.pop("document"))
        before = await self._policies.active()
        shown["changes"] = {
            path: {"before": before.get(path), "after": files.get(path)}
            for path in sorted({*files, *before})
            if files.get(path) != before.get(path)
        }
        return shown
