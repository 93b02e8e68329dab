"""Overrides: another person lets a version pass although its evaluations lack something."""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.evaluations.gate import EvaluationGate
from gateway.governance.evaluations.tables import evaluation_override
from gateway.governance.journal import Journal
from gateway.governance.models.versions import require_version
from gateway.governance.proposals.service import AfterCommit, Draft
from gateway.governance.reasons import check_reason
from gateway.storage.database import Database

KIND = "evaluation_override"  # of proposals


class _Override(msgspec.Struct, frozen=True):
    """The document of a proposal: exactly these problems of this digest are let pass."""

    name: str
    version: str
    digest: str
    problems: list[str]
    reason: str


class EvaluationOverrides:
    """The kind of proposal that lets a version pass the gate."""

    power = "evaluation.override"
    keeps_document = True

    def __init__(
        self,
        database: Database,
        journal: Journal,
        gate: EvaluationGate,
        *,
        wall: Callable[[], float],
    ) -> None:
        """``wall`` is epoch seconds."""
        self._database = database
        self._journal = journal
        self._gate = gate
        self._wall = wall

    async def draft(self, name: str, version: str, *, reason: str) -> tuple[Draft, list[str]]:
        """The proposal to let pass what a version lacks now, and what that is.

        Raises:
            InvalidRequest: without a reason, or when it lacks nothing.
        """
        check_reason(reason)
        async with self._database.read() as connection:
            row = await require_version(connection, name, version)
            lacking = list((await self._gate.standing(connection, row)).lacking)
        if not lacking:
            raise InvalidRequest(
                f"The evaluations of {name}@{version} lack nothing: approve it.", code="conflict"
            )
        override = _Override(name, version, row.digest, lacking, reason)
        draft = Draft(
            KIND,
            f"{name}@{version}",
            msgspec.json.encode(override).decode(),
            recorded={
                "model": name,
                "version": version,
                "digest": row.digest,
                "problems": lacking,
                "reason": reason[:500],
            },
        )
        return draft, lacking

    async def activate(
        self, connection: AsyncConnection, document: str, actor: Actor, *, author: str
    ) -> AfterCommit | None:
        """Put the override of an approved proposal on record.

        Raises:
            InvalidRequest: when the version is another one than was proposed.
        """
        wanted = msgspec.json.decode(document, type=_Override)
        row: Any = await require_version(connection, wanted.name, wanted.version)
        if row.digest != wanted.digest:
            raise InvalidRequest(
                "The version is another one now: propose it again.", code="conflict"
            )
        await connection.execute(
            insert(evaluation_override).values(
                name=wanted.name,
                version=wanted.version,
                version_digest=wanted.digest,
                problems=msgspec.json.encode(wanted.problems).decode(),
                reason=wanted.reason,
                author=author,
                approved_by=actor.id,
                at=self._wall(),
            )
        )
        await self._journal.record(
            connection,
            actor,
            "control:evaluation:override",
            model=wanted.name,
            version=wanted.version,
            digest=wanted.digest,
            problems=wanted.problems,
            reason=wanted.reason[:500],
            author=author,
        )
        return None
