"""What went through the gateway in a period."""

import time
from typing import Any

import streamlit as st

from admin.components import LEVELS, attempt, heading
from admin.page_context import PageContext

_PERIODS = {"hour": 3600, "day": 86_400, "week": 7 * 86_400, "month": 30 * 86_400}
_ZONES = ("internal", "eu", "global", "none")
_BLUE = "#1F6F9C"


def page(here: PageContext) -> None:
    """Counts, latency and tokens."""
    heading(here, "overview")
    say = here.say
    period = st.segmented_control(
        say("overview.period"),
        list(_PERIODS),
        default="week",
        required=True,
        format_func=lambda name: say.bare(f"period.{name}"),
        key="overview.period",
    )
    since = int((time.time() - _PERIODS[str(period)]) * 1000)
    found = attempt(say, lambda: here.client.overview(since))
    if found is None:
        return
    _numbers(here, found)
    if not found["requests"]:
        st.info(say("overview.empty"), icon=":material/info:")
        return
    left, right = st.columns(2)
    with left:
        _bars(here, "zone", found["by"]["zone"], _ZONES)
        _bars(here, "outcome", found["by"]["outcome"], ())
    with right:
        _bars(here, "level", found["by"]["level"], (*LEVELS, "none"))
        st.caption(say("overview.note"))


def _numbers(here: PageContext, found: dict[str, Any]) -> None:
    say = here.say
    columns = st.columns(5)
    columns[0].metric(say("overview.requests"), say.number(found["requests"]), border=True)
    columns[1].metric(say("overview.tokens"), say.number(found["tokens"]), border=True)
    for column, quantile in zip(columns[2:], ("p50", "p95", "p99"), strict=True):
        value = found["latency_ms"][quantile]
        shown = say.bare("overview.none") if value is None else f"{say.number(value)} ms"
        column.metric(say(f"overview.{quantile}"), shown, border=True)


def _bars(here: PageContext, group: str, counts: dict[str, int], order: tuple[str, ...]) -> None:
    """Horizontal bars: known values in their own order, others by size."""
    say = here.say
    others = sorted(set(counts) - set(order), key=lambda name: (-counts[name], name))
    names = [*(name for name in order if name in counts), *others]
    with st.container(border=True):
        st.markdown(say(f"overview.by_{group}"))
        st.bar_chart(
            {
                say.bare("overview.what"): [say.name(group, name) for name in names],
                say.bare("overview.count"): [counts[name] for name in names],
            },
            x=say.bare("overview.what"),
            y=say.bare("overview.count"),
            x_label="",
            y_label="",
            horizontal=True,
            sort=False,
            color=_BLUE,
            height=70 + 38 * len(names),
        )
