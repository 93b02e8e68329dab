"""Work beside the event loop: a cancel neither loses its result nor leaves it running."""

import asyncio
import threading
from typing import Any

import pytest

from gateway.core.system.off_loop import INLINE_CHARACTERS, off_loop, to_its_end

LARGE = INLINE_CHARACTERS + 1


@pytest.mark.parametrize(("call", "most"), [(off_loop, INLINE_CHARACTERS), (to_its_end, 8_192)])
async def test_small_work_is_done_here_and_large_work_in_a_thread(call: Any, most: int) -> None:
    here = threading.get_ident()
    assert await call(most, threading.get_ident) == here
    assert await call(most + 1, threading.get_ident) != here


async def test_a_fault_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        await to_its_end(LARGE, divmod, 1, 0)


@pytest.mark.parametrize("cancels", [1, 2])
async def test_a_cancel_waits_for_the_end_and_comes_after_it(cancels: int) -> None:
    begun, go_on, done = threading.Event(), threading.Event(), list[str]()

    def work() -> str:
        begun.set()
        go_on.wait(10)
        done.append("work")
        return "result"

    async def caller() -> None:
        done.append(await to_its_end(LARGE, work))
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            assert task is not None
            done.append(f"cancelled {task.cancelling()}")
            raise

    task = asyncio.create_task(caller())
    await asyncio.to_thread(begun.wait, 10)
    for _ in range(cancels):
        task.cancel()
        await asyncio.sleep(0.01)
    assert done == []
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["work", "result", f"cancelled {cancels}"]
