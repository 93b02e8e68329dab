"""One answer on its way back: inspected as it comes, then billed and stored."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson

from gateway.core.usage import Usage
from gateway.limits import Meter
from gateway.privacy import AnswerMask, ResponseMode, Vault
from gateway.request.context import AdmittedRequest, ResponseUsage, UpstreamAttempt
from gateway.request.output_filter import Inspector
from gateway.request.scanner import Scanner

_RECHECK_S = 1.0
_MOST_TOKENS = 10_000_000  # of one answer: more would be a slip that uses up a budget


class GovernedResponse:
    """What the caller gets. Use ``whole`` or ``chunks``, once."""

    def __init__(
        self,
        admitted: AdmittedRequest,
        attempt: UpstreamAttempt,
        *,
        clock: Callable[[], float],
        recheck: Callable[[], object],
        mask: Callable[[], AnswerMask],
    ) -> None:
        """``recheck`` raises when the request may no longer go on; asked every second.

        ``mask`` makes what takes new personal data out of one text of the answer.
        """
        self._admitted = admitted
        self._attempt = attempt
        self._clock = clock
        self._recheck = recheck
        policy = admitted.handles.policy
        self._inspector = Inspector(
            policy.content,
            attempt.vault if attempt.restores else None,
            mask if policy.redaction.answers is ResponseMode.MASK else None,
            external=policy.redaction.is_external,
        )
        self.used = ResponseUsage()
        self.mentions: set[str] = set()

    @property
    def vault(self) -> Vault:
        """The values that were taken out of what was sent, and out of ``stored``."""
        return self._attempt.vault

    async def whole(self) -> dict[str, Any]:
        """The complete answer, inspected and restored.

        Raises:
            UpstreamFailed: when the provider's answer is not a good one.
        """
        answer = await self._attempt.answered.whole()
        self.used.usage = _usage(answer)
        clean = self._inspector.whole(answer)
        self._completed()
        return clean

    async def chunks(self) -> AsyncIterator[dict[str, Any]]:
        """The streamed answer, inspected and restored, chunk by chunk.

        Raises:
            Refusal: when the provider fails, or the request may no longer go on.
        """
        checked = self._clock()
        async for chunk in self._attempt.answered.chunks():
            now = self._clock()
            if now - checked > _RECHECK_S:
                checked = now
                self._recheck()
            if chunk.get("usage"):
                self.used.usage = _usage(chunk)
            for clean in self._inspector.chunk(chunk):
                self.used.first_chunk = self.used.first_chunk or now
                self.used.chunks += 1
                yield clean
            if self._inspector.blocked:
                break
        for clean in self._inspector.finish():
            yield clean
        self._completed()
        if self._admitted.request.wants_usage:
            yield self._inspector.usage_chunk(self.usage())

    def usage(self) -> Usage:
        """What the provider said, else an estimate from what was sent and received."""
        if self.used.usage is not None:
            return self.used.usage
        sent = len(orjson.dumps(self._admitted.request.body["messages"]))
        return Usage(sent // 4, self._inspector.size // 4, estimated=True)

    def settle(self, meter: Meter) -> None:
        """Bills what was used and puts it on record."""
        usage = self.usage()
        cost = meter.settle(self._attempt.reservation, usage)
        self._admitted.record.note(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            usage_estimated=usage.estimated or None,
            cost_micros=round(cost * 1_000_000),
            currency=self._attempt.reservation.price.currency,
            rules=[*self._admitted.scan.rules, *self._inspector.fired],
            masked=self._inspector.masked or None,
            unknown_placeholders=self._inspector.unknown or None,
            unknown_echoes=self.vault.unknown or None,
        )

    def stored(self, scanner: Scanner) -> bytes:
        """The answer as it is kept: redacted, whatever form the provider got.

        Whom it mentions is in ``mentions`` from then on.
        """
        vault, policy = self._attempt.vault, self._admitted.handles.policy

        def kept(text: str) -> str:
            seen = scanner.scan_by_rules(text, policy)
            self.mentions.update(seen.mentions)
            return vault.redact_answer(text, seen.findings, shaped=seen.shaped)

        return orjson.dumps([
            {name: kept(text) for name, text in choice.items()}
            for choice in self._inspector.received()
        ])

    def _completed(self) -> None:
        self._admitted.record.outcome = "content_filter" if self._inspector.blocked else "ok"


def _usage(answer: dict[str, Any]) -> Usage | None:
    """What the provider says; None where it says nothing that can be true."""
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return None
    sent, said = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    for count in (sent, said):
        if type(count) is not int or not 0 <= count <= _MOST_TOKENS:
            return None
    return Usage(sent, said)
