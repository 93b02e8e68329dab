"""The only module that uses internals of transformers' continuous batching.

It is written against version 5.24; tests/integration/worker fails when the internals change.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig

from gateway.worker.plan import Plan
from gateway.worker.sampler import RowSampler
from gateway.worker.sampling_params import Row

_STOP_WAIT_S = 10.0
# Its warnings quote token ids, which reveal the text of a prompt.
logging.getLogger("ContinuousBatchingLogger").setLevel(logging.ERROR)


class NoBatch:
    """In place of a batch for a model that writes no answers."""

    alive = True
    running = held_requests = 0
    cache_use = 0.0

    def submit(self, request_id: str, ids: Sequence[int], **_: Any) -> bool:
        """Never called: such a model refuses requests before."""
        return False

    def cancel(self, request_id: str) -> None:
        """There is nothing to cancel."""

    def forget(self, request_id: str) -> None:
        """There is nothing to forget."""

    def stop(self) -> None:
        """There is nothing to stop."""


class Batcher:
    """One running manager: takes prompts as ids and calls back with outputs in the event loop.

    A manager that died cannot be restarted: build another Batcher on the same model.
    """

    def __init__(self, model: Any, *, eos_ids: tuple[int, ...], plan: Plan) -> None:
        """Build and start the manager; takes tens of milliseconds and memory for the pool."""
        self._eos_ids = eos_ids
        self._sampler = RowSampler(stop_id=eos_ids[0])
        config_type: Any = GenerationConfig
        self._manager = model.init_continuous_batching(
            generation_config=config_type(
                do_sample=False, eos_token_id=list(eos_ids), max_new_tokens=1
            ),
            continuous_batching_config=ContinuousBatchingConfig(
                page_size=plan.page_size,
                num_blocks=plan.num_blocks,
                max_batch_tokens=plan.max_batch_tokens,
                safety_margin=0.0,  # AdmissionQueue keeps the pool from being overbooked
                # The sampler is Python and must see the last token before it prepares a row.
                use_async_batching=False,
                use_cuda_graph=False,
                auto_switch_to_flash=torch.cuda.is_available(),
            ),
        )
        processors = self._manager.logit_processor
        processors.logits_processor.append(self._sampler)
        processors.tensors_required += 1
        processors._retrieve_processors_kwargs()  # noqa: SLF001 - no public API
        processors.do_processing = True
        self._manager.start()

    @property
    def alive(self) -> bool:
        """False once the generation thread has ended for any reason."""
        dead = self._manager.background_thread_status.fatal_error is not None
        return bool(self._manager.is_running()) and not dead

    @property
    def held_requests(self) -> int:
        """Requests for which the manager or the sampler still holds state."""
        handlers = len(self._manager.output_router.result_handlers)
        return max(handlers, len(self._sampler), self.running)

    @property
    def running(self) -> int:
        """Requests in the batch."""
        processor = self._manager.batch_processor
        return 0 if processor is None else len(processor.scheduler.active_requests)

    @property
    def cache_use(self) -> float:
        """Share of the pool that holds keys and values, prefixes kept for reuse included."""
        processor = self._manager.batch_processor
        return 0.0 if processor is None else 1 - float(processor.cache.compute_free_capacity())

    def submit(
        self,
        request_id: str,
        ids: Sequence[int],
        *,
        max_tokens: int,
        row: Row,
        on_output: Callable[[Any], None],
    ) -> bool:
        """Start an answer, from the event loop; returns False when the manager accepts no more."""
        self._sampler.add(request_id, row)
        # Registered before the request is added: a one-token answer would be lost otherwise.
        self._manager.register_result_handler(request_id, on_output)
        accepted = self._manager.add_request(
            list(ids),
            request_id=request_id,
            max_new_tokens=max_tokens,
            streaming=True,
            eos_token_id=list(self._eos_ids),
        )
        if accepted is None:
            self.forget(request_id)
        return accepted is not None

    def cancel(self, request_id: str) -> None:
        """End an answer within one step; the library then reports nothing more about it."""
        self._manager.cancel_request(request_id)
        self.forget(request_id)

    def forget(self, request_id: str) -> None:
        """Delete the state of a finished request."""
        self._sampler.drop(request_id)
        self._manager.output_router.result_handlers.pop(request_id, None)

    def stop(self) -> None:
        """End the generation thread; requests in it fail. Blocks up to ten seconds."""
        if self._manager.is_running():
            self._manager.stop(block=True, timeout=_STOP_WAIT_S, hard_stop=True)
        self._manager.destroy()
