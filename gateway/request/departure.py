"""Steps 7a to 7d: one body to one upstream, recorded before its first byte leaves."""

from collections.abc import Mapping, Sequence

import msgspec
import orjson

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import (
    Denied,
    NoUpstream,
    QuotaExceeded,
    Refusal,
    Stopping,
    Unauthenticated,
    UpstreamFailed,
    UpstreamFault,
    UpstreamLimited,
)
from gateway.core.fields import dotted, without
from gateway.core.level import Zone
from gateway.core.pseudonym import pseudonym
from gateway.core.snapshot import TENANT, Timeouts
from gateway.core.system.off_loop import off_loop
from gateway.core.usage import Usage
from gateway.dialects.base import Body, Dialect
from gateway.egress import UpstreamRequest, UpstreamResponse
from gateway.evidence import INTENT
from gateway.privacy import Scope, Vault
from gateway.request.body_texts import redacted
from gateway.request.caller import user_of
from gateway.request.context import AdmittedRequest, Candidate, UpstreamAttempt
from gateway.request.rule_zones import rules_at, scans_at
from gateway.request.sealed_index import issuer_of
from gateway.request.services import Services
from gateway.routing import DIGEST, NAME, Target
from gateway.telemetry import Destination, destination_of
from gateway.telemetry.timeline import RECORD, REDACT

_CHAT = "chat"
# Warnings about the version of a model.
MODEL_UNPROVEN, MODEL_DEPRECATED = "model_unproven", "model_deprecated"
APPROVAL_ENDED = "model_approval_ended"
UNLISTED = "stated"  # the engine does not list its names, so nothing but the registry says so
_RETRY_ELSEWHERE_S = 1  # another gateway, or the next one, takes it
_A_VALUE = 256  # characters that take as long to search as a stored value


