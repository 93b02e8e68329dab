"""The figures of the overview: by zone, level and outcome, with tokens and latency of answers."""

import asyncio

from gateway.governance.usage.definition import NONE, QUANTILES
from gateway.governance.usage.schemas import OverviewResponse
from gateway.governance.usage.service import UsageService

_GROUPS = {"zone": "zone", "level": "level", "outcome": "result"}


async def overview(usage: UsageService, since_ms: int) -> OverviewResponse:
    """Figures since the beginning of the hour of a moment (epoch milliseconds)."""
    pending = await usage.rollup.catch_up()
    (period, found), *by_group = await asyncio.gather(
        usage.figures(since_ms, "", quantiles=True),
        *(usage.figures(since_ms, group) for group in _GROUPS.values()),
    )
    total = found.total
    counts = {
        name: {"none" if one == NONE else one: each.requests for one, each in table.groups.items()}
        for name, (_, table) in zip(_GROUPS, by_group, strict=True)
    }
    return OverviewResponse(
        since=period.since,
        pending=pending,
        requests=total.requests,
        tokens=total.input_tokens + total.output_tokens,
        by=counts,
        latency_ms={f"p{one}": total.latency.get(one) for one in QUANTILES},
    )
