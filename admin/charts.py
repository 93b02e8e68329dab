"""Charts over time, with the colours of the reports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import altair as alt
import streamlit as st

from admin.i18n import Localizer

COLORS = (
    *("#123B57", "#4A9CC7", "#E0A030", "#8A5A9E", "#5B8C5A", "#B5532E", "#8FA3B0"),
    "#C9D4DB",
)
_HEIGHT = 320
_FORMS = {"hour": "%d-%m %H:%M", "day": "%d-%m", "month": "%m-%Y"}
_UNITS = {"hour": "yearmonthdatehours", "day": "yearmonthdate", "month": "yearmonth"}
_MOST_LABELS = 12
Point = tuple[int, str, float]  # epoch milliseconds, name of the series, value


def over_time(
    localize: Localizer, points: Sequence[Point], *, by: str, unit: str, stacked: bool
) -> None:
    """Draw a chart: stacked bars of sums, or lines of values that have no sum."""
    names = list(dict.fromkeys(name for _, name, _ in points))
    values = [
        {
            "at": datetime.fromtimestamp(at / 1000, localize.zone).strftime("%Y-%m-%dT%H:%M:%S"),
            "name": name,
            "value": value,
        }
        for at, name, value in points
    ]
    steps = -(-len({at for at, _, _ in points}) // _MOST_LABELS)
    ticks = {"interval": by, "step": max(1, steps)}
    base = alt.Chart(alt.Data(values=values))  # type: ignore[no-untyped-call]
    mark = base.mark_bar() if stacked else base.mark_line(point=True)
    encoded = mark.encode(
        x=alt.X(
            f"{_UNITS[by]}(at):T",
            title=None,
            axis=alt.Axis(format=_FORMS[by], labelOverlap=True, tickCount=ticks),
        ),
        y=alt.Y("value:Q", title=unit),
        color=alt.Color(
            "name:N",
            title=None,
            sort=names,
            scale=alt.Scale(domain=names, range=list(COLORS[: max(1, len(names))])),
            legend=alt.Legend(orient="bottom", columns=4, labelLimit=240),
        ),
        tooltip=[
            alt.Tooltip("at:T", title=localize.raw("audit.time"), format="%d-%m-%Y %H:%M"),
            alt.Tooltip("name:N", title=localize.raw("overview.what")),
            alt.Tooltip("value:Q", title=unit, format=",.6~g"),
        ],
    )
    st.altair_chart(encoded.properties(height=_HEIGHT), width="stretch")


def strongest(figures: Sequence[dict[str, Any]], most: int = len(COLORS) - 1) -> list[str]:
    """The groups that get a colour of their own; the others share one."""
    return [one["group"] for one in figures[:most]]
