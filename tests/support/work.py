"""The work of a call, counted: the same on a busy machine as on an idle one."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

_SEARCHES = frozenset(("find", "index", "count", "replace", "split", "partition"))
_A_CALL = 64  # characters that are searched while a function is called


def work_of(call: Callable[[], object]) -> int:
    """Return how many functions a call calls; a search of a text counts by its length."""
    work = 0

    def count(frame: FrameType, event: str, called: Any) -> None:
        nonlocal work
        if event not in ("call", "c_call"):
            return
        work += 1
        if event == "c_call" and called.__name__ in _SEARCHES:
            searched = getattr(called, "__self__", None)
            work += len(searched) // _A_CALL if isinstance(searched, (str, bytes)) else 0

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(before)
    return work
