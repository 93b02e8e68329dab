"""Limits in tokens, and the line in front of the pool."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from gateway.core.errors import InvalidRequest, RateLimited, Unavailable
from gateway.worker.admission_queue import AdmissionQueue, token_budget

pytestmark = pytest.mark.unit


class TestTokenBudget:
    @pytest.mark.parametrize(
        ("prompt", "asked", "wanted"),
        [(10, 90, 90), (10, None, 50), (99, None, 1), (60, None, 40), (99, 1, 1)],
    )
    def test_fits(self, prompt: int, asked: int | None, wanted: int) -> None:
        budget = token_budget(prompt=prompt, asked=asked, context=100, pool=200, default=50)
        assert budget == wanted

    @pytest.mark.parametrize(("prompt", "asked"), [(10, 91), (100, None), (100, 1), (500, None)])
    @pytest.mark.parametrize(("context", "pool"), [(100, 200), (200, 100)])
    def test_does_not_fit(self, prompt: int, asked: int | None, context: int, pool: int) -> None:
        with pytest.raises(InvalidRequest) as refused:
            token_budget(prompt=prompt, asked=asked, context=context, pool=pool, default=50)
        assert refused.value.code == "context_length_exceeded"


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class TestLine:
    def test_first_come_first_served_also_when_a_later_one_would_fit(self) -> None:
        async def run() -> list[str]:
            line, order = AdmissionQueue(capacity=10, max_waiting=5), []

            async def visit(name: str, pages: int, leave: asyncio.Event) -> None:
                async with line.place(pages):
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
            assert (order, line.waiting, line.in_use) == (["first"], 2, 0.6)
            leave.set()
            await asyncio.gather(first, *rest)
            assert line.in_use == 0
            return order

        assert asyncio.run(run()) == ["first", "large", "small"]

    def test_a_full_line_refuses_at_once(self) -> None:
        async def run() -> None:
            line = AdmissionQueue(capacity=1, max_waiting=0)
            async with line.place(1):
                with pytest.raises(RateLimited) as refused:
                    async with AsyncExitStack() as stack:
                        await stack.enter_async_context(line.place(1))
                assert refused.value.retry_after
            async with line.place(1):
                assert line.in_use == 1

        asyncio.run(run())

    @pytest.mark.parametrize("granted_first", [False, True])
    def test_who_leaves_the_line_leaves_no_hole(self, *, granted_first: bool) -> None:
        async def run() -> None:
            line = AdmissionQueue(capacity=2, max_waiting=5)

            async def visit() -> None:
                async with line.place(2):
                    await asyncio.Event().wait()

            holder = asyncio.create_task(visit())
            await settle()
            waiter = asyncio.create_task(visit())
            await settle()
            if granted_first:  # the place is given and the caller leaves in the same step
                holder.cancel()
                await asyncio.sleep(0)
            waiter.cancel()
            holder.cancel()
            await asyncio.gather(holder, waiter, return_exceptions=True)
            assert (line.waiting, line.in_use) == (0, 0)

        asyncio.run(run())

    def test_closing_turns_all_away(self) -> None:
        async def run() -> None:
            line = AdmissionQueue(capacity=1, max_waiting=5)

            async def visit() -> None:
                async with line.place(1):
                    await settle()

            async with line.place(1):
                waiting = asyncio.create_task(visit())
                await settle()
                line.close(Unavailable("closed"))
                with pytest.raises(Unavailable):
                    await waiting
            assert line.in_use == 0

        asyncio.run(run())
