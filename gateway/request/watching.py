"""Ends a request under way when it may no longer go on, whatever it waits for."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from gateway.core.errors import Refusal

EVERY_S = 1.0


class Watch:
    """A context manager that repeats a check while its body runs; a refusal ends the body.

    The body is cancelled where it waits: for a provider that is silent, or for a slow client. It
    then ends by the refusal. It works as ``asyncio.timeout`` does, with a check instead of a time.
    """

    def __init__(self, recheck: Callable[[], object], *, every_s: float = EVERY_S) -> None:
        """``recheck`` raises a refusal when the body may not go on; asked every so many seconds."""
        self._recheck = recheck
        self._every_s = every_s
        self._refusal: Refusal | None = None

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a watch needs a task")
        self._task, self._cancelling = task, task.cancelling()
        self._loop = task.get_loop()
        self._timer = self._loop.call_later(self._every_s, self._look)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._refusal is None:
            return
        others = self._task.uncancel() > self._cancelling
        if kind is asyncio.CancelledError and not others:  # the caller has not left as well
            raise self._refusal from None

    def _look(self) -> None:
        try:
            self._recheck()
        except Refusal as refusal:
            self._refusal = refusal
            self._task.cancel()
        else:
            self._timer = self._loop.call_later(self._every_s, self._look)
