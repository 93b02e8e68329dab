"""How much a test tries: everything in ``make test``, a share of it in ``make unit``.

``SLUIS_QUICK=1``, which ``make unit`` sets, is for the minute between two edits. A test that tries
many examples asks here how many; each test still runs.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

QUICK = os.environ.get("SLUIS_QUICK") == "1"
_SHARE = 5
_FEWEST = 10
_T = TypeVar("_T")


def examples(count: int) -> int:
    """The number of examples, or the length of a text, where ``make test`` takes ``count``."""
    return max(min(count, _FEWEST), count // _SHARE) if QUICK else count


def some(tried: Sequence[_T]) -> Sequence[_T]:
    """All of ``tried``, or every fifth of them."""
    return tried[::_SHARE] if QUICK else tried
