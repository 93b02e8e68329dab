"""One request, top to bottom.

 1 open          the record, in memory: from here every outcome becomes an entry
 2 authenticate  who asks
 3 admit         rate and size, before anything costly
 4 compose       a clean body: every field checked, dropped, pinned or refused; files as their text
 5 classify      every text: what it holds, and so how sensitive the request is
 6 decide        for each candidate deployment: may it go there, and in which form
 7 route         the allowed candidates in order; then for each attempt:
   a redact      for that deployment
   b reserve     tokens and money
   c intent      a durable entry with the digest of the exact bytes
   d call        through the only door
 8 inspect       the answer as it comes: rules, and placeholders back to values
 9 settle, close what was used, and the closing entry: always, also after a failure or a cancel

``admit`` is 1 to 7: until it returns nothing has left. ``answer`` is 7a to 9, a context manager:
leaving it is the moment at which the closing entry is durable and the last event may be released.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import orjson

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import (
    Denied,
    NoUpstream,
    QuotaExceeded,
    Refusal,
    Unauthenticated,
    Unavailable,
    UpstreamFailed,
)
from gateway.core.finding import Finding
from gateway.core.principal import Principal
from gateway.core.snapshot import TENANT
from gateway.core.usage import Usage
from gateway.evidence import CLOSE, INTENT, Trail
from gateway.limits import Meter
from gateway.privacy import Scope, Vault
from gateway.request.context import (
    AdmittedRequest,
    AuditRecord,
    Candidate,
    IncomingRequest,
    ResponseUsage,
    UpstreamAttempt,
)
from gateway.request.conversation_store import ConversationStore
from gateway.request.documents import DocumentExtractor
from gateway.request.refusal_log import RefusalLog
from gateway.request.response import GovernedResponse
from gateway.request.scanner import Scanner
from gateway.request.steps import (
    CONVERSATION,
    classify,
    conversation_of,
    decide,
    internal_only_reason,
    level_of,
    parse_request,
    purpose_of,
    record_findings,
    refuse_forbidden_content,
)
from gateway.routing import CircuitBreakers, Target
from gateway.telemetry import Telemetry

_DEFAULT_OUTPUT_TOKENS = 1024


class SnapshotStatus(msgspec.Struct, frozen=True):
    """Whether the snapshot in use may still be relied on, and for which zones.

    ``spooled_inside_only``: policy wants requests to stay inside while the trail is degraded.
    """

    inside_only: bool
    too_old: bool
    spooled_inside_only: bool = False


class Pipeline:
    """Governs requests. One instance a process; all that requests share is passed in."""

    def __init__(
        self,
        *,
        handles: Callable[[], CompiledSnapshot],
        freshness: Callable[[], SnapshotStatus],
        scanner: Scanner,
        attachments: DocumentExtractor,
        placeholder_key: bytes,
        keeper: ConversationStore,
        meter: Meter,
        health: CircuitBreakers,
        trail: Trail,
        refusals: RefusalLog,
        telemetry: Telemetry,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        """``clock`` is monotonic seconds, ``wall`` epoch seconds."""
        self._handles = handles
        self._freshness = freshness
        self._scanner = scanner
        self._attachments = attachments
        self._placeholder_key = placeholder_key
        self._keeper = keeper
        self._meter = meter
        self._health = health
        self._trail = trail
        self._refusals = refusals
        self._telemetry = telemetry
        self._clock = clock
        self._wall = wall

    async def admit(self, incoming: IncomingRequest) -> AdmittedRequest:
        """Steps 1 to 7.

        Raises:
            Refusal: after it is durable in the trail.
        """
        record = incoming.record
        try:
            handles, freshness = self._current(record)
            principal = self.authenticate(handles, incoming)
            record.limits = self._meter.admit(principal)
            request = parse_request(handles, incoming.surface, await incoming.read())
            purpose, case = purpose_of(handles, principal, incoming.headers)
            if request.documents:
                request = await self._attachments.as_text(request)
            record.note(model=request.body["model"], purpose=purpose, dropped=request.dropped)
            scan = await classify(self._scanner, handles, request)
            level = level_of(scan, principal, case, incoming.headers)
            record_findings(record, request, scan, level)
            refuse_forbidden_content(handles, scan)
            inside = internal_only_reason(
                handles,
                request,
                scan,
                level,
                stale=freshness.inside_only,
                spooled=freshness.spooled_inside_only,
            )
            ways, rerouted = decide(
                handles, principal, request, level=level, purpose=purpose, case=case, inside=inside
            )
            record.note(rerouted=rerouted)
        except BaseException as error:  # a refusal, a cancel or a fault: each is an outcome
            await self.refused(record, error)
            raise
        return AdmittedRequest(
            record=record,
            handles=handles,
            principal=principal,
            conversation=conversation_of(incoming, request.body),
            request=request,
            scan=scan,
            level=level,
            ways=self._route(ways),
            named=bool(incoming.headers.get(CONVERSATION)),
        )

    @asynccontextmanager
    async def answer(self, admitted: AdmittedRequest) -> AsyncIterator[GovernedResponse]:
        """Steps 7a to 9.

        Raises:
            Refusal: before the first chunk with a status of its own; later it ends the stream.
            Unavailable: on leaving, when the closing entry is not durable: the last event of the
                answer must then be withheld.
        """
        record, answer = admitted.record, None
        try:
            attempt = await self._depart(admitted)
            with attempt.answered:
                answer = GovernedResponse(
                    admitted,
                    attempt,
                    clock=self._clock,
                    recheck=lambda: self._recheck(admitted, attempt.way.target),
                    mask=lambda: self._scanner.mask(
                        admitted.request.texts, admitted.handles.policy, attempt.vault
                    ),
                )
                yield answer
            self._health.succeeded(attempt.way.target)
        except Refusal as refusal:
            record.outcome = refusal.code
            raise
        except (asyncio.CancelledError, GeneratorExit):
            record.outcome = "client_closed"
            raise
        finally:  # also when the caller has left: settle, and close the entry
            await self._close(admitted, answer)

    @asynccontextmanager
    async def recorded(
        self, incoming: IncomingRequest, event: str
    ) -> AsyncIterator[tuple[CompiledSnapshot, Principal]]:
        """Steps 1 to 3 and 9, for an endpoint from which nothing departs.

        Raises:
            Refusal: after it is durable in the trail.
        """
        record = incoming.record
        try:
            handles, _ = self._current(record)
            principal = self.authenticate(handles, incoming)
            record.limits = self._meter.admit(principal)
            yield handles, principal
        except BaseException as error:
            await self.refused(record, error)
            raise
        record.note(outcome="ok", latency_ms=self._since(record))
        await self._trail.record(record.entry(event, time_ms=self._now_ms()))

    async def scan(self, text: str, handles: CompiledSnapshot) -> tuple[Finding, ...]:
        """Findings in one text, by all tiers.

        Raises:
            Unavailable: when it could not be read in time; a part of the truth is not told.
        """
        looked = await self._scanner.scan_all([text], handles.policy)
        if looked.unread:
            raise Unavailable("The text could not be read in time; try again.", retry_after=5)
        return looked.seen[text].findings

    async def refused(self, record: AuditRecord, error: BaseException) -> None:
        """Puts the end of a request that was not admitted on record, before its answer.

        Raises:
            Unavailable: when the trail cannot be written.
        """
        if isinstance(error, Refusal):
            outcome, rules = error.code, list(error.rules)
        else:
            cancelled = isinstance(error, asyncio.CancelledError)
            outcome, rules = "client_closed" if cancelled else "internal_error", []
        record.note(outcome=outcome, refused_by=rules, latency_ms=self._since(record))
        await self._refusals.record(record)
        self._telemetry.refused(outcome)

    def authenticate(self, handles: CompiledSnapshot, incoming: IncomingRequest) -> Principal:
        """Step 2; puts the principal on record, under its pseudonym.

        Raises:
            Unauthenticated: when the credential is not good.
            InvalidRequest: when x-sluis-user is malformed.
        """
        principal = handles.authenticator.authenticate(incoming.credential, now=self._wall())
        record = incoming.record
        record.subject = principal.id
        record.note(principal=principal.id, principal_kind=principal.kind, team=principal.team)
        user = incoming.headers.get("x-sluis-user")
        if user is not None:
            record.note(asserted_user=handles.authenticator.asserted_user_of(user, by=principal))
        return principal

    def _current(self, record: AuditRecord) -> tuple[CompiledSnapshot, SnapshotStatus]:
        """One request is decided by one snapshot, from here to its end."""
        freshness = self._freshness()
        if freshness.too_old:
            raise Unavailable(
                "The gateway has not heard from its control plane for too long.", retry_after=30
            )
        handles = self._handles()
        record.bundle = handles.policy.digest
        return handles, freshness

    def _route(self, ways: list[Candidate]) -> list[Candidate]:
        by_name = {way.target.name: way for way in ways}
        return [by_name[target.name] for target in self._health.order([w.target for w in ways])]

    async def _depart(self, admitted: AdmittedRequest) -> UpstreamAttempt:
        """Tries the ways in order until one answers; each try is a departure with its intent."""
        if admitted.named:
            admitted.memory = await self._keeper.recall(admitted, _scope(admitted))
        last: Refusal | None = None
        rerouted = ""
        for number, way in enumerate(admitted.ways, start=1):
            try:
                return await self._attempt(admitted, way, number)
            except UpstreamFailed as failure:
                self._health.failed(way.target)
                rerouted, last = "unavailable", failure
            except QuotaExceeded as spent:
                rerouted, last = "budget", spent
            admitted.record.note(rerouted=rerouted)
        if isinstance(last, QuotaExceeded):
            raise last
        raise _no_upstream(last)

    async def _attempt(
        self, admitted: AdmittedRequest, way: Candidate, number: int
    ) -> UpstreamAttempt:
        target, record = way.target, admitted.record
        handles = self._recheck(admitted, target)
        redaction = admitted.handles.policy.redaction
        stored = admitted.memory.values if admitted.memory else None
        vault = Vault(
            self._placeholder_key,
            _scope(admitted),
            redaction.types,
            stored,
            hints=redaction.hints,
            standing=admitted.request.texts,
        )
        redacted = _redact(admitted, vault)
        body = redacted if way.decision.redact else admitted.request.body
        digest = target.version.digest if target.version else None
        record.note(
            deployment=target.name,
            zone=target.zone.value,
            provider=target.provider.name,
            policies=list(way.decision.policies),
            model_digest=digest,
            attempt=number,
            redacted=vault.count if way.decision.redact else 0,
        )
        reservation = self._meter.reserve(
            admitted.principal, tokens=_token_estimate(body), price=target.price
        )
        try:
            departure = await handles.egress.write(
                target.provider.name, target.model, body, digest=digest
            )
            record.note(body_sha256=departure.written.digest)
            intent = record.entry(INTENT, time_ms=self._now_ms())
            keeping = self._keeper.with_intent(admitted, vault)
            await self._trail.record(intent, orjson.dumps(redacted), keeping)
            record.sent = self._clock()
            answered = await handles.egress.send(departure)
        except BaseException:
            self._meter.settle(reservation, Usage())
            raise
        return UpstreamAttempt(way, vault, reservation, answered)

    def _recheck(self, admitted: AdmittedRequest, target: Target) -> CompiledSnapshot:
        """Revocation and withdrawal reach a request that is under way.

        Raises:
            Unauthenticated: when the key was revoked or has expired.
            Denied: when the deployment was withdrawn.
        """
        handles = self._handles()
        if not handles.authenticator.is_still_valid(admitted.principal, now=self._wall()):
            raise Unauthenticated("This key was revoked or has expired.")
        if not handles.catalogue.serves(target):
            raise Denied("The deployment was withdrawn while the request was under way.")
        return handles

    async def _close(self, admitted: AdmittedRequest, answer: GovernedResponse | None) -> None:
        """Queues the entry before it first waits, so that a second cancel cannot lose it."""
        record, stored, keeping = admitted.record, None, None
        if answer is not None:
            answer.settle(self._meter)
            stored = answer.stored(self._scanner)
            keeping = self._keeper.with_close(admitted, answer.mentions)
        record.note(outcome=record.outcome, latency_ms=self._since(record))
        closing = record.entry(CLOSE, time_ms=self._now_ms(), whole=False)
        await self._trail.record(closing, stored, keeping)
        used = answer.used if answer else ResponseUsage()
        self._telemetry.finished(
            record.fields,
            started=record.started,
            sent=record.sent,
            first_chunk=used.first_chunk,
            chunks=used.chunks,
        )

    def _since(self, record: AuditRecord) -> int:
        return int((self._clock() - record.started) * 1000)

    def _now_ms(self) -> int:
        return int(self._wall() * 1000)


def _redact(admitted: AdmittedRequest, vault: Vault) -> dict[str, Any]:
    seen = admitted.scan.seen
    if not any(one.spans for one in seen.values()):
        return admitted.request.body

    def redact(text: str) -> str:
        known = seen.get(text)
        if known is None or not known.spans:
            return text
        return vault.redact(text, known.spans)

    fields = admitted.handles.policy.fields[admitted.request.surface]
    body, _ = fields.read(admitted.request.body, redact)
    return body


def _scope(admitted: AdmittedRequest) -> Scope:
    principal = admitted.principal
    return Scope(
        tenant=TENANT,
        key_id=principal.id,
        user=principal.id if principal.kind == "person" else "",
        conversation=admitted.conversation,
    )


def _token_estimate(body: dict[str, Any]) -> int:
    output = body.get("max_completion_tokens") or body.get("max_tokens") or _DEFAULT_OUTPUT_TOKENS
    return len(orjson.dumps(body["messages"])) // 3 + int(output) * int(body.get("n") or 1)


def _no_upstream(last: Refusal | None) -> Refusal:
    reason = f" {last.message}" if last else ""
    wait = (last.retry_after if last else None) or 5
    return NoUpstream(f"No allowed deployment could answer.{reason}", retry_after=wait)
