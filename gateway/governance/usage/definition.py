"""What the figures mean: one definition for the overview, the usage API and the activity report.

An *answer* is a request that ended with ``ok`` or ``content_filter``. Latency and overhead are of
answers only: otherwise refusals, which are fast, would make a gateway look faster. A *refusal*
never departed. All other requests failed.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from itertools import accumulate

from gateway.core.pseudonym import PREFIXES
from gateway.evidence.entry import Value

# No name of a catalogue has these forms.
NONE, ERASED, PERSONS = "(none)", "(erased)", "(persons)"
ANSWERED = ("ok", "content_filter")
CRASHED = "unknown_crash"
QUANTILES = (50, 95, 99)
HOUR_MS = 3_600_000
TENTH_MS = 100  # microseconds: the unit of overhead
_WAITING = ("receive", "upstream", "deliver")  # stages in which the gateway has nothing to do
_EXACT = 1000
Values = Mapping[str, Value]


def bucket_of(value: int) -> int:
    """The bucket of a histogram: the value to three digits.

    Below 1000 each value has its own bucket. Above, each power of ten has 900 of them, so that a
    quantile is at most 0.5 % off, and histograms are added bucket by bucket.
    """
    return value if value < _EXACT else int(float(f"{value:.3g}"))


def quantiles_of(counts: Mapping[int, int]) -> dict[int, int]:
    """The quantiles of a histogram by percentage; empty without a value.

    Each is the bucket of the first value that at least so many of all values do not exceed.
    """
    buckets = sorted(counts)
    passed = list(accumulate(counts[bucket] for bucket in buckets))
    if not passed or not passed[-1]:
        return {}
    return {one: buckets[bisect_left(passed, passed[-1] * one / 100)] for one in QUANTILES}


def is_answer(outcome: str) -> bool:
    """Whether a request with this outcome was answered."""
    return outcome in ANSWERED


def key_of(facts: Values) -> str:
    """The key behind a request. Persons count together: there are no figures per employee."""
    principal = facts.get("principal")
    if not principal:
        return NONE
    person = facts.get("principal_kind") == "person" or str(principal).startswith(PREFIXES)
    return PERSONS if person else str(principal)


def overhead_of(facts: Values) -> int | None:
    """The time of the gateway itself, in tenths of a millisecond; None where it is unknown."""
    stages = facts.get("stages_us")
    if not isinstance(stages, dict):
        return None
    own = sum(int(spent) for name, spent in stages.items() if name not in _WAITING)
    return own // TENTH_MS


def number_of(facts: Values, name: str) -> int:
    """A number among the facts; 0 without one."""
    value = facts.get(name)
    return value if isinstance(value, int) else 0


def names_of(value: Value) -> Iterable[str]:
    """The names in a list; none where it is no list."""
    return map(str, value) if isinstance(value, list) else ()
