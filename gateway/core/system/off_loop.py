"""Work that grows with a text: in a thread above a size, so that it does not hold the event loop.

A thread shares the interpreter with the event loop, which gets it back every few milliseconds. It
does not get it back during a single long call of a C function: that work belongs in a process.
"""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
INLINE_CHARACTERS = 16_384
INLINE_ANSWER = 8_192  # one that is full of placeholders takes some 4 microseconds a character


async def off_loop(characters: int, call: Callable[P, T], *given: P.args, **more: P.kwargs) -> T:
    """Return what a call returns; above ``INLINE_CHARACTERS`` it runs in a thread."""
    if characters <= INLINE_CHARACTERS:
        return call(*given, **more)
    return await asyncio.to_thread(call, *given, **more)


async def to_its_end(size: int, call: Callable[P, T], *given: P.args, **more: P.kwargs) -> T:
    """Return what a call returns; above ``INLINE_ANSWER`` it runs in a thread, up to its end.

    For a call that changes what is used after it, also by a caller that is cancelled. A cancel that
    came meanwhile is raised where the caller next waits.
    """
    if size <= INLINE_ANSWER:
        return call(*given, **more)
    running = asyncio.ensure_future(asyncio.to_thread(call, *given, **more))
    task, cancels = asyncio.current_task(), 0
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError:
            cancels += 1
    if task is not None:
        for _ in range(cancels):
            task.uncancel()  # so that it is not counted twice
            task.cancel()
    return running.result()
