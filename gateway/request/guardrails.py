"""Content rules that ask a guardrail: what is asked, which rules match, and what a failure does.

A request is checked before it departs, an answer when it is whole. A guardrail that does not answer
well acts by ``on_failure`` of the rule, within the failure table.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from msgspec.structs import replace

from gateway.core.decision import Decision
from gateway.core.errors import Denied, GuardrailUnavailable, InvalidRequest, Refusal
from gateway.core.finding import is_unread
from gateway.core.level import Level, Zone
from gateway.core.origin import Origin
from gateway.core.system.off_loop import off_loop
from gateway.decisions import (
    GUARDRAILS,
    Action,
    Circumstances,
    ContentRule,
    GuardrailCheck,
    GuardrailVerdict,
    LackingScore,
)
from gateway.egress.guardrails import GuardrailText
from gateway.privacy import Vault, level_of
from gateway.request.content import about
from gateway.request.context import AdmittedRequest
from gateway.request.departure import Departures
from gateway.request.guardrail_calls import (
    CLEARANCE,
    NONSENSE,
    UNKNOWN,
    Asking,
    GuardrailCalls,
    GuardrailFailed,
    TextsFor,
)
from gateway.request.guardrail_texts import texts_of_answer, texts_of_request
from gateway.request.rule_zones import is_redacted_at
from gateway.request.services import Services
from gateway.request.text_scanner import TextScan
from gateway.telemetry.timeline import GUARDRAIL, INSPECT

INPUT, OUTPUT = "input", "output"
UNCHECKED = "guardrail_unchecked"  # a warning: a rule could not be checked, and policy allows that
UNREAD, TOO_LONG = "unread", "too_long"  # why an answer is not sent to a guardrail
_TEXTS = {
    "input": {
        "en": "A content policy refuses this request ({rule}): {reason}",
        "nl": "Een inhoudsregel weigert dit verzoek ({rule}): {reason}",
    },
    "output": {
        "en": "A content policy withholds the answer ({rule}): {reason}",
        "nl": "Een inhoudsregel houdt het antwoord tegen ({rule}): {reason}",
    },
    "failed": {
        "en": "The content rule '{rule}' could not be checked ({reason}), and policy does not let "
        "text pass unchecked.",
        "nl": "De inhoudsregel '{rule}' kon niet worden gecontroleerd ({reason}), en het beleid "
        "laat tekst niet ongecontroleerd door.",
    },
    "streamed": {
        "en": "The content rule '{rule}' judges whole answers. Ask without 'stream'.",
        "nl": "De inhoudsregel '{rule}' beoordeelt hele antwoorden. Vraag zonder 'stream'.",
    },
}
_LASTING = frozenset({UNKNOWN, CLEARANCE})  # failures that time does not heal
_Said: TypeAlias = GuardrailVerdict | GuardrailFailed | None


@dataclass(frozen=True, slots=True)
class _Question:
    """What rules ask together: one guardrail, one time, the same texts."""

    name: str
    timeout_ms: int | None
    positions: frozenset[Origin]


@dataclass(frozen=True, slots=True)
class _Given:
    """What is judged: ``texts`` gives it for a question, ``level`` is how sensitive it is.

    ``unread``: nothing looked for personal data in it. ``failed`` is why no guardrail can be asked.
    """

    stage: str
    level: Level
    texts: Callable[[_Question], TextsFor]
    unread: bool = False
    failed: GuardrailFailed | None = None


class AnswerRules:
    """The rules of one request that ask a guardrail about its answer."""

    def __init__(
        self, guardrails: "Guardrails", admitted: AdmittedRequest, rules: Sequence[ContentRule]
    ) -> None:
        self._guardrails = guardrails
        self._admitted = admitted
        self._rules = rules

    @property
    def holds(self) -> bool:
        """Whether a streamed answer is held back until it was checked."""
        return any(rule.guardrail is not None and rule.guardrail.holds for rule in self._rules)

    async def check(self, texts: Sequence[str], vault: Vault, *, too_long: bool = False) -> None:
        """Checks a whole answer; ``vault`` has the values that were redacted from its request.

        Raises:
            Refusal: when a rule withholds it.
        """
        await self._guardrails.check_answer(
            self._admitted, self._rules, texts, vault, too_long=too_long
        )


class Guardrails:
    """The guardrails of a process."""

    def __init__(self, services: Services, departures: Departures) -> None:
        self._services = services
        self._departures = departures
        self._calls = GuardrailCalls(services)

    async def check_request(self, admitted: AdmittedRequest) -> None:
        """Asks about a request that is about to depart.

        Raises:
            Refusal: when a rule refuses it.
        """
        content, asked = admitted.compiled.policy.content, _asked(admitted)
        if admitted.request.facts.streams:
            for rule in content.guardrails(OUTPUT, asked):
                if rule.guardrail and rule.guardrail.holds is False:
                    raise _refused("streamed", admitted, rule, param="stream")
        if rules := content.guardrails(INPUT, asked):
            await self._departures.recall(admitted)
            texts = partial(self._of_request, admitted)
            await self._judge(admitted, rules, _Given(INPUT, admitted.level, texts))

    def of_answer(self, admitted: AdmittedRequest) -> AnswerRules | None:
        """What checks the answer; None where no rule does."""
        content = admitted.compiled.policy.content
        rules = content.guardrails(OUTPUT, _asked(admitted))
        return AnswerRules(self, admitted, rules) if rules else None

    async def check_answer(
        self,
        admitted: AdmittedRequest,
        rules: Sequence[ContentRule],
        texts: Sequence[str],
        vault: Vault,
        *,
        too_long: bool,
    ) -> None:
        """Asks about a whole answer.

        Raises:
            Refusal: when a rule withholds it.
        """
        admitted.record.timeline.lap(INSPECT)
        failed = GuardrailFailed(TOO_LONG) if too_long else None
        level, scans = admitted.level, dict[str, TextScan]()
        unread = self._get_all(admitted, rules)
        if not failed and not unread:
            batch = await self._services.scanner.scan_all(
                list(dict.fromkeys(texts)),
                admitted.compiled.policy,
                owner=admitted.principal.id,
                judged=(),
            )
            scans = dict(batch.scans)
            found = [finding for scan in scans.values() for finding in scan.findings]
            failed = GuardrailFailed(UNREAD) if batch.unread or is_unread(found) else None
            level = max(level, level_of(found, admitted.compiled.policy.levels).level)

        def texts_for(_: _Question) -> TextsFor:
            async def made(zone: Zone, decision: Decision) -> Sequence[GuardrailText]:
                del zone
                size = sum(map(len, texts))
                known = vault if decision.redact else None
                return await off_loop(size, texts_of_answer, texts, scans, known)

            return made

        given = _Given(OUTPUT, level, texts_for, unread=unread, failed=failed)
        await self._judge(admitted, rules, given)

    def _get_all(self, admitted: AdmittedRequest, rules: Sequence[ContentRule]) -> bool:
        compiled = self._services.compiled()
        names = {_check_of(rule).name for rule in rules}
        return all(self._calls.gets_all(admitted, compiled, name) for name in names)

    def _of_request(self, admitted: AdmittedRequest, question: _Question) -> TextsFor:
        async def made(zone: Zone, decision: Decision) -> Sequence[GuardrailText]:
            content = admitted.compiled.policy.content
            redacts = decision.redact or is_redacted_at(content, admitted.scan, zone)
            vault = self._departures.vault(admitted) if redacts else None
            size = sum(map(len, admitted.request.texts))
            return await off_loop(size, texts_of_request, admitted, question.positions, zone, vault)

        return made

    async def _judge(
        self, admitted: AdmittedRequest, rules: Sequence[ContentRule], given: _Given
    ) -> None:
        """Asks, notes what was said, and ends the request where a rule does."""
        said: dict[_Question, _Said] = dict.fromkeys(map(_question_of, rules), given.failed)
        if given.failed is None:
            said = await self._ask_all(admitted, list(said), given)
        admitted.record.timeline.lap(GUARDRAIL)
        fired: list[ContentRule] = []
        unchecked: list[tuple[ContentRule, str]] = []
        for rule in rules:
            matches = _matches(rule, said[_question_of(rule)])
            if isinstance(matches, str):
                unchecked.append((rule, matches))
            elif matches:
                fired.append(rule)
        _note(admitted, fired, unchecked)
        for rule in fired:
            if rule.action == "refuse":
                raise _refused(given.stage, admitted, rule)
        for rule, reason in unchecked:
            self._fail(admitted, rule, reason, given)

    async def _ask_all(
        self, admitted: AdmittedRequest, questions: Sequence[_Question], given: _Given
    ) -> dict[_Question, _Said]:
        """What each guardrail says; all are asked at the same time.

        Raises:
            Refusal: when the request may not go on at all.
        """
        compiled = self._departures.recheck(admitted)
        deadline_ms = admitted.compiled.policy.failures.control(GUARDRAILS).deadline_ms

        async def ask(question: _Question) -> tuple[_Said | Refusal, float]:
            began = self._services.clock()
            seconds = (question.timeout_ms or deadline_ms) / 1000
            asking = Asking(
                question.name,
                given.stage,
                seconds,
                given.level,
                given.texts(question),
                unread=given.unread,
            )
            said: _Said | Refusal
            try:
                said = await self._calls.ask(admitted, compiled, asking)
            except (GuardrailFailed, Refusal) as failure:
                said = failure
            return said, self._services.clock() - began

        async with asyncio.TaskGroup() as group:
            tasks = {one: group.create_task(ask(one)) for one in questions}
        found: dict[_Question, _Said] = {}
        for question, task in tasks.items():
            one, took = task.result()
            if isinstance(one, Refusal):
                raise one
            found[question] = one
            self._count(admitted, question.name, given.stage, one, took)
        return found

    def _count(
        self, admitted: AdmittedRequest, name: str, stage: str, said: _Said, seconds: float
    ) -> None:
        """Notes how long a guardrail took, and what came of it."""
        if said is None:
            return
        outcome = said.reason if isinstance(said, GuardrailFailed) else "passed"
        if isinstance(said, GuardrailVerdict) and said.flagged:
            outcome = "flagged"
        self._services.telemetry.guardrail(name, stage, outcome, seconds)
        record, called = admitted.record, f"{name}/{stage}"
        times, outcomes = record.fields.get("guardrails"), record.fields.get("guardrail_outcomes")
        times = times if isinstance(times, dict) else {}
        outcomes = outcomes if isinstance(outcomes, list) else []
        took = max(int(seconds * 1000), times.get(called, 0))
        record.note(
            guardrails={**times, called: took},
            guardrail_outcomes=[*outcomes, f"{called}: {outcome}"],
        )

    def _fail(
        self, admitted: AdmittedRequest, rule: ContentRule, reason: str, given: _Given
    ) -> None:
        """What a rule that could not be checked does."""
        if rule.action == "monitor":
            return
        action = Action.REFUSE
        if rule.guardrail and rule.guardrail.allows:
            action = admitted.compiled.policy.failures.action(GUARDRAILS, given.level)
        if action is Action.INTERNAL_ONLY and _keep_inside(admitted, given.stage):
            action = Action.FLAG
        if action is not Action.FLAG:
            raise _failed(admitted, rule, reason)
        before = str(admitted.record.fields.get("warning") or "").split(",")
        warnings = dict.fromkeys([one for one in before if one] + [UNCHECKED])
        admitted.record.note(warning=",".join(warnings))


def _asked(admitted: AdmittedRequest) -> Circumstances:
    zone = admitted.target.zone if admitted.target else None
    return about(admitted.principal, admitted.purpose, admitted.level, zone)


def _check_of(rule: ContentRule) -> GuardrailCheck:
    if rule.guardrail is None:
        raise ValueError(f"rule {rule.id} asks no guardrail")
    return rule.guardrail


def _question_of(rule: ContentRule) -> _Question:
    check = _check_of(rule)
    return _Question(check.name, check.timeout_ms, rule.positions)


def _matches(rule: ContentRule, said: _Said) -> bool | str:
    """Whether a rule matches, or why that is not known."""
    if isinstance(said, GuardrailFailed):
        return said.reason
    if said is None:
        return False
    try:
        return _check_of(rule).matches(said)
    except LackingScore:
        return NONSENSE


def _note(
    admitted: AdmittedRequest,
    fired: Sequence[ContentRule],
    unchecked: Sequence[tuple[ContentRule, str]],
) -> None:
    """The rules that match, and those that could not be checked, go on record."""
    scan, record = admitted.scan, admitted.record
    new = [rule.id for rule in fired if rule.action != "monitor"]
    monitored = [rule.id for rule in fired if rule.action == "monitor"]
    if fired:
        admitted.scan = replace(
            scan,
            rules=tuple(dict.fromkeys([*scan.rules, *new])),
            monitored=tuple(dict.fromkeys([*scan.monitored, *monitored])),
        )
        record.note(rules=list(admitted.scan.rules), monitored=list(admitted.scan.monitored))
    if unchecked:
        before = record.fields.get("unchecked")
        known = before if isinstance(before, list) else []
        record.note(unchecked=[*known, *(f"{rule.id}: {reason}" for rule, reason in unchecked)])


def _keep_inside(admitted: AdmittedRequest, stage: str) -> bool:
    """Keeps a request inside; False where that cannot be, or is too late."""
    if stage == OUTPUT:
        return admitted.target is not None and admitted.target.zone is Zone.INTERNAL
    inside = [one for one in admitted.candidates if one.target.zone is Zone.INTERNAL]
    if inside:
        admitted.candidates = inside
        admitted.record.note(kept_inside=[*admitted.kept_inside, f"control.{GUARDRAILS}"])
    return bool(inside)


def _refused(
    what: str, admitted: AdmittedRequest, rule: ContentRule, *, param: str | None = None
) -> InvalidRequest:
    language = admitted.record.language
    reason = rule.reason(language)
    return InvalidRequest(
        _TEXTS[what][language].format(rule=rule.id, reason=reason),
        code="content_policy_violation",
        param=param,
        rules=(rule.id,),
    )


def _failed(admitted: AdmittedRequest, rule: ContentRule, reason: str) -> Refusal:
    message = _TEXTS["failed"][admitted.record.language].format(rule=rule.id, reason=reason)
    if reason in _LASTING:
        return Denied(message, rules=(rule.id,))
    return GuardrailUnavailable(message, retry_after=5, rules=(rule.id,))
