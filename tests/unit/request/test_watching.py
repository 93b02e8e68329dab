"""A request under way ends where it waits, once it may not go on."""

import asyncio

import pytest

from gateway.core.errors import Denied, Stopped
from gateway.request.watching import Watch

SOON_S = 0.001


class Switch:
    """A check that a test turns off."""

    def __init__(self) -> None:
        self.asked = 0
        self.off = False
        self.thrice = asyncio.Event()

    def __call__(self) -> None:
        self.asked += 1
        if self.asked == 3:
            self.thrice.set()
        if self.off:
            raise Stopped("stopped", rules=("stop.alias",))


async def test_a_body_that_waits_for_ever_ends_by_the_refusal() -> None:
    switch, ended = Switch(), asyncio.Event()
    switch.off = True

    async def body() -> None:
        with Watch(switch, every_s=SOON_S):
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

    with pytest.raises(Stopped) as refused:
        await body()
    assert ended.is_set()
    assert (refused.value.code, refused.value.outcome) == ("access_denied", "stopped")
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_it_is_asked_again_and_again_and_not_after_the_end() -> None:
    switch = Switch()
    with Watch(switch, every_s=SOON_S):
        async with asyncio.timeout(10):
            await switch.thrice.wait()
    asked = switch.asked
    await asyncio.sleep(10 * SOON_S)
    assert switch.asked == asked


async def test_what_ends_the_body_itself_stays_what_it_is() -> None:
    async def body(fault: Exception) -> None:
        with Watch(Switch(), every_s=SOON_S):
            raise fault

    for fault in (Denied("no"), TimeoutError(), ValueError()):
        with pytest.raises(type(fault)) as raised:
            await body(fault)
        assert raised.value is fault


async def test_a_caller_who_leaves_is_no_stop() -> None:
    entered = asyncio.Event()

    async def body() -> None:
        with Watch(Switch(), every_s=SOON_S):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(body())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
