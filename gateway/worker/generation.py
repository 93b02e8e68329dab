"""One answer in progress: outputs of the batch in, pieces of text out."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.errors import Refusal, UpstreamFailed
from gateway.worker.detok import Detokenizer
from gateway.worker.metrics import Timing
from gateway.worker.sampler import Row, TokenChoice


@dataclass(frozen=True, slots=True)
class TextDelta:
    """New text of one choice; finish_reason is stop or length on its last piece."""

    index: int
    text: str
    logprobs: tuple[TokenChoice, ...]
    finish_reason: str | None


@dataclass(slots=True)
class ChoiceState:
    """State of one of the n choices.

    ``finished``: nothing more will be shown. ``over``: the batch is done with it as well; a stop
    string finishes a choice that the batch would go on with.
    """

    index: int
    request_id: str
    row: Row
    text: Detokenizer
    eos_ids: tuple[int, ...]
    read: int = 0
    finished: bool = False
    over: bool = False
    ended: bool = False

    def take(self, output: Any) -> TextDelta | None:
        """The piece that a new output makes; None when it brings nothing to show yet."""
        self.over = output.is_finished()
        before, text, ended = self.read, "", False
        for token_id in output.generated_tokens[before:]:
            ended = token_id in self.eos_ids
            text += "" if ended else self.text.push(token_id)
            self.read += 1
            if ended or self.text.stopped:
                break
        reason = None
        if ended or self.text.stopped:
            reason = "stop"
        elif self.over:
            reason = "length"
        if reason is not None:
            self.finished = True
            text += self.text.flush()
        logprobs = self._logprobs(self.read - before - int(ended))
        shows = text or logprobs or reason
        return TextDelta(self.index, text, logprobs, reason) if shows else None

    def _logprobs(self, count: int) -> tuple[TokenChoice, ...]:
        """The next so many log probabilities, each handed out once."""
        made = self.row.choices
        taken = tuple(made[:count])
        del made[:count]
        return taken


class Generation:
    """All choices of one request; made by a replica, read once with ``pieces``.

    ``deadline`` is a time of the event loop's clock, in seconds; ``end`` takes a choice out of the
    batch and is called once for each.
    """

    def __init__(
        self,
        choices: Sequence[ChoiceState],
        *,
        tokenizer: Any,
        prompt_tokens: int,
        timing: Timing,
        deadline: float,
        end: Callable[[ChoiceState], None],
    ) -> None:
        self.choices = choices
        self.tokenizer = tokenizer
        self.prompt_tokens = prompt_tokens
        self.timing = timing
        self._deadline = deadline
        self._end = end
        self.outcome = "client_closed"
        self._outputs: asyncio.Queue[tuple[ChoiceState, Any] | Refusal] = asyncio.Queue()

    @property
    def completion_tokens(self) -> int:
        """Tokens made so far, over all choices."""
        return sum(choice.read for choice in self.choices)

    def feed(self, choice: ChoiceState, output: Any) -> None:
        """Take an output of the batch; called in the event loop."""
        if self.timing.started is None and output.lifespan[0] > 0:
            self.timing.started = time.monotonic() - (time.perf_counter() - output.lifespan[0])
        # A first token may show no text yet: half a character, or the start of a stop string.
        self.timing.ended = time.monotonic()
        if self.timing.first_token is None and output.generated_tokens:
            self.timing.first_token = self.timing.ended
        self._outputs.put_nowait((choice, output))

    def fail(self, reason: Refusal) -> None:
        """End the answer with an error, whatever it is doing."""
        self._outputs.put_nowait(reason)

    def stop(self) -> None:
        """Take every choice that still runs out of the batch."""
        for choice in self.choices:
            self._end_once(choice)

    async def pieces(self) -> AsyncIterator[TextDelta]:
        """Text as it comes, until every choice is finished. Raises the reason of a failure."""
        reasons: set[str] = set()
        while not all(choice.finished for choice in self.choices):
            choice, output = await self._next()
            if choice.finished:
                continue
            if (piece := choice.take(output)) is not None:
                reasons.add(piece.finish_reason or "")
                if piece.finish_reason is not None:
                    self._end_once(choice)
                yield piece
        self.outcome = "length" if "length" in reasons else "stop"

    def _end_once(self, choice: ChoiceState) -> None:
        if not choice.ended:
            choice.ended = True
            self._end(choice)

    async def _next(self) -> tuple[ChoiceState, Any]:
        try:
            async with asyncio.timeout_at(self._deadline):
                item = await self._outputs.get()
        except TimeoutError:
            item = too_late()
        if not isinstance(item, Refusal) and item[1].error is not None:
            item = broken()
        if isinstance(item, Refusal):
            self.outcome = item.code
            raise item
        return item


def broken() -> UpstreamFailed:
    """What to tell when the batch died under an answer."""
    return UpstreamFailed(
        "The model stopped while answering.", code="upstream_disconnected", retry_after=1
    )


def too_late() -> UpstreamFailed:
    """What to tell when an answer, or its turn in line, took too long."""
    return UpstreamFailed(
        "The answer took longer than this worker allows.", code="upstream_timeout"
    )
