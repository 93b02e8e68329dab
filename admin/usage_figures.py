"""Figures of usage in the user's language: names of groups, amounts, and differences."""

from collections.abc import Mapping
from typing import Any

from admin.i18n import Localizer

Figures = dict[str, Any]
# Filters of the Requests page by group; a group without one has no link.
FILTERS = {
    "team": "team",
    "key": "principal",
    "model": "deployment",
    "provider": "provider",
    "zone": "zone",
    "use_case": "purpose",
    "level": "level",
    "result": "outcome",
    "rule": "rule",
}
_NAMES = {"zone": "zone", "level": "level", "result": "outcome"}
_MICROS = 1_000_000
MEASURES = ("requests", "cost", "tokens", "p50", "p95", "refused", "failed")
SUMMED = ("requests", "cost", "tokens", "refused", "failed")


def group_name(localize: Localizer, group: str, value: str, name: str = "") -> str:
    """The name of a group such as a zone or a key."""
    if value.startswith("("):
        return localize.name("usage_group", value.strip("()"))
    return localize.name(_NAMES[group], value) if group in _NAMES else name or value


def request_filters(group: str, value: str) -> Mapping[str, str]:
    """The filters of the Requests page for a group; empty where they would not find it."""
    if value.startswith("(") or group not in FILTERS:
        return {}
    return {FILTERS[group]: value}


def money(localize: Localizer, micros: Mapping[str, int]) -> str:
    """Amounts by currency."""
    shown = [
        f"{localize.number(amount / _MICROS, 2)} {currency}".strip()
        for currency, amount in micros.items()
    ]
    return ", ".join(shown) or localize.number(0, 2)


def currency_of(figures: Figures) -> str:
    """The currency with the largest amount; a chart shows one."""
    costs = figures["cost_micros"]
    return max(costs, key=lambda name: costs[name]) if costs else ""


def value_of(figures: Figures, measure: str, currency: str = "") -> float | None:
    """A figure as a number; None without an answer."""
    if measure == "cost":
        return float(figures["cost_micros"].get(currency, 0)) / _MICROS
    if measure == "tokens":
        return float(figures["input_tokens"] + figures["output_tokens"])
    if measure in ("p50", "p95", "p99"):
        found = figures["latency_ms"].get(measure)
        return None if found is None else float(found)
    return float(figures[measure])


def shown(localize: Localizer, figures: Figures, measure: str) -> str:
    """A figure as text."""
    if measure == "cost":
        return money(localize, figures["cost_micros"])
    value = value_of(figures, measure)
    if value is None:
        return localize.raw("overview.none")
    unit = " ms" if measure.startswith("p") else ""
    return localize.number(value) + unit


def difference(localize: Localizer, now: Figures, before: Figures | None, measure: str) -> str:
    """The difference with the period before, in percent; empty where nothing compares."""
    if before is None:
        return ""
    currency = currency_of(now)
    present, past = value_of(now, measure, currency), value_of(before, measure, currency)
    if present is None or not past or present == past:
        return ""
    sign = "+" if present >= past else "-"
    return f"{sign}{localize.number(abs(present - past) / past * 100, 1)} %"
