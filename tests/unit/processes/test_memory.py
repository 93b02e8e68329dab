"""What a later snapshot replaces is freed, however its objects refer to one another."""

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from gateway.processes import memory

pytestmark = pytest.mark.unit


class Part:
    """Refers to itself, as closures and compiled rules do."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_came_after_the_start_is_freed_when_it_is_replaced() -> None:
    memory.settle(first=True)
    replaced = Part()
    seen = weakref.ref(replaced)
    memory.settle(first=False)
    del replaced
    memory.settle(first=False)
    assert seen() is None


def test_what_is_there_at_the_start_costs_the_collector_nothing() -> None:
    before = gc.get_freeze_count()
    memory.settle(first=True)
    assert gc.get_freeze_count() > before


_HEAPS = """
import ctypes, re, sys, tempfile, threading
from gateway.processes import memory

def held():  # one allocation of a heap in each thread, while all of them live
    libc.malloc.restype = ctypes.c_void_p
    assert libc.malloc(5000)
    all_live.wait()

libc = ctypes.CDLL(None)
if sys.argv[1] == "few":
    memory.keep_few_heaps()
all_live = threading.Barrier(8)
threads = [threading.Thread(target=held) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.fdopen.restype = ctypes.c_void_p
file = tempfile.NamedTemporaryFile()
stream = ctypes.c_void_p(libc.fdopen(file.fileno(), b"w"))
libc.malloc_info(0, stream)
libc.fflush(stream)
print(len(re.findall("<heap nr=", open(file.name).read())))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="heaps of glibc")
def test_threads_share_heaps() -> None:
    def heaps(how: str) -> int:
        command = [sys.executable, "-c", _HEAPS, how]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return int(done.stdout)

    assert heaps("few") <= 2 < heaps("many")
