"""Restarts of real child processes, which write their process id to a pipe."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.processes.children import Child, Children

pytestmark = pytest.mark.integration
SCRIPT = "#!/bin/sh\necho $$ > {pipe}\nexec sleep 60\n"


class Program:
    """A child that writes its process id at each start."""

    def __init__(self, folder: Path) -> None:
        self.path, self._pipe = folder / "program", folder / "pipe"
        os.mkfifo(self._pipe)
        self.child = Child("part", [str(self.path)])

    def write(self) -> None:
        self.path.write_text(SCRIPT.format(pipe=self._pipe))
        self.path.chmod(0o700)

    async def process_id(self) -> int:
        return int(await asyncio.wait_for(asyncio.to_thread(self._pipe.read_text), 20))


@pytest.fixture
async def children() -> AsyncIterator[Children]:
    started = Children()
    yield started
    await started.stop()


async def test_a_killed_child_is_restarted_and_stops_with_the_others(
    children: Children, tmp_path: Path
) -> None:
    program = Program(tmp_path)
    program.write()
    children.start(program.child)
    first = await program.process_id()
    os.kill(first, signal.SIGKILL)
    second = await program.process_id()
    await children.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


async def test_a_child_that_cannot_start_is_tried_again(
    children: Children, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = asyncio.Event()
    monkeypatch.setattr(
        logging.getLogger("gateway.processes.children"), "error", lambda *_, **__: logged.set()
    )
    program = Program(tmp_path)
    children.start(program.child)
    await asyncio.wait_for(logged.wait(), 20)
    program.write()
    assert await program.process_id()
