"""Figures as CSV, safe in a spreadsheet: no cell is taken for a formula."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.core.text.spreadsheet import safe_cell
from gateway.governance.usage.schemas import UsageFiguresResponse, UsageResponse

_SUMS = (
    "requests",
    "answered",
    "refused",
    "failed",
    "estimated",
    "input_tokens",
    "output_tokens",
    "items",
    "taken",
)
_QUANTILES = ("p50", "p95", "p99")


def as_csv(found: UsageResponse, hide: Callable[[str], str]) -> bytes:
    """One row for each part and group; ``hide`` replaces the names of hidden persons."""
    currencies = sorted({name for one in found.series for name in one.figures.cost_micros})
    names = {one.group: one.name for one in found.groups}
    zone = ZoneInfo(found.timezone)
    text = io.StringIO()
    writer = csv.writer(text)
    latency = [f"{kind}_{q}_ms" for kind in ("latency", "overhead") for q in _QUANTILES]
    costs = [f"cost_{name}" for name in currencies]
    writer.writerow(["start", found.group or "group", "name", *_SUMS, *costs, *latency])
    for part in found.series:
        start = datetime.fromtimestamp(part.start / 1000, zone).isoformat(timespec="minutes")
        about = [start, hide(part.group), hide(names.get(part.group, part.group))]
        cells = [*about, *_cells(part.figures, currencies)]
        writer.writerow([safe_cell(cell) for cell in cells])
    return text.getvalue().encode()


def _cells(figures: UsageFiguresResponse, currencies: list[str]) -> list[object]:
    sums = [getattr(figures, name) for name in _SUMS]
    costs = [f"{figures.cost_micros.get(name, 0) / 1_000_000:.6f}" for name in currencies]
    times = [
        kind.get(quantile)
        for kind in (figures.latency_ms, figures.overhead_ms)
        for quantile in _QUANTILES
    ]
    return [*sums, *costs, *times]
