"""Memory of a long-running process: less work for the collector, less held from the system."""

import ctypes
import gc
import sys


def settle() -> None:
    """What was built at start lives on: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    release()


def release() -> None:
    """Returns freed heap to the system: compiling patterns leaves some 30 MB of it behind."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only
        if trim is not None:
            trim(0)
