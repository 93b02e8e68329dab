"""What detectors and content rules say of texts that go nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.classifiers.limits import unread_by
from gateway.classifiers.protocol import content_of
from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import Unavailable
from gateway.core.finding import Finding
from gateway.core.level import Level
from gateway.core.origin import Origin
from gateway.core.principal import Principal
from gateway.core.system.off_loop import off_loop
from gateway.decisions import AnswerTo, ContentRules
from gateway.request.content import about
from gateway.request.context import AuditRecord, IncomingRequest
from gateway.request.scanner import NAMES
from gateway.request.services import Services
from gateway.request.steps import purpose_of


@dataclass(frozen=True, slots=True)
class JudgedText:
    """The rules that match a text, and the probabilities of categories that the classifier found.

    ``refuses``: the gateway would refuse a request, or end an answer, with it.
    """

    rules: tuple[str, ...]
    found: Mapping[str, float]
    categories: frozenset[str]
    refuses: bool


class SingleTexts:
    """Looks at texts for endpoints from which nothing departs."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def findings(
        self, text: str, compiled: CompiledSnapshot, principal: Principal, record: AuditRecord
    ) -> tuple[Finding, ...]:
        """Findings in one text, by all tiers; why it was not read goes on record.

        A text on which a rule failed is unread, so it has the level of unread content.

        Raises:
            Unavailable: when the text could not be scanned in time; no partial result is given.
        """
        scanner = self._services.scanner
        batch = await scanner.scan_all([text], compiled.policy, owner=principal.id, judged=())
        if batch.unread:
            raise self._unread(batch.unread, record)
        findings = batch.scans[text].findings
        if reason := unread_by({one.type for one in findings}):
            self._services.telemetry.unread(reason)
            record.note(unread_reason=reason)
        return findings

    async def judged(
        self,
        texts: Sequence[str],
        compiled: CompiledSnapshot,
        principal: Principal,
        incoming: IncomingRequest,
    ) -> list[JudgedText]:
        """What the content rules say of each text, as what a user says and as an answer.

        Raises:
            Refusal: when the purpose is not the caller's.
            Unavailable: when the classifier did not read all of them in time.
        """
        purpose, case = purpose_of(compiled, principal, incoming.headers)
        level = max(principal.floor, Level.parse(case.floor) if case else Level.PUBLIC)
        scanner, policy = self._services.scanner, compiled.policy
        read = await scanner.classified(texts, policy, owner=principal.id)
        if read.unread:
            raise self._unread(read.unread, incoming.record)
        answer = AnswerTo(about(principal, purpose, level), secrets=scanner.secrets_in)
        made = []
        for text, entities in zip(texts, read.entities, strict=True):
            found = content_of(entities or ())
            fired = await off_loop(len(text), policy.content_rules, text, found)
            ended = await off_loop(len(text), _on_output, policy.content, answer, text)
            made.append(_judged(policy.content, answer, {*fired}, ended, found))
        return made

    def _unread(self, reason: str, record: AuditRecord) -> Unavailable:
        self._services.telemetry.unread(reason)
        record.note(failed=[NAMES], unread_reason=reason)
        return Unavailable(f"The text could not be read ({reason}); try again.", retry_after=5)


def _on_output(content: ContentRules, answer: AnswerTo, text: str) -> set[str]:
    guard = content.guard(answer)
    guard.feed(text)
    guard.finish()
    return set(guard.fired)


def _judged(
    content: ContentRules,
    answer: AnswerTo,
    fired: set[str],
    ended: set[str],
    found: Mapping[str, float],
) -> JudgedText:
    asked = answer.request
    matched = ended | {
        rule
        for rule in fired
        if content.at(rule, (Origin.NEWEST,)) and (asked is None or content.about(rule, asked))
    }
    rules = tuple(rule for rule in content.rules if rule in matched and not content.monitors(rule))
    categories = frozenset(
        name
        for rule in rules
        for name in content.rules[rule].categories
        if found.get(name, 0.0) >= (content.rules[rule].threshold or 0.0) and name in found
    )
    return JudgedText(rules, found, categories, any(map(content.refuses, rules)))
