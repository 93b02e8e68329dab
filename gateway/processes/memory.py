"""Memory of a long-running process: less work for the garbage collector, less unused heap."""

import ctypes
import gc
import sys


def settle(*, first: bool) -> None:
    """Collect garbage; at the start exempt all present objects: most live as long as the process.

    Not later: a snapshot that is replaced holds objects that refer to one another, and exempt
    objects are never collected.
    """
    gc.collect()
    if first:
        gc.freeze()
    release()


def release() -> None:
    """Return freed heap to the system: compiling patterns leaves some 30 MB of it."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only
        if trim is not None:
            trim(0)
