"""One answer in progress: takes outputs of the batch and gives pieces of text."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.errors import Refusal, UpstreamFailed
from gateway.worker.detokenizer import Detokenizer
from gateway.worker.metrics import Timing
from gateway.worker.sampling_params import Row, TokenChoice
from gateway.worker.tool_calls import ToolCallReader, WrittenCall


@dataclass(frozen=True, slots=True)
class TextDelta:
    """New text and tool calls of one choice; ``finish_reason`` is set on its last delta.

    It is stop, length or tool_calls.
    """

    index: int
    text: str
    logprobs: tuple[TokenChoice, ...]
    finish_reason: str | None
    calls: tuple[WrittenCall, ...] = ()


@dataclass(slots=True)
class ChoiceState:
    """State of one of the n choices.

    ``finished``: no more text follows. ``batch_done``: the batch has ended it as well; a stop
    string finishes a choice that the batch would continue. ``released``: it was taken out of the
    batch.
    """

    index: int
    request_id: str
    row: Row
    text: Detokenizer
    eos_ids: tuple[int, ...]
    tools: ToolCallReader | None = None
    tokens_read: int = 0
    finished: bool = False
    batch_done: bool = False
    released: bool = False

    def consume(self, output: Any) -> TextDelta | None:
        """The delta of a new output; None when it adds no text to show yet."""
        self.batch_done = output.is_finished()
        before, text, at_eos = self.tokens_read, "", False
        for token_id in output.generated_tokens[before:]:
            at_eos = token_id in self.eos_ids
            text += "" if at_eos else self.text.push(token_id)
            self.tokens_read += 1
            if at_eos or self.text.stopped:
                break
        reason = None
        if at_eos or self.text.stopped:
            reason = "stop"
        elif self.batch_done:
            reason = "length"
        if reason is not None:
            self.finished = True
            text += self.text.flush()
        calls: tuple[WrittenCall, ...] = ()
        if self.tools is not None:
            text, calls = self._read_calls(self.tools, text)
            if reason == "stop" and self.tools.found:
                reason = "tool_calls"
        logprobs = self._logprobs(self.tokens_read - before - int(at_eos))
        shows = text or logprobs or reason or calls
        return TextDelta(self.index, text, logprobs, reason, calls) if shows else None

    def _read_calls(self, tools: ToolCallReader, text: str) -> tuple[str, tuple[WrittenCall, ...]]:
        text, calls = tools.push(text)
        if self.finished:
            rest, more = tools.finish()
            text, calls = text + rest, calls + more
        return text, tuple(calls)

    def _logprobs(self, count: int) -> tuple[TokenChoice, ...]:
        """The next ``count`` log probabilities; each is returned once."""
        choices = self.row.choices
        chosen = tuple(choices[:count])
        del choices[:count]
        return chosen


class Generation:
    """All choices of one request; a replica makes it, and ``deltas`` reads it once.

    ``deadline`` is a time of the event loop's clock, in seconds. ``release`` takes a choice out of
    the batch and is called once for each.
    """

    def __init__(
        self,
        choices: Sequence[ChoiceState],
        *,
        tokenizer: Any,
        prompt_tokens: int,
        timing: Timing,
        deadline: float,
        release: Callable[[ChoiceState], None],
    ) -> None:
        self.choices = choices
        self.tokenizer = tokenizer
        self.prompt_tokens = prompt_tokens
        self.timing = timing
        self._deadline = deadline
        self._release = release
        self.outcome = "client_closed"
        self._outputs: asyncio.Queue[tuple[ChoiceState, Any] | Refusal] = asyncio.Queue()

    @property
    def completion_tokens(self) -> int:
        """Tokens generated so far, over all choices."""
        return sum(choice.tokens_read for choice in self.choices)

    def feed(self, choice: ChoiceState, output: Any) -> None:
        """Add an output of the batch; called in the event loop."""
        if self.timing.started is None and output.lifespan[0] > 0:
            self.timing.started = time.monotonic() - (time.perf_counter() - output.lifespan[0])
        # A first token may give no text yet: half a character, or the start of a stop string.
        self.timing.ended = time.monotonic()
        if self.timing.first_token is None and output.generated_tokens:
            self.timing.first_token = self.timing.ended
        self._outputs.put_nowait((choice, output))

    def fail(self, reason: Refusal) -> None:
        """End the answer with an error."""
        self._outputs.put_nowait(reason)

    def stop(self) -> None:
        """Take every running choice out of the batch."""
        for choice in self.choices:
            self._release_once(choice)

    async def deltas(self) -> AsyncIterator[TextDelta]:
        """Text as it is generated, until every choice is finished.

        Raises:
            Refusal: the reason of a failure.
        """
        reasons: set[str] = set()
        while not all(choice.finished for choice in self.choices):
            choice, output = await self._next()
            if choice.finished:
                continue
            if (delta := choice.consume(output)) is not None:
                reasons.add(delta.finish_reason or "")
                if delta.finish_reason is not None:
                    self._release_once(choice)
                yield delta
        self.outcome = "length" if "length" in reasons else "stop"

    def _release_once(self, choice: ChoiceState) -> None:
        if not choice.released:
            choice.released = True
            self._release(choice)

    async def _next(self) -> tuple[ChoiceState, Any]:
        try:
            async with asyncio.timeout_at(self._deadline):
                item = await self._outputs.get()
        except TimeoutError:
            item = deadline_exceeded()
        if not isinstance(item, Refusal) and item[1].error is not None:
            item = batch_failed()
        if isinstance(item, Refusal):
            self.outcome = item.code
            raise item
        return item


def batch_failed() -> UpstreamFailed:
    """The error of an answer whose batch died."""
    return UpstreamFailed(
        "The model stopped while answering.", code="upstream_disconnected", retry_after=1
    )


def deadline_exceeded() -> UpstreamFailed:
    """The error of a request that exceeded its deadline, in the queue or while answering."""
    return UpstreamFailed(
        "The answer took longer than this worker allows.", code="upstream_timeout"
    )
