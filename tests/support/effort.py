"""How much a test tries: everything in ``make test``, a share of it in ``make unit``.

``SLUIS_QUICK=1``, which ``make unit`` sets, is for the minute between two edits. A test that tries
many examples asks here how many; each test still runs.

``SLUIS_ONE_DATABASE=1``, which ``make test`` sets, gives a test that knows both databases one of
them, always the same: the digest of its name decides, so each half of the suite runs on each.
``make test-all``, ``make campaign`` and a test that is started by hand run on both.
"""

import os
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import pytest

QUICK = os.environ.get("SLUIS_QUICK") == "1"
ONE_DATABASE = os.environ.get("SLUIS_ONE_DATABASE") == "1"
_DATABASES = ("sqlite", "postgres")
_SHARE = 5
_FEWEST = 10
_T = TypeVar("_T")


def examples(count: int) -> int:
    """The number of examples, or the length of a text, where ``make test`` takes ``count``."""
    return max(min(count, _FEWEST), count // _SHARE) if QUICK else count


def some(tried: Sequence[_T]) -> Sequence[_T]:
    """All of ``tried``, or every fifth of them."""
    return tried[::_SHARE] if QUICK else tried


def on_this_database(item: "pytest.Item") -> bool:
    """Whether a test runs, by the database among its parameters."""
    callspec = getattr(item, "callspec", None)
    if not ONE_DATABASE or callspec is None:
        return True
    for value in callspec.params.values():
        if isinstance(value, str) and value in _DATABASES:
            name = item.name.replace(value, "")
            return value == _DATABASES[zlib.crc32(name.encode()) % len(_DATABASES)]
    return True
