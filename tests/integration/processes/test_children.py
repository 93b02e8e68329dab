"""Processes that are kept running: real ones, which tell their number through a pipe."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.processes.children import Child, Children

pytestmark = pytest.mark.integration
PROGRAM = "#!/bin/sh\necho $$ > {pipe}\nexec sleep 60\n"


class Kept:
    """A child of which each life tells its number."""

    def __init__(self, folder: Path) -> None:
        self.program, self._pipe = folder / "program", folder / "pipe"
        os.mkfifo(self._pipe)
        self.child = Child("part", [str(self.program)])

    def write(self) -> None:
        self.program.write_text(PROGRAM.format(pipe=self._pipe))
        self.program.chmod(0o700)

    async def number(self) -> int:
        return int(await asyncio.wait_for(asyncio.to_thread(self._pipe.read_text), 20))


@pytest.fixture
async def children() -> AsyncIterator[Children]:
    started = Children()
    yield started
    await started.stop()


async def test_one_that_falls_comes_back_and_ends_with_the_others(
    children: Children, tmp_path: Path
) -> None:
    kept = Kept(tmp_path)
    kept.write()
    children.start(kept.child)
    first = await kept.number()
    os.kill(first, signal.SIGKILL)
    second = await kept.number()
    await children.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


async def test_one_that_cannot_be_started_is_tried_again(
    children: Children, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = asyncio.Event()
    monkeypatch.setattr(
        logging.getLogger("gateway.processes.children"), "error", lambda *_, **__: told.set()
    )
    kept = Kept(tmp_path)
    children.start(kept.child)
    await asyncio.wait_for(told.wait(), 20)
    kept.write()
    assert await kept.number()
