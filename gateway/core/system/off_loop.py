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


async def off_loop(characters: int, call: Callable[P, T], *given: P.args, **more: P.kwargs) -> T:
    """Return what a call returns; above ``INLINE_CHARACTERS`` it runs in a thread."""
    if characters <= INLINE_CHARACTERS:
        return call(*given, **more)
    return await asyncio.to_thread(call, *given, **more)
