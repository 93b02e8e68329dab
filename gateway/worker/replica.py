"""One served version: its batch, its queue, and its recovery when the batch dies."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jinja2
import xgrammar

from gateway.core.errors import InvalidRequest, Refusal, Unavailable
from gateway.worker.admission_queue import AdmissionQueue, token_budget
from gateway.worker.batching import Batcher, NoBatch
from gateway.worker.detokenizer import Detokenizer
from gateway.worker.embedding import Embedder, EmbeddingRequest, Embeddings
from gateway.worker.generation import ChoiceState, Generation, batch_failed, deadline_exceeded
from gateway.worker.loader import LoadedModel
from gateway.worker.metrics import EMBEDDED, Metrics, Timing
from gateway.worker.request import ChatRequest
from gateway.worker.sampling_params import Row, SamplingParams
from gateway.worker.spec import ServedModel, WorkerOptions
from gateway.worker.tool_calls import ToolCallReader, ToolChoice, ToolFormat, format_of

_RESTART_AFTER_S = 1
_LOOK_S = 0.1
_WARM_UP_TOKENS = 8
_WARM_UP = ChatRequest(
    model="",
    messages=(),
    tools=(),
    tool_choice=ToolChoice(),
    sampling=SamplingParams(temperature=0.0, logit_bias=((0, 0.0),)),
    choices=1,
    max_tokens=2,
    stops=(),
    schema=None,
    stream=False,
    include_usage=False,
)

_WARM_UP_EMBEDDING = EmbeddingRequest("", ([0] * _WARM_UP_TOKENS,), base64=False, dimensions=None)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A request prepared for the model: prompt as ids, limit in tokens, compiled grammar."""

    ids: list[int]
    max_tokens: int
    grammar: xgrammar.CompiledGrammar | None


