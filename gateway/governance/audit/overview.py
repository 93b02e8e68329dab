"""Figures of the newest requests: by zone, level and outcome, tokens and latency."""

from gateway.evidence.entry import Value, values_of
from gateway.governance.audit.request_group import Ask
from gateway.governance.audit.schemas import OverviewResponse


async def overview(ask: Ask, since_ms: int) -> OverviewResponse:
    """Figures since a moment in epoch milliseconds, from the newest 20,000 entries."""
    query = (
        "SELECT zone, level, outcome, disclosure FROM audit_detail WHERE time >= :since AND "
        "event IN ('request:answer:close', 'request:refusal:record', 'request:refusal:count') "
        "ORDER BY time DESC LIMIT 20000"
    )
    totals: dict[str, dict[str, int]] = {"zone": {}, "level": {}, "outcome": {}}
    latencies: list[int] = []
    requests = tokens = 0
    for row in await ask(query, {"since": since_ms}):
        fields = values_of(bytes(row["disclosure"]))
        number = _count(fields, "count") or 1  # refusals that one entry counts
        requests += number
        for name, counts in totals.items():
            label = row[name] or "none"
            counts[label] = counts.get(label, 0) + number
        if "latency_ms" in fields:
            latencies.append(_count(fields, "latency_ms"))
        tokens += _count(fields, "input_tokens") + _count(fields, "output_tokens")
    latencies.sort()
    return OverviewResponse(
        since=since_ms,
        requests=requests,
        tokens=tokens,
        by=totals,
        latency_ms={
            f"p{quantile}": latencies[len(latencies) * quantile // 100] if latencies else None
            for quantile in (50, 95, 99)
        },
    )


def _count(fields: dict[str, Value], name: str) -> int:
    value = fields.get(name, 0)
    return value if isinstance(value, int) else 0
