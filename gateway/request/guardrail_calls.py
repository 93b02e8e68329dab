"""One question to one guardrail: decided as for a deployment, recorded, asked within its time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.decision import Decision
from gateway.core.errors import InvalidRequest, UpstreamFailed, UpstreamFault
from gateway.core.level import Level, Zone
from gateway.core.system.off_loop import off_loop
from gateway.decisions import GuardrailVerdict
from gateway.dialects.base import ResponseParser
from gateway.egress import UpstreamRequest, WireRequest
from gateway.egress.guardrails import FORMATS, NO_VERDICT, GuardrailQuestion, GuardrailText
from gateway.evidence import INTENT, Entry
from gateway.request.context import AdmittedRequest
from gateway.request.services import Services
from gateway.request.target_decision import decided
from gateway.routing import Target

# Why a guardrail did not answer: it is not there, may not get the text, fails again and again, took
# too long, cannot be reached or used, or gave no verdict.
UNKNOWN, CLEARANCE, BREAKER = "unknown", "clearance", "breaker"
TIMEOUT, UNAVAILABLE, NONSENSE = "timeout", "unavailable", "no_verdict"
_ORDINARY = 16_384  # characters of a question that a guardrail answers in time
TextsFor = Callable[[Zone, Decision], Awaitable[Sequence[GuardrailText]]]


class GuardrailFailed(Exception):
    """There is no verdict, for a ``reason``; ``broken``: the guardrail is at fault."""

    def __init__(self, reason: str, *, broken: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.broken = broken


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked: ``texts`` gives them in the form that is allowed at ``level``.

    Texts that are ``unread`` go only to a guardrail that may get any text as it is.
    """

    name: str
    stage: str
    seconds: float
    level: Level
    texts: TextsFor
    unread: bool = False


class GuardrailCalls:
    """Asks guardrails."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def ask(
        self, admitted: AdmittedRequest, compiled: CompiledSnapshot, asking: Asking
    ) -> GuardrailVerdict | None:
        """The verdict; None where there is no text to ask about.

        Raises:
            GuardrailFailed: when there is none.
            Unavailable: when the departure cannot be put on record; nothing has left then.
        """
        target = compiled.catalogue.guardrail(asking.name)
        if target is None:
            raise GuardrailFailed(UNKNOWN)
        level = Level.RESTRICTED if asking.unread else asking.level
        decision = self._decision(admitted, compiled, target, level)
        if not decision.allowed:
            raise GuardrailFailed(CLEARANCE)
        if self._services.breakers.is_open(target):
            raise GuardrailFailed(BREAKER)
        texts = list(await asking.texts(target.zone, decision))
        if not texts:
            return None
        question = GuardrailQuestion(
            admitted.record.audit_id, asking.stage, admitted.record.language, texts
        )
        size = sum(len(one.text) for one in texts)
        form = FORMATS[target.provider.kind]
        written, parser = await off_loop(size, form.write, question, target.model)
        try:
            verdict = await self._answer(
                admitted, compiled, target, asking, decision, (written, parser)
            )
        except GuardrailFailed as failure:
            if failure.broken and size <= _ORDINARY:  # no long text of one caller opens it for all
                self._services.breakers.failed(target)
            raise
        self._services.breakers.succeeded(target)
        return verdict

    def gets_all(self, admitted: AdmittedRequest, compiled: CompiledSnapshot, name: str) -> bool:
        """Whether a guardrail may get any text as it is, so that none has to be read before."""
        target = compiled.catalogue.guardrail(name)
        if target is None:
            return True
        decision = self._decision(admitted, compiled, target, Level.RESTRICTED)
        return decision.allowed and not decision.redact

    def _decision(
        self, admitted: AdmittedRequest, compiled: CompiledSnapshot, target: Target, level: Level
    ) -> Decision:
        """As for a deployment: what keeps the request inside keeps it from a guardrail outside."""
        refused = Decision(allowed=False, redact=False, policies=(), bundle="", errors=())
        if admitted.kept_inside and target.zone is not Zone.INTERNAL:
            return refused
        return decided(
            admitted.compiled,
            target,
            target.cleared_at(self._services.wall()),
            admitted.principal,
            level=level,
            purpose=admitted.purpose,
            case=compiled.use_cases.get(admitted.purpose),
        )

    async def _answer(
        self,
        admitted: AdmittedRequest,
        compiled: CompiledSnapshot,
        target: Target,
        asking: Asking,
        decision: Decision,
        written: tuple[WireRequest, ResponseParser],
    ) -> GuardrailVerdict:
        egress, clock = compiled.egress, self._services.clock
        began = clock()
        try:
            async with asyncio.timeout(asking.seconds):
                departure = egress.prepared(target.provider.name, *written, target.timeouts)
                way = await egress.route(departure)
            spent = clock() - began
            await self._record(admitted, target, asking, decision, departure, way)
            async with asyncio.timeout(max(0.0, asking.seconds - spent)):
                return await _verdict_of(compiled, departure)
        except TimeoutError as error:
            raise GuardrailFailed(TIMEOUT, broken=True) from error
        except InvalidRequest as error:  # it refuses this question
            raise GuardrailFailed(UNAVAILABLE) from error
        except UpstreamFailed as error:
            reason = {NO_VERDICT: NONSENSE, "upstream_timeout": TIMEOUT}.get(error.code)
            broken = error.fault is UpstreamFault.OUTAGE
            raise GuardrailFailed(reason or UNAVAILABLE, broken=broken) from error

    async def _record(
        self,
        admitted: AdmittedRequest,
        target: Target,
        asking: Asking,
        decision: Decision,
        departure: UpstreamRequest,
        way: dict[str, str],
    ) -> None:
        """Durable when it returns: a departure of its own, which leaves the request's as it is."""
        record, provider = admitted.record, target.provider
        fields = {
            **record.fields,
            "level": asking.level.label,
            "guardrail": f"{asking.name}/{asking.stage}",
            "deployment": target.name,
            "zone": target.zone.value,
            "provider": provider.name,
            "policies": list(decision.policies),
            "body_sha256": departure.written.digest,
            "attempt": 1,
            **dict.fromkeys(_OF_THE_MODEL),
            **way,
        }
        index = {**record.fields, "deployment": target.name, "zone": target.zone.value}
        await self._services.trail.record(
            Entry(
                event=INTENT,
                request=record.audit_id,
                time=self._services.now_ms(),
                fields=fields,
                index=index,
                bundle=record.bundle,
                subject=record.subject,
            )
        )


_OF_THE_MODEL = (
    "model_digest",
    "model_version",
    "model_proof",
    "model_until",
    "redacted",
    "rerouted",
    "proxy",
    "certificate",
)


async def _verdict_of(compiled: CompiledSnapshot, departure: UpstreamRequest) -> GuardrailVerdict:
    answered = await compiled.egress.send(departure)
    with answered:
        return GuardrailVerdict(**await answered.whole())
