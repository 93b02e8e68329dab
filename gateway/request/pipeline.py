"""One request, top to bottom.

 1 open          the record, in memory: from here every outcome becomes an entry
 2 authenticate  the credential becomes a principal
 3 admit         rate and size, before anything costly
 4 compose       the stored conversation before the body; a clean body: every field checked,
                 dropped, pinned or refused; files as their text
 5 classify      every text: what it holds, and so how sensitive the request is
 6 decide        for each candidate deployment: whether it may receive the request, in which form
 7 route         the allowed candidates in order; with an Idempotency-Key the stored answer to a
                 repetition, else a claim; then for each attempt:
   a redact      for that deployment
   b reserve     tokens and money
   c intent      a durable entry with the digest of the exact bytes
   d call        through egress, the only way out
 8 inspect       the answer as it comes: rules, and placeholders back to values
 9 settle, close what was used, and the closing entry: always, also after a failure or a cancel

``admit`` is 1 to 7: until it returns nothing has left. ``answer`` is 7a to 9, a context manager:
when it is left, the closing entry is durable and the last event may be released. Before 7a it asks
the guardrails of content rules, each a departure with its own intent. Steps 4 to 6 are in
``steps``, 7a to 7d in ``departure``, 8 in ``response``.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import InvalidRequest, Refusal, Unavailable
from gateway.core.principal import Principal
from gateway.evidence import CLOSE, SealedAnswer
from gateway.identity import ON_BEHALF_OF, NoRights, narrowed
from gateway.limits import Rooms
from gateway.request.caller import check_evaluation
from gateway.request.content import in_scope, refuse_forbidden_content
from gateway.request.context import (
    AdmittedRequest,
    AuditRecord,
    Candidate,
    IncomingRequest,
    Once,
    ParsedRequest,
    RequestScan,
)
from gateway.request.departure import Departures, scope_of
from gateway.request.evaluated import noted_request
from gateway.request.guardrails import Guardrails
from gateway.request.idempotency import REPLAY, GivenAnswer
from gateway.request.reported_models import ReportedModels
from gateway.request.response import GovernedResponse
from gateway.request.response_history import without_secrets
from gateway.request.rule_zones import with_redactions, zone_bounds
from gateway.request.sealed_index import issuer_of
from gateway.request.services import Services
from gateway.request.single_texts import SingleTexts
from gateway.request.steps import (
    CONVERSATION,
    check_use_case,
    classify,
    conversation_of,
    decide,
    internal_only_reason,
    level_of,
    model_on_record,
    parse_request,
    purpose_of,
    record_findings,
)
from gateway.request.watching import Watch
from gateway.telemetry import Telemetry
from gateway.telemetry.timeline import CLASSIFY, COMPOSE, DECIDE, INSPECT, RECORD

_INLINE_BYTES = 65_536


class Pipeline:
    """Governs requests. One instance a process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._departures = Departures(services)
        self._guardrails = Guardrails(services, self._departures)
        self.texts = SingleTexts(services)
        self._reported = ReportedModels(services.trail, services.now_ms)

    @property
    def telemetry(self) -> Telemetry:
        """What counts the requests."""
        return self._services.telemetry

    async def admit(self, incoming: IncomingRequest) -> AdmittedRequest:
        """Steps 1 to 7.

        Raises:
            Refusal: after it is durable in the trail.
        """
        record, services = incoming.record, self._services
        try:
            compiled, status = services.usable()
            record.bundle = compiled.policy.digest
            record.timeline.operation = incoming.dialect.operation
            principal = self.authenticate(compiled, incoming)
            record.limits = await self._metered(principal, incoming.dialect.name)
            data = await incoming.read()
            once = await services.idempotency.asked(incoming, principal, data)
            purpose, case = purpose_of(compiled, principal, incoming.headers)
            data, turn = await services.history.opened(
                compiled, incoming, data, principal=principal, purpose=purpose
            )
            request = await self._parse(compiled, incoming, data)
            record.note(purpose=purpose, **await noted_request(principal, data))
            now = services.wall()
            if check_use_case(compiled, case, record, now=now):
                services.telemetry.overdue(purpose)
            if request.documents:
                request = await services.documents.as_text(request)
            record.note(dropped=request.dropped)
            scan = await self._classified(compiled, request, record, owner=principal.id)
            level = level_of(scan, principal, case, incoming.headers)
            if turn is not None:
                level, turn = max(level, turn.level), without_secrets(turn, scan)
                record.note(continues=turn.response.previous, stored_hours=turn.stored_hours)
            scan = in_scope(compiled, scan, principal, purpose, level)
            scan = await with_redactions(compiled.policy, scan, request, services.scanner)
            record_findings(record, request, scan, level)
            refuse_forbidden_content(compiled, request, scan, incoming.headers)
            internal_only = internal_only_reason(compiled, request, scan, level, status)
            bounds = zone_bounds(compiled, request, scan, internal_only, incoming.headers)
            candidates, rerouted = decide(
                compiled, principal, request, scan, bounds, level=level, case=case, now=now
            )
            record.note(rerouted=rerouted, kept_inside=list(internal_only))
            record.timeline.lap(DECIDE)
        except BaseException as error:  # a refusal, a cancel or a fault: each is an outcome
            await self.refused(record, error)
            raise
        return AdmittedRequest(
            record=record,
            compiled=compiled,
            principal=principal,
            conversation=conversation_of(incoming, request),
            request=request,
            scan=scan,
            level=level,
            candidates=self._route(candidates),
            named=bool(incoming.headers.get(CONVERSATION)),
            purpose=purpose,
            once=once,
            turn=turn,
        )

    async def repeated(self, admitted: AdmittedRequest, once: Once) -> GivenAnswer | None:
        """The stored answer to a repeated request, which is on record; None for a first request.

        A first request holds the claim on its key, and is answered within ``claimed``.

        Raises:
            Refusal: after it is durable in the trail.
        """
        record, services = admitted.record, self._services
        try:
            given = await services.idempotency.begin(once)
            if given is None:
                return None
            stops = self._departures.recheck(admitted).stops
            stops.check_deployment(str(given.facts["deployment"]))
        except BaseException as error:
            await self.refused(record, error)
            raise
        record.note(**given.facts)
        record.note(replay_of=given.of)
        record.note_end("ok")
        await services.trail.record(record.entry(REPLAY, time_ms=services.now_ms()))
        return given

    def claimed(self, once: Once) -> AbstractAsyncContextManager[None]:
        """Holds the claim of a first request; without an answer that is stored it is freed."""
        return self._services.idempotency.held(once)

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
            with Watch(lambda: self._departures.recheck(admitted)):
                await self._guardrails.check_request(admitted)
                attempt = await self._departures.first_answer(admitted)
                target = attempt.candidate.target
                with attempt.answered:
                    answer = GovernedResponse(
                        admitted,
                        attempt,
                        mask=lambda: self._services.scanner.mask(
                            admitted.request.texts, admitted.compiled.policy, attempt.vault
                        ),
                        secrets=self._services.scanner.secrets_in,
                        check=self._guardrails.of_answer(admitted),
                    )
                    yield answer
            self._services.breakers.succeeded(target)
            await self._reported.note(target, answer.reported)
            if answer.sealed:
                scope = scope_of(admitted).digest()
                self._services.sealed.add(answer.sealed, scope=scope, issuer=issuer_of(target))
            if admitted.keeps:
                admitted.kept = await asyncio.to_thread(self._sealed, admitted, answer)
        except Refusal as refusal:
            record.outcome = refusal.outcome
            if refusal.rules:
                record.note(refused_by=list(refusal.rules))
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
        record, services = incoming.record, self._services
        try:
            compiled, _ = services.usable()
            record.bundle = compiled.policy.digest
            principal = self.authenticate(compiled, incoming)
            record.limits = await self._metered(principal, event)
            yield compiled, principal
        except BaseException as error:
            await self.refused(record, error)
            raise
        record.note_end("ok")
        await services.trail.record(record.entry(event, time_ms=services.now_ms()))

    async def refused(self, record: AuditRecord, error: BaseException) -> None:
        """Puts the end of a request that was not admitted on record, before its answer.

        Raises:
            Unavailable: when the trail cannot be written.
        """
        if isinstance(error, Refusal):
            outcome, rules = error.outcome, list(error.rules)
        else:
            cancelled = isinstance(error, asyncio.CancelledError)
            outcome, rules = "client_closed" if cancelled else "internal_error", []
        record.note(refused_by=rules)
        record.note_end(outcome)
        await self._services.refusal_log.record(record)
        self._services.telemetry.refused(record.timeline, outcome)
        self._services.telemetry.monitored(record.fields)

    def authenticate(self, compiled: CompiledSnapshot, incoming: IncomingRequest) -> Principal:
        """Step 2; puts the principal, and the user behind it, on record under their pseudonyms.

        Raises:
            Denied: when the caller, or the user behind it, may use nothing here, or the key may not
                be used from the address of the connection.
            Stopped: when the key was stopped.
            InvalidRequest: when x-sluis-user is malformed, or comes with a proven user.
            Unauthenticated: when a credential is not good.
        """
        authenticator, record = compiled.authenticator, incoming.record
        try:
            principal = authenticator.authenticate(incoming.credential, now=self._services.wall())
        except NoRights as refusal:
            record.subject = refusal.principal
            record.note(principal=refusal.principal, principal_kind=refusal.kind, team=None)
            raise
        record.subject = principal.id
        record.note(
            principal=authenticator.recorded_id(principal),
            principal_kind=principal.kind,
            team=principal.team,
        )
        compiled.stops.check_key(principal)
        authenticator.check_network(principal, record.client[0] if record.client else None)
        named, token = incoming.headers.get("x-sluis-user"), incoming.headers.get(ON_BEHALF_OF)
        if token is not None:
            if named is not None:
                raise InvalidRequest(
                    f"Send x-sluis-user or {ON_BEHALF_OF}, not both: the token names the user.",
                    param="x-sluis-user",
                )
            return self._on_behalf_of(token, principal, compiled, record)
        if named is not None:
            record.note(asserted_user=authenticator.asserted_user_of(named, by=principal))
        return principal

    async def _metered(self, principal: Principal, endpoint: str) -> Rooms:
        """Step 3, on an endpoint that the principal may use."""
        check_evaluation(principal, endpoint)
        return await self._services.meter.admit(principal)

    def _on_behalf_of(
        self, token: str, application: Principal, compiled: CompiledSnapshot, record: AuditRecord
    ) -> Principal:
        """The application with the rights that its user has too; the user is on record."""
        try:
            user = compiled.authenticator.proven_user_of(
                token, by=application, now=self._services.wall()
            )
        except NoRights as refusal:
            record.note(on_behalf_of=refusal.principal)
            raise
        record.subject = user.id  # stored bodies are those of the user
        record.note(on_behalf_of=user.id)
        return narrowed(application, user)

    async def _parse(
        self, compiled: CompiledSnapshot, incoming: IncomingRequest, data: bytes
    ) -> ParsedRequest:
        """Step 4, with the model on record; a large body is read beside the event loop."""
        dialect, headers, record = incoming.dialect, incoming.headers, incoming.record
        if len(data) < _INLINE_BYTES:
            request = parse_request(compiled, dialect, data, headers)
        else:
            request = await asyncio.to_thread(parse_request, compiled, dialect, data, headers)
        name = request.facts.model
        record.timeline.model = name if compiled.catalogue.offers(name) else ""  # no caller's text
        record.note(model=model_on_record(compiled, self._services.scanner, name))
        return request

    async def _classified(
        self, compiled: CompiledSnapshot, request: ParsedRequest, record: AuditRecord, *, owner: str
    ) -> RequestScan:
        """Step 5."""
        record.timeline.lap(COMPOSE)
        scan = await classify(self._services.scanner, compiled, request, owner=owner)
        record.timeline.lap(CLASSIFY)
        if scan.unread:
            self._services.telemetry.unread(scan.unread)
        return scan

    def _route(self, candidates: list[Candidate]) -> list[Candidate]:
        by_name = {candidate.target.name: candidate for candidate in candidates}
        ordered = self._services.breakers.order([one.target for one in candidates])
        return [by_name[target.name] for target in ordered]

    def _sealed(
        self, admitted: AdmittedRequest, answer: GovernedResponse
    ) -> tuple[SealedAnswer, ...]:
        """What is stored of the answer: to be given again, and as a conversation."""
        services, once, turn = self._services, admitted.once, admitted.turn
        given: list[SealedAnswer] = []
        if once is not None and answer.fits:
            given.append(services.idempotency.seal(once, admitted, answer))
            once.sealed = True
        if turn is not None and turn.keeps:
            given.append(services.history.seal(turn, admitted, answer))
        return tuple(given)

    async def _close(self, admitted: AdmittedRequest, answer: GovernedResponse | None) -> None:
        """Queues the entry before a second cancel can lose it."""
        services, record, stored, values = self._services, admitted.record, None, None
        settled = answer.settle(services.meter) if answer is not None else None
        if answer is not None:
            stored = await answer.stored(services.scanner)  # a cancel waits for it
            values = services.conversations.with_close(admitted, answer.mentions)
        record.timeline.lap(INSPECT)
        record.note_end(record.outcome)
        if admitted.purpose:  # what was spent for it is read from the closing entries
            record.note(purpose=admitted.purpose)
        closing = record.entry(CLOSE, time_ms=services.now_ms(), whole=False)
        outcome = Unavailable.code  # unless its end can be written
        try:
            await services.trail.record(closing, stored, values)
            outcome = record.outcome
        finally:
            record.timeline.lap(RECORD)
            services.telemetry.finished(record.timeline, record.fields, outcome=outcome)
            services.telemetry.monitored(record.fields)
        if settled is not None:
            await services.meter.settled(settled)
        once = admitted.once
        unstored = once is not None and once.sealed and services.trail.degraded
        if once is not None:
            once.finished = once.sealed and not unstored
        if unstored:
            raise Unavailable(
                "The answer cannot be stored now, so it is not given under an Idempotency-Key. "
                "Try again shortly.",
                retry_after=5,
            )
