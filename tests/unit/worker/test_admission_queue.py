"""Limits in tokens, and the queue in front of the pool."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from gateway.core.errors import InvalidRequest, RateLimited, Unavailable
from gateway.worker.admission_queue import AdmissionQueue, token_budget

pytestmark = pytest.mark.unit


class TestTokenBudget:
    @pytest.mark.parametrize(
        ("prompt", "requested", "expected"),
        [(10, 90, 90), (10, None, 50), (99, None, 1), (60, None, 40), (99, 1, 1)],
    )
    def test_fits(self, prompt: int, requested: int | None, expected: int) -> None:
        budget = token_budget(prompt=prompt, requested=requested, context=100, pool=200, default=50)
        assert budget == expected

    @pytest.mark.parametrize(
        ("prompt", "requested"), [(10, 91), (100, None), (100, 1), (500, None)]
    )
    @pytest.mark.parametrize(("context", "pool"), [(100, 200), (200, 100)])
    def test_does_not_fit(
        self, prompt: int, requested: int | None, context: int, pool: int
    ) -> None:
        with pytest.raises(InvalidRequest) as refused:
            token_budget(prompt=prompt, requested=requested, context=context, pool=pool, default=50)
        assert refused.value.code == "context_length_exceeded"


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def assert_free(queue: AdmissionQueue, pages: int) -> None:
    """Fails unless so many pages can be reserved at once."""
    async with asyncio.timeout(1), queue.reserve(pages):
        assert queue.waiting == 0


class TestAdmissionQueue:
    def test_requests_are_served_in_order_also_when_a_later_one_would_fit(self) -> None:
        async def run() -> list[str]:
            queue, order = AdmissionQueue(capacity=10, max_waiting=5), []

            async def visit(name: str, pages: int, leave: asyncio.Event) -> None:
                async with queue.reserve(pages):
                    order.append(name)
                    await leave.wait()

            leave = asyncio.Event()
            first = asyncio.create_task(visit("first", 6, leave))
            await settle()
            rest = [
                asyncio.create_task(visit("large", 8, leave)),
                asyncio.create_task(visit("small", 1, leave)),
            ]
            await settle()
            assert (order, queue.waiting) == (["first"], 2)
            leave.set()
            await asyncio.gather(first, *rest)
            await assert_free(queue, 10)
            return order

        assert asyncio.run(run()) == ["first", "large", "small"]

    def test_a_full_queue_refuses_at_once(self) -> None:
        async def run() -> None:
            queue = AdmissionQueue(capacity=1, max_waiting=0)
            async with queue.reserve(1):
                with pytest.raises(RateLimited) as refused:
                    async with AsyncExitStack() as stack:
                        await stack.enter_async_context(queue.reserve(1))
                assert refused.value.retry_after
            await assert_free(queue, 1)

        asyncio.run(run())

    @pytest.mark.parametrize("granted_first", [False, True])
    def test_a_cancelled_request_frees_its_pages(self, *, granted_first: bool) -> None:
        async def run() -> None:
            queue = AdmissionQueue(capacity=2, max_waiting=5)

            async def visit() -> None:
                async with queue.reserve(2):
                    await asyncio.Event().wait()

            holder = asyncio.create_task(visit())
            await settle()
            waiter = asyncio.create_task(visit())
            await settle()
            if granted_first:  # granted and cancelled in the same step
                holder.cancel()
                await asyncio.sleep(0)
            waiter.cancel()
            holder.cancel()
            await asyncio.gather(holder, waiter, return_exceptions=True)
            await assert_free(queue, 2)

        asyncio.run(run())

    def test_closing_refuses_all_waiting_requests(self) -> None:
        async def run() -> None:
            queue = AdmissionQueue(capacity=1, max_waiting=5)

            async def visit() -> None:
                async with queue.reserve(1):
                    await settle()

            async with queue.reserve(1):
                waiting = asyncio.create_task(visit())
                await settle()
                queue.close(Unavailable("closed"))
                with pytest.raises(Unavailable):
                    await waiting
            await assert_free(queue, 1)

        asyncio.run(run())

    def test_callers_take_turns(self) -> None:
        async def run() -> list[str]:
            queue, order = AdmissionQueue(capacity=1, max_waiting=9), []

            async def visit(caller: str) -> None:
                async with queue.reserve(1, caller):
                    order.append(caller)
                    await settle()

            async with queue.reserve(1, "busy"):
                visits = [asyncio.create_task(visit(name)) for name in ("busy",) * 4 + ("a", "b")]
                await settle()
            await asyncio.gather(*visits)
            await assert_free(queue, 1)
            return order

        assert asyncio.run(run()) == ["busy", "a", "b", "busy", "busy", "busy"]

    def test_a_full_queue_makes_room_for_who_has_less_in_it(self) -> None:
        async def run() -> list[str]:
            queue, order = AdmissionQueue(capacity=1, max_waiting=3), []

            async def visit(caller: str) -> None:
                async with queue.reserve(1, caller):
                    order.append(caller)

            async with queue.reserve(1):
                visits = [asyncio.create_task(visit(name)) for name in ("busy",) * 4 + ("a", "b")]
                await settle()
                assert queue.waiting == 3
            ended = await asyncio.gather(*visits, return_exceptions=True)
            refused = [number for number, end in enumerate(ended) if isinstance(end, RateLimited)]
            assert refused == [1, 2, 3]
            await assert_free(queue, 1)
            return order

        assert asyncio.run(run()) == ["busy", "a", "b"]
