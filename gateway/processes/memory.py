"""Memory of a long-running process: less work for the garbage collector, less unused heap."""

import ctypes
import gc
import sys

_M_ARENA_MAX = -8  # of malloc.h
_HEAPS = 2


def settle(*, first: bool) -> None:
    """Collect garbage; at the start exempt all present objects: most live as long as the process.

    Not later: a snapshot that is replaced holds objects that refer to one another, and exempt
    objects are never collected.
    """
    gc.collect()
    if first:
        gc.freeze()
    release()


def keep_few_heaps() -> None:
    """Let the threads of this process share heaps; to be called before the first thread starts.

    glibc gives each thread a heap of its own, up to eight per core. What one thread frees, another
    does not use, so that a process with many threads grows for hours.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc only
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, _HEAPS)


def release() -> None:
    """Return freed heap to the system: compiling patterns leaves some 30 MB of it."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only
        if trim is not None:
            trim(0)
