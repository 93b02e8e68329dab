"""A thread that runs one caller's blocking calls, in order.

An executor of the standard library pays for locks, semaphores and two futures a call. The trail
makes a call here for every few requests.
"""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
_CLOSE_TIMEOUT_S = 10.0
_Job = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class SerialExecutor:
    """Starts its thread with the first call. The thread ends with ``close`` or with the process."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Runs ``work`` in the thread and returns (or raises) its result.

        Queued work also runs when its caller has been cancelled.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._run_jobs, name=self._name, daemon=True)
            self._thread.start()
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put((work, done))
        return await done

    def close(self) -> None:
        """Waits up to ten seconds for the queued work, and ends the thread.

        Work that hangs, as on a dead disk, does not keep the process from ending.
        """
        self._jobs.put(None)
        if self._thread is not None:
            self._thread.join(_CLOSE_TIMEOUT_S)

    def _run_jobs(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, done = job
            result = error = None
            try:
                result = work()
            except Exception as failure:  # noqa: BLE001 - the edge of a thread: the caller gets it
                error = failure
            try:
                done.get_loop().call_soon_threadsafe(_resolve, done, result, error)
            except RuntimeError:  # the loop has ended, so no caller waits
                return


def _resolve(done: "asyncio.Future[Any]", result: Any, error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