class Departures:
    """Sends admitted requests to their candidates."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def first_answer(self, admitted: AdmittedRequest) -> UpstreamAttempt:
        """Tries the candidates in order until one answers.

        Raises:
            Refusal: when none does; of an exhausted budget rather than of an outage.
        """
        services = self._services
        await self.recall(admitted)
        failures: list[Refusal] = []
        rerouted, failed = "", list[str]()
        last = len(admitted.candidates)
        for number, candidate in enumerate(admitted.candidates, start=1):
            try:
                return await self._attempt(admitted, candidate, number)
            except UpstreamFailed as failure:
                if failure.fault is UpstreamFault.OUTAGE:  # no breaker heals another one
                    services.breakers.failed(candidate.target)
                rerouted = "unavailable"
                failures.append(failure)
            except QuotaExceeded as exhausted:
                rerouted = "budget"
                failures.append(exhausted)
            name, code = candidate.target.name, failures[-1].code
            if number < last:
                services.telemetry.failed_over(name, code)
            failed.append(f"{name}: {code}")
            admitted.record.note(rerouted=rerouted, failed_attempts=failed)
        raise _refusal_after(failures)

    async def recall(self, admitted: AdmittedRequest) -> None:
        """Reads what the conversation has stored, once."""
        if admitted.named and admitted.conversation_values is None:
            admitted.conversation_values = await self._services.conversations.recall(
                admitted, scope_of(admitted)
            )

    def recheck(self, admitted: AdmittedRequest) -> CompiledSnapshot:
        """The snapshot in use now: revocation, withdrawal and stops reach a request under way.

        Raises:
            Stopping: when this process stops and its time to drain is over.
            Unauthenticated: when the key or sign-on was revoked or has expired.
            Stopped: when what the request uses was stopped.
            Denied: when the deployment was withdrawn.
        """
        if self._services.drained():
            raise Stopping(
                "This gateway is stopping and the answer took too long; ask again.",
                retry_after=_RETRY_ELSEWHERE_S,
            )
        target = admitted.target
        compiled = self._services.compiled()
        if not compiled.authenticator.is_still_valid(admitted.principal, now=self._services.wall()):
            raise Unauthenticated("This key or sign-on was revoked, blocked or has expired.")
        stops = compiled.stops
        stops.check_key(admitted.principal)
        stops.check_use_case(admitted.purpose)
        stops.check_model(admitted.request.facts.model)
        if target is None:
            return compiled
        stops.check_deployment(target.name)
        if not compiled.catalogue.serves(target):
            raise Denied("The deployment was withdrawn while the request was under way.")
        return compiled

    async def _attempt(
        self, admitted: AdmittedRequest, candidate: Candidate, number: int
    ) -> UpstreamAttempt:
        target, request = candidate.target, admitted.request
        admitted.target = target
        compiled = self.recheck(admitted)
        vault = self.vault(admitted)
        clean = await off_loop(_work_of(admitted), _redact, admitted, vault, target.zone)
        body = clean if candidate.decision.redact else request.body
        body = self._for_target(admitted, body, target)
        if target.provider.is_openai and request.dialect.operation == _CHAT:
            key = scope_of(admitted).cache_key(self._services.placeholder_key, request.cache_key)
            body = for_openai(body, key)
        body = _under_its_name(compiled, request.facts.model, body, target)
        _note(admitted, candidate, number, redacted=vault.count if candidate.decision.redact else 0)
        _note_version(admitted, target, self._services.wall())
        tokens = tokens_of(request.dialect, body) + request.facts.most_output
        reservation = await self._services.meter.reserve(
            admitted.principal,
            tokens=tokens,
            price=target.price,
            models=(request.facts.model, target.name),
            use_case=admitted.purpose,
        )
        admitted.record.limits.update(reservation.limits)
        try:
            departure = await compiled.egress.write(
                target.provider.name,
                target.model,
                body,
                dialect=request.dialect,
                digest=target.digest if target.proof == DIGEST else None,
                timeouts=_timeouts(target, streams=request.facts.streams),
                caller=self._turn_of(admitted) if target.proof == DIGEST else "",
            )
            _note_way(admitted, await compiled.egress.route(departure))
            if target.proof == NAME and not await compiled.egress.lists(departure, target.model):
                admitted.record.note(model_proof=UNLISTED)
            admitted.record.timeline.lap(REDACT)
            await self._record_intent(admitted, departure, vault, clean)
            answered = await self._answered(admitted, departure, compiled)
        except BaseException:
            self._services.meter.settle(reservation, Usage())
            raise
        return UpstreamAttempt(candidate, vault, reservation, answered)

    async def _answered(
        self, admitted: AdmittedRequest, departure: UpstreamRequest, compiled: CompiledSnapshot
    ) -> UpstreamResponse:
        """The answer; of a stream its first event has come."""
        timeline = admitted.record.timeline
        try:
            answered = await compiled.egress.send(departure)
            if admitted.request.facts.streams:
                try:
                    await answered.begin()
                except BaseException:
                    answered.close()
                    raise
                timeline.begun()
        except Refusal as refusal:
            timeline.answered(refusal.code)
            raise
        return answered

    async def _record_intent(
        self, admitted: AdmittedRequest, departure: UpstreamRequest, vault: Vault, clean: Body
    ) -> None:
        """Durable when it returns, with the digest of the exact bytes that leave."""
        services, record = self._services, admitted.record
        record.note(body_sha256=departure.written.digest)
        intent = record.entry(INTENT, time_ms=services.now_ms())
        stored = orjson.dumps(without(clean, [place.path for place in admitted.request.sealed]))
        values = services.conversations.with_intent(admitted, vault)
        await services.trail.record(intent, stored, values)
        record.timeline.lap(RECORD)
        if admitted.target is not None:
            record.timeline.depart(_destination(admitted.target))

    def _turn_of(self, admitted: AdmittedRequest) -> str:
        """The pseudonym of the caller by which a worker shares its time between callers."""
        principal = admitted.principal
        return pseudonym(
            self._services.placeholder_key, "worker-turn", f"{principal.id} {user_of(principal)}"
        )

    def vault(self, admitted: AdmittedRequest) -> Vault:
        """A vault for the values of one departure."""
        redaction = admitted.compiled.policy.redaction
        stored = admitted.conversation_values
        return Vault(
            self._services.placeholder_key,
            scope_of(admitted),
            redaction.types,
            stored.values if stored else None,
            hints=redaction.hints,
            standing=admitted.request.texts,
        )

    def _for_target(self, admitted: AdmittedRequest, body: Body, target: Target) -> Body:
        """The body without the fields and sealed blocks that this deployment may not get."""
        request = admitted.request
        if not request.sealed and not request.internal:
            return body
        scope = scope_of(admitted).digest()
        left_out = self._services.sealed.foreign(
            body, request.sealed, scope=scope, issuer=issuer_of(target)
        )
        if target.zone is not Zone.INTERNAL:
            left_out += request.internal
        admitted.record.note(dropped=[*request.dropped, *map(dotted, left_out)])
        clean: Body = without(body, left_out)
        return clean


def _destination(target: Target) -> Destination:
    provider = target.provider
    return destination_of(provider.kind, provider.base_url, target.model, target.name)


def tokens_of(dialect: Dialect, body: Body) -> int:
    """The tokens of the input, estimated from its size: rather too many than too few."""
    return dialect.input_size(body) // 3


def scope_of(admitted: AdmittedRequest) -> Scope:
    """The conversation within which placeholders and sealed blocks mean something."""
    principal = admitted.principal
    return Scope(
        tenant=TENANT,
        key_id=principal.id,
        user=user_of(principal),
        conversation=admitted.conversation,
    )


def for_openai(body: Body, cache_key: str) -> Body:
    """The body with what OpenAI does by itself unless it is asked otherwise.

    ``cache_key`` finds its cache. Without ``store`` it keeps responses, and chat completions of
    newer accounts.

    Source: OpenAI, "Migrate to the Responses API", and "Prompt caching".
    """
    return {**body, "prompt_cache_key": cache_key, "store": False}


def _under_its_name(compiled: CompiledSnapshot, asked: str, body: Body, target: Target) -> Body:
    """The body for another deployment than the one that was named: the answer names that one."""
    if asked == target.name or not compiled.catalogue.is_deployment(asked):
        return body
    return {**body, "model": target.name}


def _timeouts(target: Target, *, streams: bool) -> Timeouts:
    """Those of the deployment; a whole answer has no first token of its own."""
    if streams or target.timeouts.first_token is None:
        return target.timeouts
    return msgspec.structs.replace(target.timeouts, first_token=None)


def _note(admitted: AdmittedRequest, candidate: Candidate, number: int, *, redacted: int) -> None:
    target = candidate.target
    content = admitted.compiled.policy.content
    rules, monitored = rules_at(content, admitted.scan, target.zone)
    admitted.record.note(
        deployment=target.name,
        zone=target.zone.value,
        provider=target.provider.name,
        policies=list(candidate.decision.policies),
        rules=rules,
        monitored=monitored,
        model_digest=target.digest,
        attempt=number,
        redacted=redacted,
    )


def _note_version(admitted: AdmittedRequest, target: Target, now: float) -> None:
    """The registered version, what proves it, and its end."""
    version, record = target.version, admitted.record
    if version or target.proof or "model_proof" in record.fields:
        record.note(
            model_version=f"{version.name}@{version.version}" if version else None,
            model_proof=target.proof or None,
            model_until=(version.until or None) if version else None,
        )
    about = {
        MODEL_UNPROVEN: target.is_unproven,
        MODEL_DEPRECATED: version is not None and bool(version.until),
        APPROVAL_ENDED: target.approval_ended_at(now),
    }
    before = [one for one in str(record.fields.get("warning") or "").split(",") if one]
    wanted = [one for one in before if one not in about] + [one for one in about if about[one]]
    if wanted != before:
        record.note(warning=",".join(wanted) or None)


def _note_way(admitted: AdmittedRequest, way: Mapping[str, str]) -> None:
    """The proxy and the certificate, also when an attempt before went through one."""
    if way or "proxy" in admitted.record.fields:
        admitted.record.note(**{"proxy": None, "certificate": None, **way})


def _work_of(admitted: AdmittedRequest) -> int:
    """The size of redaction: characters, and each stored value as if it were some."""
    stored = admitted.conversation_values
    values = len(stored.values) if stored else 0
    return sum(map(len, admitted.request.texts)) + _A_VALUE * values


def _redact(admitted: AdmittedRequest, vault: Vault, zone: Zone) -> Body:
    """The body without personal data, and without what content rules take out for a zone."""
    request, stored = admitted.request, admitted.conversation_values
    policy = admitted.compiled.policy
    return redacted(
        request.body,
        policy.fields[request.dialect.name],
        scans_at(policy.content, admitted.scan, zone),
        vault,
        stored.values.values() if stored else (),
        request.by_model,
    )


def _refusal_after(failures: Sequence[Refusal]) -> Refusal:
    """What the caller learns when every candidate failed: the last failure that time heals."""
    healing = [one for one in failures if not _is_for_operator(one)]
    last = (healing or failures)[-1]
    if isinstance(last, QuotaExceeded):
        return last
    message = f"No allowed deployment could answer. {last.message}"
    if healing and all(map(_is_limit, healing)):  # as the provider said it, so that clients wait
        waits = [one.retry_after for one in healing if one.retry_after is not None]
        return UpstreamLimited(message, retry_after=min(waits, default=None))
    if not healing:
        return NoUpstream(f"{message} Only an operator of this gateway can mend that.")
    return NoUpstream(message, retry_after=last.retry_after or 5)


def _is_limit(failure: Refusal) -> bool:
    return isinstance(failure, UpstreamFailed) and failure.fault is UpstreamFault.LIMIT


def _is_for_operator(failure: Refusal) -> bool:
    return isinstance(failure, UpstreamFailed) and failure.fault is UpstreamFault.OPERATOR
