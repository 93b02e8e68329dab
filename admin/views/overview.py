"""The overview page: traffic of a period."""

import time
from typing import Any

import streamlit as st

from admin.components import LEVELS, attempt, heading
from admin.page_context import PageContext

_PERIODS = {"hour": 3600, "day": 86_400, "week": 7 * 86_400, "month": 30 * 86_400}
_ZONES = ("internal", "eu", "global", "none")
_BLUE = "#1F6F9C"


def page(context: PageContext) -> None:
    """Draw counts, latency and tokens."""
    heading(context, "overview")
    localize = context.localize
    period = st.segmented_control(
        localize("overview.period"),
        list(_PERIODS),
        default="week",
        required=True,
        format_func=lambda name: localize.raw(f"period.{name}"),
        key="overview.period",
    )
    since = int((time.time() - _PERIODS[str(period)]) * 1000)
    found = attempt(localize, lambda: context.client.overview(since))
    if found is None:
        return
    _numbers(context, found)
    if not found["requests"]:
        st.info(localize("overview.empty"), icon=":material/info:")
        return
    left, right = st.columns(2)
    with left:
        _bars(context, "zone", found["by"]["zone"], _ZONES)
        _bars(context, "outcome", found["by"]["outcome"], ())
    with right:
        _bars(context, "level", found["by"]["level"], (*LEVELS, "none"))
        st.caption(localize("overview.note", since=localize.moment(found["since"] / 1000)))


def _numbers(context: PageContext, found: dict[str, Any]) -> None:
    localize = context.localize
    columns = st.columns(5)
    columns[0].metric(
        localize("overview.requests"), localize.number(found["requests"]), border=True
    )
    columns[1].metric(localize("overview.tokens"), localize.number(found["tokens"]), border=True)
    for column, quantile in zip(columns[2:], ("p50", "p95", "p99"), strict=True):
        value = found["latency_ms"][quantile]
        shown = localize.raw("overview.none") if value is None else f"{localize.number(value)} ms"
        column.metric(localize(f"overview.{quantile}"), shown, border=True)


def _bars(context: PageContext, group: str, counts: dict[str, int], order: tuple[str, ...]) -> None:
    """Draw horizontal bars: known values in the given order, others by size."""
    localize = context.localize
    others = sorted(set(counts) - set(order), key=lambda name: (-counts[name], name))
    names = [*(name for name in order if name in counts), *others]
    with st.container(border=True):
        st.markdown(localize(f"overview.by_{group}"))
        st.bar_chart(
            {
                localize.raw("overview.what"): [localize.name(group, name) for name in names],
                localize.raw("overview.count"): [counts[name] for name in names],
            },
            x=localize.raw("overview.what"),
            y=localize.raw("overview.count"),
            x_label="",
            y_label="",
            horizontal=True,
            sort=False,
            color=_BLUE,
            height=70 + 38 * len(names),
        )
