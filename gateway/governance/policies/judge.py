"""Judges bundles in a process of its own, with a limit of time.

Compiling and comparing take as long as the author of a draft makes them, and Cedar keeps the
interpreter while it does. So drafts are judged elsewhere, one after another: the event loop and the
threads of the control plane go on, and a process that is late is ended.

``python -m gateway.governance.policies.judge [FOLDER]`` is that process; the folder keeps compiled
patterns. A message is a length and then that many bytes, as for detectors.
"""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import IO

import msgspec

from gateway.classifiers.protocol import LENGTH
from gateway.core.errors import Unavailable
from gateway.decisions import BundleError
from gateway.governance.policies.bundle import check
from gateway.governance.policies.cases import PolicyTestResult, detector, run_tests
from gateway.governance.policies.difference import difference
from gateway.governance.policies.strict import Fault, Names, faults, lacking
from gateway.governance.proposals.bundle_report import PolicyDifference

LIMIT_S = 60.0
_MOST_WAITING = 8  # drafts that are judged or wait
_START_S, _IDLE_S = 120.0, 300.0  # until patterns are compiled; until it ends without work
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}  # no secret


class BundleVerdict(msgspec.Struct, frozen=True):
    """The results of the cases of a bundle, its faults, and those that are new."""

    tests: list[PolicyTestResult]
    faults: list[Fault]
    new: list[Fault]


class _Task(msgspec.Struct, frozen=True):
    """Two bundles; without ``known``, the names of the catalogue, what differs is asked."""

    before: Mapping[str, str]
    files: dict[str, str]
    known: dict[str, list[str]] | None = None


class _Answer(msgspec.Struct, frozen=True):
    error: str | None = None
    verdict: BundleVerdict | None = None
    difference: str | None = None


class PolicyJudge:
    """The process, started when there is work for it."""

    def __init__(self, cache_dir: Path | None, *, limit_s: float = LIMIT_S) -> None:
        self._command = [sys.executable, "-m", __name__, *([str(cache_dir)] if cache_dir else [])]
        self._limit_s = limit_s
        self._process: subprocess.Popen[bytes] | None = None
        self._busy: subprocess.Popen[bytes] | None = None  # the process, while it judges
        self._idle: threading.Timer | None = None
        # A thread of its own: waiting drafts must not take those that others use.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="policy-judge")
        self._room = threading.BoundedSemaphore(_MOST_WAITING)

    async def judge(
        self, files: dict[str, str], before: Mapping[str, str], known: Names
    ) -> BundleVerdict:
        """Check a bundle.

        Raises:
            BundleError: when it cannot be used, or was not judged in time.
            Unavailable: while too many drafts wait.
        """
        task = _Task(before, files, {kind: sorted(names) for kind, names in known.items()})
        answer = await self._ask(task)
        if answer.verdict is None:
            raise self._late()
        return answer.verdict

    async def compare(self, before: Mapping[str, str], files: dict[str, str]) -> PolicyDifference:
        """What a bundle changes of another one.

        Raises:
            BundleError, Unavailable: as ``judge`` does.
        """
        answer = await self._ask(_Task(before, files))
        if answer.difference is None:
            raise self._late()
        return PolicyDifference.model_validate_json(answer.difference)

    def give_up(self) -> None:
        """End what is being judged, so that this program can end."""
        if (busy := self._busy) is not None:
            busy.kill()

    async def _ask(self, task: _Task) -> _Answer:
        if not self._room.acquire(blocking=False):
            raise Unavailable(
                f"{_MOST_WAITING} drafts of policies are being judged. Try again.", retry_after=10
            )
        # The place is free when the work is done, also when nobody waits for it any more.
        work = self._thread.submit(self._answer, msgspec.json.encode(task))
        work.add_done_callback(lambda _: self._room.release())
        answer = await asyncio.wrap_future(work)
        if answer.error is not None:
            raise BundleError(answer.error)
        return answer

    def _late(self) -> BundleError:
        return BundleError(
            f"it was not judged within {self._limit_s:g} s: make it smaller, such as by fewer rules"
        )

    def _answer(self, message: bytes) -> _Answer:
        """The answer of the process; an empty one when it was late or ended."""
        if self._idle is not None:
            self._idle.cancel()
        try:
            if self._process is None:
                self._process = self._started()
            process = self._busy = self._process
            with _Deadline(self._limit_s, process):
                _send(process.stdin, message)
                return msgspec.json.decode(_received(process.stdout), type=_Answer)
        except (OSError, EOFError, msgspec.DecodeError):
            self._end()
            return _Answer()
        finally:
            self._busy = None
            self._idle = threading.Timer(_IDLE_S, self._thread.submit, (self._end,))
            self._idle.daemon = True
            self._idle.start()

    def _started(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            start_new_session=True,
        )
        with _Deadline(_START_S, process):
            _received(process.stdout)
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


@cache
def judge_of(cache_dir: Path | None, use: str) -> PolicyJudge:
    """The judge of this program for a use; ``cache_dir`` keeps compiled patterns."""
    return PolicyJudge(cache_dir)


class _Deadline(threading.Timer):
    """Kills a process that is not ready in time: then its pipe ends."""

    def __init__(self, seconds: float, process: "subprocess.Popen[bytes]") -> None:
        super().__init__(seconds, process.kill)
        self.daemon = True

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self.cancel()


def _send(pipe: IO[bytes] | None, message: bytes) -> None:
    if pipe is None:
        raise EOFError
    pipe.write(LENGTH.pack(len(message)) + message)
    pipe.flush()


def _received(pipe: IO[bytes] | None) -> bytes:
    """The next message.

    Raises:
        EOFError: when the other side has ended.
    """
    head = pipe.read(LENGTH.size) if pipe else b""
    if pipe is None or len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _judged(task: _Task, cache_dir: Path | None) -> _Answer:
    try:
        if task.known is None:
            check(task.files)
            return _Answer(difference=difference(task.before, task.files).model_dump_json())
        tests = run_tests(task.files, cache_dir)
        found = faults(task.files, task.known)
        return _Answer(verdict=BundleVerdict(tests, found, lacking(found, task.before, task.known)))
    except BundleError as error:
        return _Answer(error=str(error))


def main(arguments: list[str]) -> None:
    """Judge what comes in until the other side ends."""
    cache_dir = Path(arguments[0]) if arguments else None
    detector(cache_dir)
    answer: Callable[[bytes], None] = partial(_send, sys.stdout.buffer)
    answer(b"")
    while True:
        try:
            task = msgspec.json.decode(_received(sys.stdin.buffer), type=_Task)
        except EOFError:
            return
        answer(msgspec.json.encode(_judged(task, cache_dir)))


if __name__ == "__main__":
    main(sys.argv[1:])