class Replica:
    """Serves one version until it is closed."""

    def __init__(
        self, served: ServedModel, loaded: LoadedModel, *, options: WorkerOptions, metrics: Metrics
    ) -> None:
        """Start the batch; blocks for a moment, so call it in a thread."""
        self.served = served
        self.loaded = loaded
        self._options = options
        self._metrics = metrics
        self._running: set[Generation] = set()
        self.idle = asyncio.Event()  # set while no answer runs
        self.idle.set()
        self._closed: Refusal | None = None
        self._inside = 0  # requests, also those that wait
        self._last_used = time.monotonic()
        self._plan = plan = loaded.plan
        self.queue = AdmissionQueue(capacity=plan.num_blocks, max_waiting=plan.max_waiting)
        self._passes = AdmissionQueue(capacity=1, max_waiting=plan.max_waiting)
        self._embedder = Embedder(loaded)
        self._tools = format_of(str(loaded.tokenizer.chat_template))
        self._call_token = _special(loaded.tokenizer, self._tools)
        self.batcher = self._batch()

    @property
    def ready(self) -> bool:
        """True while requests are accepted and the batch is alive."""
        return self._closed is None and self.batcher.alive

    @property
    def quiet_s(self) -> float:
        """Seconds since the last request ended; 0 while there is one."""
        return 0.0 if self._inside else time.monotonic() - self._last_used

    async def warm_up(self) -> None:
        """Generate a few tokens, as a first request would.

        Raises:
            UpstreamFailed: when the model cannot.
        """
        if not self.loaded.base.generates:
            await self._embedder.embed(_WARM_UP_EMBEDDING)
            return
        prepared = _Prepared(
            ids=[self.loaded.eos_ids[0]] * _WARM_UP_TOKENS, max_tokens=2, grammar=None
        )
        timing = Timing(arrived=time.monotonic())
        deadline = asyncio.get_running_loop().time() + self._options.request_deadline_s
        generation = self._start(_WARM_UP, prepared, timing=timing, deadline=deadline)
        watch = asyncio.create_task(self._fail_when_dead(generation))
        try:
            async for _ in generation.deltas():
                pass
        finally:
            watch.cancel()
            generation.stop()

    @asynccontextmanager
    async def generate(self, request: ChatRequest, caller: str = "") -> AsyncIterator[Generation]:
        """Wait in the queue and start all choices; leaving the block ends them.

        Callers that wait take turns.

        Raises:
            As ``_answer``.
        """
        self._inside += 1
        try:
            async with self._answer(request, caller) as generation:
                yield generation
        finally:
            self._inside -= 1
            self._last_used = time.monotonic()

    async def embed(self, request: EmbeddingRequest, caller: str = "") -> Embeddings:
        """The vectors of a request; requests of one version take turns.

        Raises:
            InvalidRequest: when an input does not fit.
            RateLimited: when the queue is full.
            UpstreamFailed: when the deadline passes.
        """
        if self._closed is not None:
            raise self._closed
        timing, outcome = Timing(arrived=time.monotonic()), "cancelled"
        tokens = 0
        self._inside += 1
        try:
            async with asyncio.timeout(self._options.request_deadline_s):
                async with self._passes.reserve(1, caller):
                    timing.started = time.monotonic()
                    found = await self._embedder.embed(request)
            tokens, outcome = found.tokens, EMBEDDED
        except TimeoutError as error:
            outcome = deadline_exceeded().code
            raise deadline_exceeded() from error
        except Refusal as refusal:
            outcome = refusal.code
            raise
        finally:
            self._inside -= 1
            self._last_used = timing.ended = time.monotonic()
            self._metrics.record_embedding(
                self.served.served_name, timing, tokens=tokens, outcome=outcome
            )
        return found

    @asynccontextmanager
    async def _answer(self, request: ChatRequest, caller: str) -> AsyncIterator[Generation]:
        """The answer, once the pool has room for it.

        Raises:
            InvalidRequest: when the request cannot be used or does not fit.
            RateLimited: when the queue is full.
            Unavailable: while the batch is being rebuilt.
            UpstreamFailed: when the deadline passes in the queue.
        """
        timing = Timing(arrived=time.monotonic())
        deadline = asyncio.get_running_loop().time() + self._options.request_deadline_s
        self._require_ready()
        prepared = await asyncio.to_thread(self._prepare, request)
        pages = -(-(len(prepared.ids) + prepared.max_tokens) // self._plan.page_size)
        if pages * request.choices > self._plan.num_blocks:
            raise InvalidRequest("So many choices of this length do not fit.", param="n")
        async with AsyncExitStack() as reservation:
            try:
                async with asyncio.timeout_at(deadline):
                    await reservation.enter_async_context(
                        self.queue.reserve(pages * request.choices, caller)
                    )
            except TimeoutError as error:
                raise deadline_exceeded() from error
            self._require_ready()
            generation = self._start(request, prepared, timing=timing, deadline=deadline)
            self._running.add(generation)
            self.idle.clear()
            try:
                yield generation
            finally:
                self._running.discard(generation)
                self._finish(generation)
                if not self._running:
                    self.idle.set()

    def close(self, reason: Refusal) -> None:
        """Refuse new requests and fail running ones at once. Call ``batcher.stop`` afterwards."""
        self._closed = reason
        self.queue.close(reason)
        self._passes.close(reason)
        for generation in self._running:
            generation.fail(reason)

    async def recover(self) -> None:
        """Rebuild the batch on the loaded model; answers of the dead batch fail."""
        for generation in self._running:
            generation.fail(batch_failed())
        dead = self.batcher
        await asyncio.to_thread(dead.stop)
        self.batcher = await asyncio.to_thread(self._batch)
        if self._closed is not None:
            await asyncio.to_thread(self.batcher.stop)
            return
        self._metrics.record_restart(self.served.served_name)

    async def _fail_when_dead(self, generation: Generation) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            if not self.batcher.alive:
                generation.fail(batch_failed())
                return

    def _batch(self) -> Batcher | NoBatch:
        if not self.loaded.base.generates:
            return NoBatch()
        return Batcher(self.loaded.model, eos_ids=self.loaded.eos_ids, plan=self._plan)

    def _require_ready(self) -> None:
        if self._closed is not None:
            raise self._closed
        if not self.batcher.alive:
            raise Unavailable("The model is being restarted.", retry_after=_RESTART_AFTER_S)

    def _prepare(self, request: ChatRequest) -> _Prepared:
        grammar = self._grammar(request)
        ids = self._prompt(request)
        if not ids or min(ids) < 0 or max(ids) >= self.loaded.vocab_size:
            raise InvalidRequest("The messages make no prompt for this model.", param="messages")
        if any(token >= self.loaded.vocab_size for token, _ in request.sampling.logit_bias):
            raise InvalidRequest("logit_bias names an unknown token id.", param="logit_bias")
        limit = token_budget(
            prompt=len(ids),
            requested=request.max_tokens,
            context=self.loaded.context,
            pool=self._plan.pool_tokens,
            default=self._options.default_max_tokens,
        )
        return _Prepared(ids=ids, max_tokens=limit, grammar=grammar)

    def _grammar(self, request: ChatRequest) -> xgrammar.CompiledGrammar | None:
        choice, grammars = request.tool_choice, self.loaded.base.grammars
        if grammars is None:
            raise InvalidRequest("This model makes embeddings, and writes nothing.", param="model")
        if choice.forced:
            if self._tools is None:
                raise InvalidRequest(
                    "The chat template of this model writes no tool calls: leave tool_choice out.",
                    param="tool_choice",
                )
            return grammars.of_tools(self._tools.grammar(choice.forced, one=choice.one))
        return None if request.schema is None else grammars.compiled(dict(request.schema))

    def _prompt(self, request: ChatRequest) -> list[int]:
        try:
            encoded: Any = self.loaded.tokenizer.apply_chat_template(
                [dict(message) for message in request.messages],
                tools=[dict(tool) for tool in request.tools] or None,
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
            )
        except (jinja2.TemplateError, TypeError, KeyError, ValueError) as error:
            raise InvalidRequest(
                "The model's chat template refuses these messages.", param="messages"
            ) from error
        return [int(token_id) for token_id in encoded["input_ids"]]

    def _start(
        self, request: ChatRequest, prepared: _Prepared, *, timing: Timing, deadline: float
    ) -> Generation:
        choices = [self._choice(index, request, prepared) for index in range(request.choices)]
        generation = Generation(
            choices,
            tokenizer=self.loaded.tokenizer,
            prompt_tokens=len(prepared.ids),
            timing=timing,
            deadline=deadline,
            release=partial(_release, self.batcher),
        )
        for choice in choices:
            accepted = self.batcher.submit(
                choice.request_id,
                prepared.ids,
                max_tokens=prepared.max_tokens,
                row=choice.row,
                on_output=partial(generation.feed, choice),
            )
            if not accepted:
                self._finish(generation)
                raise Unavailable("The model is being restarted.", retry_after=_RESTART_AFTER_S)
        return generation

    def _choice(self, index: int, request: ChatRequest, prepared: _Prepared) -> ChoiceState:
        matcher = None if prepared.grammar is None else xgrammar.GrammarMatcher(prepared.grammar)
        reads = self._tools is not None and request.tool_choice.tools
        shown = self._call_token if reads else {}
        return ChoiceState(
            index=index,
            request_id=uuid.uuid4().hex,
            row=Row(_seeded(request.sampling, index), matcher=matcher, prompt=tuple(prepared.ids)),
            text=Detokenizer(self.loaded.tokenizer, stops=request.stops, shown=shown),
            eos_ids=self.loaded.eos_ids,
            tools=ToolCallReader(self._tools, request.tool_choice)
            if self._tools and reads
            else None,
        )

    def _finish(self, generation: Generation) -> None:
        generation.stop()
        generation.timing.ended = generation.timing.ended or time.monotonic()
        self._metrics.record_answer(
            self.served.served_name,
            generation.timing,
            prompt=generation.prompt_tokens,
            completion=generation.completion_tokens,
            outcome=generation.outcome,
        )


def _special(tokenizer: Any, written: ToolFormat | None) -> Mapping[int, str]:
    """The beginning of a call, where it is a special token, which texts otherwise leave out."""
    if written is None or written.begin not in tokenizer.all_special_tokens:
        return {}
    return {int(tokenizer.convert_tokens_to_ids(written.begin)): written.begin}


def _release(batcher: Batcher | NoBatch, choice: ChoiceState) -> None:
    if choice.batch_done:
        batcher.forget(choice.request_id)
    else:
        batcher.cancel(choice.request_id)


def _seeded(sampling: SamplingParams, index: int) -> SamplingParams:
    """Settings in which each choice has a seed of its own, derived from the request's seed."""
    if sampling.seed is None:
        return sampling
    return replace(sampling, seed=(sampling.seed + index) % (1 << 63))
