"""Response bodies of ``/admin/v1/usage`` and ``/admin/v1/overview``."""

from collections.abc import Sequence

from gateway.governance.http.schemas import ResponseBody
from gateway.governance.usage.figures import UsageFigures


class UsageFiguresResponse(ResponseBody):
    """Sums of requests.

    ``cost_micros`` is by currency. ``latency_ms`` and ``overhead_ms`` are quantiles of answers
    only (p50, p95, p99), at most 0.5 % off; empty without an answer. ``items`` and ``taken`` are
    values that were found, and those that left redacted: of the groups of ``finding`` only.
    """

    requests: int
    answered: int
    refused: int
    failed: int
    estimated: int
    input_tokens: int
    output_tokens: int
    cost_micros: dict[str, int]
    latency_ms: dict[str, float]
    overhead_ms: dict[str, float]
    items: int
    taken: int

    @classmethod
    def of(cls, found: UsageFigures) -> "UsageFiguresResponse":
        """The figures as a response."""
        return cls(
            requests=found.requests,
            answered=found.answered,
            refused=found.refused,
            failed=max(0, found.requests - found.answered - found.refused),
            estimated=found.estimated,
            input_tokens=found.input_tokens,
            output_tokens=found.output_tokens,
            cost_micros=dict(sorted(found.cost_micros.items())),
            latency_ms={f"p{q}": float(value) for q, value in found.latency.items()},
            overhead_ms={f"p{q}": value / 10 for q, value in found.overhead.items()},
            items=found.items,
            taken=found.taken,
        )


class UsageGroup(ResponseBody):
    """The figures of a group; ``name`` is that of its key, else the group itself."""

    group: str
    name: str
    figures: UsageFiguresResponse


class UsagePart(ResponseBody):
    """The figures of a part of the period; ``start`` is epoch milliseconds."""

    start: int
    group: str
    figures: UsageFiguresResponse


class UsageBudget(ResponseBody):
    """The budget of a team for this month (UTC), in micros of its currency, and what is used."""

    team: str
    currency: str
    budget_micros: int
    used_micros: int
    month_starts: int


class UsageResponse(ResponseBody):
    """Figures of whole hours from ``since`` to ``until`` (epoch milliseconds, exclusive).

    ``pending`` is the number of entries that are not counted yet: 0 says that the figures are
    exact. ``before`` and ``groups_before`` are of the period of the same length before, null where
    it was not asked for.
    """

    since: int
    until: int
    by: str
    group: str
    timezone: str
    pending: int
    total: UsageFiguresResponse
    groups: Sequence[UsageGroup]
    series: Sequence[UsagePart]
    before: UsageFiguresResponse | None
    groups_before: Sequence[UsageGroup] | None
    budgets: Sequence[UsageBudget]


class UsageCheckResponse(ResponseBody):
    """Whether the stored sums are those of the entries; times are epoch milliseconds.

    ``hours`` were compared. Hours before ``kept_before`` were not, as entries have expired.
    ``differing`` are the first hours that differ.
    """

    same: bool
    entries: int
    hours: int
    kept_before: int
    differing: Sequence[int]


class UsageRebuildResponse(ResponseBody):
    """The end of the hours whose sums were kept, as entries have expired; 0 where none have."""

    kept_before: int


class OverviewResponse(ResponseBody):
    """Figures since the beginning of an hour in epoch milliseconds.

    ``by`` counts requests by zone, level and outcome; ``latency_ms`` holds quantiles of answers.
    ``pending`` entries are not counted yet.
    """

    since: int
    pending: int
    requests: int
    tokens: int
    by: dict[str, dict[str, int]]
    latency_ms: dict[str, int | None]
