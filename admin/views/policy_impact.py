"""What a draft or a proposal would have decided about recorded requests, as charts."""

import time
from typing import Any

import streamlit as st

from admin.components import attempt
from admin.page_context import PageContext

_DAYS = (1, 7, 30)
_DAY_S = 86_400
_BAR_PX, _LABEL_PX = 22, 230
_BEFORE, _AFTER = "#8CA6B5", "#1F6F9C"


def draw_impact(context: PageContext, body: dict[str, Any], *, key: str) -> None:
    """Draw the choice of a period and the result; ``key`` names the draft or proposal."""
    localize = context.localize
    row = st.container(horizontal=True, vertical_alignment="bottom")
    days = row.selectbox(
        localize("impact.period"),
        _DAYS,
        index=1,
        format_func=lambda days: localize.raw("impact.days", count=days),
        key=f"impact.days.{key}",
        width=260,
    )
    place = f"impact.result.{key}"
    if row.button(localize("impact.go"), icon=":material/replay:", key=f"impact.go.{key}"):
        until = int(time.time() * 1000)
        period = {"since": until - days * _DAY_S * 1000, "until": until}
        with st.spinner(localize("impact.running")):
            st.session_state[place] = attempt(
                localize, lambda: context.client.replay_bundle({**body, **period})
            )
    result = st.session_state.get(place)
    if result is None:
        st.caption(localize("impact.about"))
    else:
        _result(context, result, key)


def _result(context: PageContext, result: dict[str, Any], key: str) -> None:
    localize = context.localize
    if not result["decisions"]:
        st.info(localize("impact.none"), icon=":material/inbox:")
        return
    changed = sum(one["decisions"] for one in result["changes"] if one["before"] != one["after"])
    numbers = st.columns(3)
    for column, name, value in zip(
        numbers,
        ("decisions", "changed", "undecided"),
        (result["decisions"], changed, result["undecided"]),
        strict=True,
    ):
        column.metric(localize(f"impact.{name}"), localize.number(value), border=True)
    if not result["complete"]:
        st.warning(localize("impact.incomplete"), icon=":material/warning:")
    left, right = st.columns(2)
    with left:
        _outcomes(context, result["changes"])
    with right:
        _rules(context, result["rules"])
    if result["undecided_by"]:
        why = ", ".join(
            f"{localize.name('undecided', name)}: {localize.number(count)}"
            for name, count in result["undecided_by"].items()
        )
        st.caption(localize("impact.why", why=why))


def _outcomes(context: PageContext, changes: list[dict[str, Any]]) -> None:
    """Draw the decided requests by what they were and would be."""
    localize = context.localize

    def name(change: dict[str, Any]) -> str:
        before, after = (localize.name("decision", change[side]) for side in ("before", "after"))
        return (
            localize.raw("impact.same", outcome=before)
            if before == after
            else (f"{before} → {after}")
        )

    st.markdown(localize("impact.by_outcome"))
    _bars(
        context,
        [name(one) for one in changes],
        {localize.raw("impact.requests"): [one["decisions"] for one in changes]},
        [_AFTER],
    )


def _rules(context: PageContext, rules: list[dict[str, Any]]) -> None:
    """Draw in how many decisions each rule takes part, now and with the draft."""
    localize = context.localize
    st.markdown(localize("impact.by_rule"))
    _bars(
        context,
        [one["rule"] for one in rules],
        {
            localize.raw("impact.now"): [one["before"] for one in rules],
            localize.raw("impact.then"): [one["after"] for one in rules],
        },
        [_BEFORE, _AFTER],
    )


def _bars(
    context: PageContext, names: list[str], series: dict[str, list[int]], colors: list[str]
) -> None:
    """Draw horizontal bars with whole names; of several series side by side."""
    what, which, count = (
        context.localize.raw(f"impact.{name}") for name in ("what", "which", "requests")
    )
    rows = [
        {what: name, which: label, count: value}
        for label, values in series.items()
        for name, value in zip(names, values, strict=True)
    ]
    scale = {"domain": list(series), "range": colors}
    legend = {"title": None, "orient": "bottom"} if len(series) > 1 else None
    st.vega_lite_chart({
        "data": {"values": rows},
        "mark": "bar",
        "height": {"step": _BAR_PX},
        "encoding": {
            "y": {
                "field": what,
                "type": "nominal",
                "sort": None,
                "axis": {"title": None, "labelLimit": _LABEL_PX},
            },
            "yOffset": {"field": which, "type": "nominal", "sort": None},
            "x": {
                "field": count,
                "type": "quantitative",
                "axis": {"title": None, "tickMinStep": 1},
            },
            "color": {"field": which, "type": "nominal", "scale": scale, "legend": legend},
            "tooltip": [{"field": what}, {"field": which}, {"field": count}],
        },
    })
