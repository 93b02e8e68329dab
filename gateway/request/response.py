"""Steps 8 and 9: one answer, inspected as it comes, then billed and stored."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from itertools import filterfalse
from typing import Protocol, TypeVar

import orjson

from gateway.core.errors import Refusal
from gateway.core.system.off_loop import INLINE_ANSWER, to_its_end
from gateway.core.usage import Usage
from gateway.decisions import AnswerTo, SecretFinder
from gateway.dialects.base import AnswerWalker, Body, KeepingWalker
from gateway.limits import Limiter, Reservation
from gateway.privacy import AnswerMask, ResponseMode, Vault
from gateway.request.content import about
from gateway.request.context import AdmittedRequest, UpstreamAttempt
from gateway.request.evaluated import noted_answer
from gateway.request.output_filter import OutputFilter
from gateway.request.reported_models import reported_model
from gateway.request.rule_zones import rules_at
from gateway.request.scanner import Scanner
from gateway.request.transparency import marker_of
from gateway.telemetry.timeline import DELIVER, INSPECT

_LARGEST_HELD = 16 * 1024 * 1024  # bytes of a stream that waits for a guardrail
_LARGEST_STORED = 32 * 1024 * 1024  # bytes of a streamed answer, as of a whole one
T = TypeVar("T")
U = TypeVar("U")


class AnswerCheck(Protocol):
    """Asks guardrails about an answer."""

    @property
    def holds(self) -> bool:
        """Whether a streamed answer is held back until it was checked."""
        ...

    async def check(self, texts: Sequence[str], vault: Vault, *, too_long: bool = False) -> None:
        """Checks a whole answer; ``too_long`` for one that is not held back any longer.

        Raises:
            Refusal: when a rule withholds it.
        """
        ...


class GovernedResponse:
    """What the caller gets. Use ``whole`` or ``frames``, once."""

    def __init__(
        self,
        admitted: AdmittedRequest,
        attempt: UpstreamAttempt,
        *,
        mask: Callable[[], AnswerMask],
        secrets: SecretFinder,
        check: AnswerCheck | None = None,
    ) -> None:
        """``mask`` makes what takes new personal data out of one text of the answer.

        ``secrets`` finds the secrets in a short text; ``check`` asks guardrails about the whole.
        """
        self._check = check
        self._admitted = admitted
        self._attempt = attempt
        self._timeline = admitted.record.timeline
        policy = admitted.compiled.policy
        self._filter = OutputFilter(
            policy.content,
            attempt.vault if attempt.restores else None,
            mask if policy.redaction.answers is ResponseMode.MASK else None,
            external=policy.redaction.is_external,
            answer=AnswerTo(
                about(
                    admitted.principal,
                    admitted.purpose,
                    admitted.level,
                    attempt.candidate.target.zone,
                ),
                admitted.scan.named,
                secrets,
            ),
        )
        self._dialect = admitted.request.dialect
        self._keeping: KeepingWalker | None = None
        self._walker = self._walker_of(admitted)
        self._frames: list[bytes] = []
        self._size = 0
        self._whole: Body | None = None
        self._last_frame: bytes | None = None
        self.used: Usage | None = None  # as the provider has reported it
        self.reported: str | None = None  # the model that it says answered
        self.mentions: set[str] = set()

    @property
    def sealed(self) -> Sequence[object]:
        """Signed and opaque blocks of the answer."""
        return self._filter.sealed

    @property
    def output(self) -> list[Body]:
        """The items of an answer that is stored, as the caller gets them."""
        return self._keeping.output if self._keeping else []

    @property
    def vault(self) -> Vault:
        """The values that were taken out of what was sent, and out of ``stored``."""
        return self._attempt.vault

    async def whole(self) -> Body:
        """The complete answer, inspected and restored.

        Raises:
            Refusal: when the provider's answer is not a good one, or a guardrail refuses it.
        """
        answer = await self._attempt.answered.whole()
        self._timeline.answered()
        self.used = self._dialect.usage(answer)
        self.reported = reported_model(answer)
        self._whole = clean = await self._inspect_last(self._walker.whole, answer)
        await self._checked()
        self._admitted.record.note(
            kept=self._filter.kept or None, **noted_answer(self._admitted.principal, clean)
        )
        self._completed()
        return clean

    async def frames(self) -> AsyncIterator[bytes]:
        """The streamed answer on the wire, inspected and restored, without its last frame.

        Where a guardrail is asked first, nothing comes before the answer is whole.

        Raises:
            Refusal: when the provider fails, or a guardrail refuses the answer.
        """
        held: list[bytes] | None = [] if self._check and self._check.holds else None
        size = 0
        async for frame in self._inspected():
            if held is None:
                yield frame
                continue
            held.append(frame)
            size += len(frame)
            if size > _LARGEST_HELD:
                await self._checked(too_long=True)
                for one in held:
                    yield one
                held, self._check = None, None
        await self._checked()
        for one in held or ():
            yield one
        self._completed()

    async def _checked(self, *, too_long: bool = False) -> None:
        """Asks the guardrails about all texts so far."""
        if self._check is not None:
            texts = [text for choice in self._filter.received() for text in choice.values()]
            whole = [text for text in texts if text.strip()]
            await self._check.check(whole, self.vault, too_long=too_long)

    async def _inspected(self) -> AsyncIterator[bytes]:
        """The frames, as they come."""
        request, timeline = self._admitted.request, self._timeline
        lap = timeline.lap
        async for chunk in self._attempt.answered.chunks():
            timeline.chunk()
            self.reported = reported_model(chunk, self.reported)
            if (usage := self._dialect.usage(chunk)) is not None:
                self.used = usage
            chunks: Iterable[Body] = self._walker.chunk(chunk)
            if self._attempt.answered.size > INLINE_ANSWER:
                chunks = await self._inspect_last(list, chunks)
            for clean in chunks:
                frame = self._frame(clean)
                lap(INSPECT)
                yield frame
                lap(DELIVER)
            if self._filter.blocked:
                break
        timeline.answered()
        for clean in self._walker.end(self.usage() if request.facts.wants_usage else None):
            yield self._frame(clean)

    def last_frame(self, refusal: Refusal | None) -> bytes:
        """The end of the stream on the wire."""
        if refusal is not None:
            return self._walker.last_frame(refusal)
        if self._last_frame is None:
            self._last_frame = self._walker.last_frame(None)
        return self._last_frame

    @property
    def fits(self) -> bool:
        """Whether a streamed answer is small enough to be stored."""
        return self._size <= _LARGEST_STORED

    def sent(self) -> bytes:
        """The complete answer on the wire; its frames are known where it is answered once."""
        if self._whole is not None:
            return orjson.dumps(self._whole)
        return b"".join([*self._frames, self.last_frame(None)])

    def usage(self) -> Usage:
        """The usage that the provider reported, else an estimate from both texts."""
        if self.used is not None:
            return self.used
        sent = self._dialect.input_size(self._admitted.request.body)
        return Usage(sent // 4, self._filter.size // 4, estimated=True)

    def settle(self, meter: Limiter) -> Reservation:
        """Bills what was used and puts it on record; returns what has been settled."""
        usage, reservation = self.usage(), self._attempt.reservation
        cost = meter.settle(reservation, usage)
        content = self._admitted.compiled.policy.content
        fired, zone = self._filter.fired, self._attempt.candidate.target.zone
        rules, monitored = rules_at(content, self._admitted.scan, zone)
        self._admitted.record.note(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            usage_estimated=usage.estimated or None,
            cost_micros=round(cost * 1_000_000),
            currency=reservation.price.currency,
            rules=list(dict.fromkeys([*rules, *filterfalse(content.monitors, fired)])),
            monitored=sorted({*monitored, *filter(content.monitors, fired)}),
            masked=self._filter.masked or None,
            kept=self._filter.kept or None,
            unknown_placeholders=self._filter.unknown or None,
            unknown_echoes=self.vault.unknown or None,
        )
        if usage.new != usage.input_tokens:
            self._admitted.record.note(
                cached_tokens=usage.cached or None,
                cache_write_tokens=usage.written or None,
                cache_write_1h_tokens=usage.written_1h or None,
            )
        return reservation

    async def stored(self, scanner: Scanner) -> bytes:
        """The answer as it is stored: redacted, whatever form the provider got.

        Fills ``mentions`` with the persons in it.
        """
        received = self._filter.received()
        size = sum(len(text) for choice in received for text in choice.values())
        return await to_its_end(size, self._redacted, received, scanner)

    def _redacted(self, received: Sequence[Mapping[str, str]], scanner: Scanner) -> bytes:
        vault, policy = self._attempt.vault, self._admitted.compiled.policy

        def redact(text: str) -> str:
            scan = scanner.scan_by_rules(text, policy)
            self.mentions.update(scan.mentions)
            return vault.redact_answer(text, scan.findings, shaped=scan.shaped)

        return orjson.dumps([
            {name: redact(text) for name, text in choice.items()} for choice in received
        ])

    async def _inspect_last(self, inspect: Callable[[T], U], given: T) -> U:
        """Run an inspection of the answer or event that came last, in a thread if it is large."""
        size = self._attempt.answered.size
        inspected = await to_its_end(size, inspect, given)
        if size > INLINE_ANSWER:
            await asyncio.sleep(0)  # where the caller has left meanwhile, this raises it
        return inspected

    def _walker_of(self, admitted: AdmittedRequest) -> AnswerWalker:
        form = self._dialect.conversations
        if form is None or admitted.turn is None:
            walker: AnswerWalker = self._dialect.walker(self._filter)
        else:
            walker = self._keeping = form.walker(self._filter, admitted.turn.response)
        if fields := marker_of(admitted.record):
            walker.mark(fields)
        return walker

    def _frame(self, event: Body) -> bytes:
        frame = self._dialect.frame(event)
        if self._admitted.once is not None:
            self._size += len(frame)
            if self.fits:
                self._frames.append(frame)
            else:
                self._frames.clear()
        return frame

    def _completed(self) -> None:
        self._admitted.record.outcome = "content_filter" if self._filter.blocked else "ok"
