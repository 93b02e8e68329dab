"""Reads recorded decisions of a period from the trail, and replays a draft over them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.compiled.policy import CompiledPolicy, compile_policy
from gateway.core.errors import InvalidRequest
from gateway.core.snapshot import bundle_digest
from gateway.decisions import BundleError
from gateway.evidence import INTENT
from gateway.evidence.entry import values_of
from gateway.governance.actor import Actor
from gateway.governance.audit.request_group import rows as rows_of
from gateway.governance.audit.service import AuditService
from gateway.governance.changes.governed import Load
from gateway.governance.journal import Journal
from gateway.governance.policies.bundle import check
from gateway.governance.policies.recorded import CatalogueView, RecordedDecision, texts_of
from gateway.governance.policies.replay import Replay, ReplayCounts
from gateway.governance.policies.schemas import (
    ReplayChange,
    ReplayedRule,
    ReplayResponse,
)
from gateway.governance.policies.service import Policies
from gateway.governance.reasons import check_reason
from gateway.storage.database import Database

_REFUSAL = "request:refusal:record"
_PAGE = 1000
_MOST = 200_000  # decisions of one replay
_BODY = ", d.subject, d.payload, d.wrapped_key, k.wrapped"
_KEYS = " LEFT JOIN subject_key k ON k.log = d.log AND k.subject = d.subject"
_DECISIONS = (
    "SELECT d.time, d.log, d.seq, d.request, d.event, d.disclosure{body} FROM audit_detail d{keys} "
    f"WHERE d.time >= :low AND d.time < :until AND d.event IN ('{INTENT}', '{_REFUSAL}') "
    "AND d.disclosure IS NOT NULL AND (d.time > :low OR d.log > :log OR (d.log = :log "
    f"AND d.seq > :seq)) ORDER BY d.time, d.log, d.seq LIMIT {_PAGE}"
)
Row = Mapping[str, Any]


class ReplayReader:
    """Replays drafts over the trail."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        policies: Policies,
        trail: AuditService,
        *,
        load: Load,
    ) -> None:
        """``load`` gives the objects in force."""
        self._database = database
        self._journal = journal
        self._policies = policies
        self._trail = trail
        self._load = load
        self._turn = asyncio.Lock()  # one after another: each keeps a core busy

    async def run(
        self, files: dict[str, str], since: int, until: int, *, texts: bool = False
    ) -> ReplayResponse:
        """Replay a bundle over the decisions of a period in epoch milliseconds.

        ``texts`` opens stored bodies, and names requests as examples.

        Raises:
            InvalidRequest: when the bundle cannot be used, or the period is empty.
        """
        if since >= until:
            raise InvalidRequest("The period ends before it begins.", param="until")
        before = await self._policies.active()
        policies = await asyncio.to_thread(_compiled, before, files)
        async with self._database.read() as connection:
            catalogue = CatalogueView(await self._load(connection))
        replay, complete = Replay(*policies, catalogue), True
        async with self._turn:
            for database in await self._trail.databases():
                complete &= await self._read(database, replay, since, until, texts=texts)
        return _described(replay.counts, policies, (since, until), complete=complete, texts=texts)

    async def run_with_texts(
        self, files: dict[str, str], since: int, until: int, actor: Actor, *, reason: str
    ) -> ReplayResponse:
        """The same over stored bodies; that they were read is on record, with the reason.

        Raises:
            InvalidRequest: without a reason, and as ``run`` does.
        """
        check_reason(reason)
        async with self._database.write() as connection:
            await self._journal.record(
                connection,
                actor,
                "control:policy:replay",
                digest=bundle_digest(files),
                since=since,
                until=until,
                reason=reason[:500],
            )
        return await self.run(files, since, until, texts=True)

    async def _read(
        self, database: Database, replay: Replay, since: int, until: int, *, texts: bool
    ) -> bool:
        """Judge the decisions of one database; False when there are more than are judged."""
        query = _DECISIONS.format(body=_BODY if texts else "", keys=_KEYS if texts else "")
        place: dict[str, Any] = {"low": since, "log": "", "seq": -1}
        while replay.counts.decisions < _MOST:
            async with database.read() as connection:
                rows = await rows_of(connection, query, until=until, **place)
            await asyncio.to_thread(self._judge, replay, rows, texts=texts)
            if len(rows) < _PAGE:
                return True
            place = {"low": rows[-1]["time"], "log": rows[-1]["log"], "seq": rows[-1]["seq"]}
        return False

    def _judge(self, replay: Replay, rows: Sequence[Row], *, texts: bool) -> None:
        for row in rows:
            fields = values_of(bytes(row["disclosure"]))
            sent = row["event"] == INTENT
            decides = fields.get("attempt", 1) == 1 if sent else fields.get("refused_by")
            if "level" not in fields or "guardrail" in fields or not decides:
                continue  # another departure of the same request, or no decision of policies
            body = self._trail.opened(row).body if texts and row["payload"] is not None else None
            read = None if body is None else texts_of(body, str(fields.get("surface", "")))
            replay.add([RecordedDecision(row["request"], fields, sent, read)])


def _compiled(
    before: dict[str, str], files: dict[str, str]
) -> tuple[CompiledPolicy, CompiledPolicy]:
    try:
        new = check(files)
        return compile_policy(before, digest=bundle_digest(before)), new
    except BundleError as error:
        raise InvalidRequest(f"The bundle cannot be used: {error}") from error


def _described(
    counts: ReplayCounts,
    policies: tuple[CompiledPolicy, CompiledPolicy],
    period: tuple[int, int],
    *,
    complete: bool,
    texts: bool,
) -> ReplayResponse:
    rules = sorted({*counts.rules_before, *counts.rules_after, *counts.rules_undecided})
    return ReplayResponse(
        before=policies[0].digest,
        after=policies[1].digest,
        since=period[0],
        until=period[1],
        decisions=counts.decisions,
        complete=complete,
        undecided=counts.undecided_decisions,
        undecided_share=counts.undecided_decisions / counts.decisions if counts.decisions else 0.0,
        undecided_by=dict(counts.undecided),
        changes=[
            ReplayChange(
                before=change[0],
                after=change[1],
                decisions=number,
                examples=counts.examples[change] if texts else [],
            )
            for change, number in sorted(counts.changes.items())
        ],
        rules=[
            ReplayedRule(
                rule=rule,
                before=counts.rules_before[rule],
                after=counts.rules_after[rule],
                undecided=counts.rules_undecided[rule],
            )
            for rule in rules
        ],
    )
