"""The usage page: figures over time, by group, and compared with the period before."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import streamlit as st

from admin.address import adopted, chosen, storing
from admin.charts import Point, over_time, strongest
from admin.components import attempt, heading
from admin.i18n import Localizer
from admin.page_context import PageContext
from admin.usage_figures import (
    MEASURES,
    SUMMED,
    currency_of,
    difference,
    group_name,
    money,
    request_filters,
    shown,
    value_of,
)

_DAY = "YYYY-MM-DD"
_DAYS = {"today": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}
_RANGES = (*_DAYS, "custom")
_RANGE = "week"
_GROUPS = ("model", "team", "key", "provider", "zone", "use_case", "level", "result")
_TILES = ("requests", "cost", "tokens", "p50", "p95", "refused")
_BETTER_LESS = ("p50", "p95", "refused")
_NAME_WIDTH = 170
_A_ROW = 3  # tiles


def page(context: PageContext) -> None:
    """Draw the controls, the tiles, the chart, the groups, refusals and budgets."""
    heading(context, "usage")
    asked = _controls(context)
    if asked is None:
        return
    found = attempt(context.localize, lambda: context.client.usage(asked))
    if found is None:
        return
    if found["pending"]:
        st.warning(context.localize("usage.pending", count=found["pending"]))
    _tiles(context, found)
    if not found["total"]["requests"]:
        st.info(context.localize("overview.empty"), icon=":material/info:")
    else:
        _chart(context, found)
        _groups(context, found)
        _csv(context, asked)
        _refusals(context, asked)
    _budgets(context, found["budgets"])
    st.caption(context.localize("usage.note"))


def _controls(context: PageContext) -> dict[str, str] | None:
    """Draw range and grouping, which the address holds; returns the question."""
    localize = context.localize
    chosen = str(
        st.segmented_control(
            localize("overview.period"),
            _RANGES,
            required=True,
            format_func=lambda name: localize.raw(f"usage_range.{name}"),
            key=adopted("range", _RANGES, _RANGE),
            on_change=storing("range", _RANGE),
        )
    )
    left, right, _ = st.columns([1, 1, 2])
    with left:
        group = _choice(localize, "group", _GROUPS, "usage_by")
    with right:
        _choice(localize, "measure", MEASURES, "usage")
    since, until = _range(context, chosen)
    if until < since:
        st.warning(localize("usage.ends_before"))
        return None
    length = (until - since).days + 1
    asked = {
        "from": since.isoformat(),
        "by": "hour" if length <= 2 else "day" if length <= 100 else "month",
        "group": group,
        "timezone": str(localize.zone),
        "compare": "true",
    }
    return asked | ({"to": until.isoformat()} if until < localize.today() else {})


def _choice(localize: Localizer, name: str, options: Sequence[str], group: str) -> str:
    """Draw a choice of codes; the first is the default."""
    return str(
        st.selectbox(
            localize(f"usage.{name}"),
            options,
            format_func=lambda code: localize.raw(f"{group}.{code}"),
            key=adopted(name, options, options[0]),
            on_change=storing(name, options[0]),
        )
    )


def _range(context: PageContext, chosen: str) -> tuple[date, date]:
    today = context.localize.today()
    if chosen != "custom":
        return today - timedelta(days=_DAYS[chosen] - 1), today
    left, right, _ = st.columns([1, 1, 2])
    start = today.replace(day=1)
    since = left.date_input(
        context.localize("audit.from"), start, format=_DAY, **_in_address("from")
    )
    until = right.date_input(context.localize("audit.to"), today, format=_DAY, **_in_address("to"))
    return since, until


def _in_address(name: str) -> dict[str, Any]:
    """Arguments of a date whose value is in the address, under its name."""
    return {"key": name, "bind": "query-params"}


def _tiles(context: PageContext, found: dict[str, Any]) -> None:
    localize = context.localize
    for start in range(0, len(_TILES), _A_ROW):
        for column, measure in zip(st.columns(_A_ROW), _TILES[start:], strict=False):
            changed = difference(localize, found["total"], found["before"], measure)
            column.metric(
                localize(f"usage.{measure}"),
                shown(localize, found["total"], measure),
                changed or None,
                delta_color="inverse" if measure in _BETTER_LESS else "off",
                help=localize(f"usage_help.{measure}"),
                border=True,
            )
    context.link("audit", localize.raw("usage.to_requests"), _period(context, found))


def _chart(context: PageContext, found: dict[str, Any]) -> None:
    localize = context.localize
    measure = chosen("measure")
    currency = currency_of(found["total"])
    unit = currency if measure == "cost" else localize.raw(f"usage.{measure}")
    names = {one["group"]: one["name"] for one in found["groups"]}
    own = strongest(found["groups"])
    order = {group: place for place, group in enumerate(names)}
    sums: dict[tuple[int, str], float] = {}
    for part in sorted(found["series"], key=lambda one: order.get(one["group"], len(order))):
        value = value_of(part["figures"], measure, currency)
        is_own = part["group"] in own
        if value is None or not (is_own or measure in SUMMED):
            continue
        name = group_name(localize, found["group"], part["group"], names.get(part["group"], ""))
        place = (part["start"], name if is_own else localize.raw("usage.others"))
        sums[place] = sums.get(place, 0) + value
    points: list[Point] = [(at, name, value) for (at, name), value in sums.items()]
    with st.container(border=True):
        over_time(localize, points, by=found["by"], unit=unit, stacked=measure in SUMMED)


def _groups(context: PageContext, found: dict[str, Any]) -> None:
    """Draw a row for each group; a click leads to its requests."""
    localize, group = context.localize, found["group"]
    past = {one["group"]: one["figures"] for one in found["groups_before"] or ()}
    rows = []
    for one in found["groups"]:
        figures = one["figures"]
        row = {
            localize.raw(f"usage_by.{group}"): group_name(
                localize, group, one["group"], one["name"]
            )
        }
        row |= {localize.raw(f"usage.{name}"): shown(localize, figures, name) for name in MEASURES}
        row[localize.raw("usage.change")] = difference(
            localize, figures, past.get(one["group"]), "requests"
        )
        rows.append(row)
    chosen = _table(context, rows, "usage.groups")
    if chosen is not None:
        value = found["groups"][chosen]["group"]
        _open(context, found, dict(request_filters(group, value)))


def _refusals(context: PageContext, asked: dict[str, str]) -> None:
    """Draw the rules that refused, most refusals first."""
    localize = context.localize
    of_rules = {**asked, "group": "rule", "by": "month", "compare": "false", "quantiles": "false"}
    found = attempt(localize, lambda: context.client.usage(of_rules))
    if found is None:
        return
    refusing = [one for one in found["groups"] if one["figures"]["requests"]]
    st.subheader(localize("usage.refusals"), anchor=False)
    if not refusing:
        st.caption(localize("usage.no_refusals"))
        return
    rows = [
        {
            localize.raw("usage_by.rule"): one["group"],
            localize.raw("usage.refused"): localize.number(one["figures"]["requests"]),
        }
        for one in refusing
    ]
    chosen = _table(context, rows, "usage.rules")
    if chosen is not None:
        _open(context, found, {"rule": refusing[chosen]["group"]})


def _table(context: PageContext, rows: list[dict[str, str]], key: str) -> int | None:
    """Draw rows; returns the one that was clicked."""
    first = next(iter(rows[0]))
    config = {
        name: st.column_config.TextColumn(width=_NAME_WIDTH if name == first else None)
        for name in rows[0]
    }
    st.caption(context.localize("usage.pick"))
    chosen = st.dataframe(
        rows,
        hide_index=True,
        column_config=config,
        on_select="rerun",
        selection_mode="single-row",
        key=key,
    )
    selected = chosen["selection"]["rows"]
    return selected[0] if selected and selected[0] < len(rows) else None


def _open(context: PageContext, found: dict[str, Any], filters: dict[str, str]) -> None:
    if filters:
        context.open("audit", {**filters, **_period(context, found)})


def _period(context: PageContext, found: dict[str, Any]) -> dict[str, str]:
    """The days of the period, as the address of the Requests page has them."""
    first, last = context.localize.day(found["since"]), context.localize.day(found["until"] - 1)
    return {"from": first.isoformat(), "to": last.isoformat()}


def _csv(context: PageContext, asked: dict[str, str]) -> None:
    st.download_button(
        context.localize("usage.csv"),
        lambda: context.client.usage_csv(asked),
        file_name="sluis-usage.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/table:",
    )


def _budgets(context: PageContext, budgets: list[dict[str, Any]]) -> None:
    if not budgets:
        return
    localize = context.localize
    st.subheader(localize("usage.budgets"), anchor=False)
    for one in budgets:
        used, budget = one["used_micros"], one["budget_micros"]
        share = used / budget if budget else 1.0
        text = localize(
            "usage.budget",
            team=one["team"],
            used=money(localize, {one["currency"]: used}),
            budget=money(localize, {one["currency"]: budget}),
            percent=localize.number(share * 100),
        )
        st.progress(min(1.0, share), text=text)
