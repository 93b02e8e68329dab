"""The reports page: make, view and download a report, and list the scheduled ones."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import streamlit as st

from admin.components import attempt, heading
from admin.i18n import LANGUAGES, Localizer, escape
from admin.page_context import PageContext

_MADE, _CHECKED = "reports.shown", "reports.checked"
_DAY = "YYYY-MM-DD"
_MIMES = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
_ICONS = {"pdf": "picture_as_pdf", "csv": "table", "json": "data_object", "parquet": "table_chart"}
_COLORS: list[str] = [
    "#123B57",
    "#4A9CC7",
    "#E0A030",
    "#B9C4CD",
    "#8A5A9E",
    "#D2DEE6",
]  # as in the PDF
_BLUE = "#1F6F9C"


def page(context: PageContext) -> None:
    """Draw the form and its report, then the scheduled ones."""
    heading(context, "reports")
    known = attempt(context.localize, context.client.reports)
    if known is None:
        return
    if context.user.may("reports:make"):
        _form(context, known)
        shown = st.session_state.get(_MADE)
        if shown is not None:
            _report(context, *shown)
    _schedule(context, known)


def _form(context: PageContext, known: dict[str, Any]) -> None:
    localize = context.localize
    with st.form("reports.form"):
        first, second, third, fourth = st.columns([2, 1, 1, 1])
        kind = first.selectbox(
            localize("reports.kind"),
            known["kinds"],
            key=f"reports.kind.{localize.language}",
            format_func=lambda code: _kind(localize, code),
        )
        start, end = _last_month(localize.today())
        since = second.date_input(localize("audit.from"), start, key="reports.from", format=_DAY)
        until = third.date_input(localize("audit.to"), end, key="reports.to", format=_DAY)
        language = fourth.selectbox(
            localize("reports.language"),
            known["languages"],
            key="reports.language",
            index=known["languages"].index(localize.language),
            format_func=lambda code: LANGUAGES[code],
        )
        if st.form_submit_button(localize("reports.make"), type="primary"):
            body = {
                "kind": kind,
                "language": language,
                "timezone": str(localize.zone),
                "since": localize.midnight(since),
                "until": localize.midnight(until + timedelta(days=1)),
            }
            with st.spinner(localize("reports.making")):
                report = attempt(localize, lambda: context.client.report(body))
            st.session_state[_MADE] = (body, report["document"]) if report else None


def _kind(localize: Localizer, code: str) -> str:
    return localize.name("report_kind", code.replace("-", "_"))


def _last_month(today: date) -> tuple[date, date]:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


def _report(context: PageContext, body: dict[str, Any], document: dict[str, Any]) -> None:
    localize = context.localize
    st.subheader(escape(document["title"]), anchor=False)
    st.caption(escape(document["period"]))
    name = f"sluis-{body['kind']}.{body['language']}"
    _downloads(
        context,
        lambda form: context.client.report_file({**body, "format": form}),
        name=name,
        key="reports.download",
    )
    with st.expander(localize("reports.proof")):
        _pairs(context, [*document["about"], *document["proof"]])
    for section in document["sections"]:
        _section(context, section)


def _downloads(context: PageContext, fetch: Callable[[str], bytes], *, name: str, key: str) -> None:
    """Draw one button a format; a click makes the file, which is recorded."""
    row = st.container(horizontal=True)
    for form, mime in _MIMES.items():
        row.download_button(
            context.localize(f"reports.as_{form}"),
            _deferred(fetch, form),
            file_name=f"{name}.{form}",
            mime=mime,
            key=f"{key}.{form}",
            on_click="ignore",
            icon=f":material/{_ICONS[form]}:",
            type="primary" if form == "pdf" else "secondary",
        )


def _deferred(fetch: Callable[[str], bytes], form: str) -> Callable[[], bytes]:
    return lambda: fetch(form)


def _section(context: PageContext, section: dict[str, Any]) -> None:
    with st.container(border=True):
        st.markdown(f"#### {escape(section['title'])}")
        for paragraph in section["paragraphs"]:
            st.markdown(escape(paragraph))
        _figures(section["figures"])
        for chart in section["charts"]:
            _chart(context, chart)
        for table in section["tables"]:
            _table(context, table)
        for card in section["cards"]:
            with st.expander(escape(card["title"])):
                _pairs(context, card["pairs"])


def _figures(figures: list[dict[str, Any]]) -> None:
    for start in range(0, len(figures), 5):
        shown = figures[start : start + 5]
        for column, figure in zip(st.columns(5), shown, strict=False):
            column.metric(
                escape(figure["label"]),
                figure["value"],
                border=True,
                help=escape(figure["note"]) or None,
            )


def _chart(context: PageContext, chart: dict[str, Any]) -> None:
    localize = context.localize
    st.markdown(f"**{escape(chart['title'])}**")
    names, horizontal = chart["categories"], chart["kind"] == "bars"
    series = {report["name"]: report["values"] for report in chart["series"]}
    category = localize.raw("overview.what")
    colors = [_BLUE] if horizontal else _COLORS[: len(series)]
    st.bar_chart(
        {category: names, **series},
        x=category,
        y=list(series),
        x_label="",
        y_label="",
        horizontal=horizontal,
        sort=False,
        stack=True,
        color=[*colors],
        height=70 + 30 * len(names) if horizontal else 320,
    )


def _table(context: PageContext, table: dict[str, Any]) -> None:
    st.markdown(f"**{escape(table['title'])}**")
    if not table["rows"]:
        st.caption(escape(table["empty"]))
        return
    columns = table["columns"]
    rows = [
        {column["label"]: _cell(cell, column) for column, cell in zip(columns, row, strict=True)}
        for row in table["rows"]
    ]
    config = {
        column["label"]: st.column_config.NumberColumn(
            format="localized", step=10 ** -column["digits"]
        )
        for column in columns
        if column["kind"] == "number"
    }
    st.dataframe(rows, hide_index=True, column_config=config)
    if table["note"]:
        st.caption(escape(table["note"]))


def _cell(cell: str | float, column: dict[str, Any]) -> str | float:
    """Round a number: the table would truncate it."""
    return cell if isinstance(cell, str) else round(cell, column["digits"])


def _pairs(context: PageContext, pairs: list[dict[str, Any]]) -> None:
    localize = context.localize
    what, value = localize.raw("reports.what"), localize.raw("reports.value")
    st.dataframe(
        [{what: pair["label"], value: pair["value"]} for pair in pairs],
        hide_index=True,
        column_config={what: st.column_config.TextColumn(width=300)},
    )


def _schedule(context: PageContext, known: dict[str, Any]) -> None:
    localize = context.localize
    st.subheader(localize("reports.regular"), anchor=False)
    for report in known["regular"]:
        st.caption(
            localize(
                "reports.is_made",
                kind=_kind(localize, report["kind"]),
                every=localize.name("every", report["every"]),
                zone=known["timezone"],
            )
        )
    if not known["regular"]:
        st.caption(localize("reports.none_regular"))
    if not known["stored"]:
        st.info(localize("reports.none_stored"), icon=":material/summarize:")
        return
    st.caption(localize("reports.pick"))
    chosen = st.dataframe(
        [_row(context, report) for report in known["stored"]],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="reports.stored",
    )
    selected = chosen["selection"]["rows"]
    if selected and selected[0] < len(known["stored"]):
        _stored(context, known["stored"][selected[0]])


def _row(context: PageContext, report: dict[str, Any]) -> dict[str, str]:
    localize = context.localize
    return {
        localize.raw("reports.kind"): _kind(localize, report["kind"]),
        localize.raw("audit.from"): localize.moment(report["since"] / 1000),
        localize.raw("reports.before"): localize.moment(report["until"] / 1000),
        localize.raw("reports.made"): localize.moment(report["made"] / 1000),
        localize.raw("reports.digest"): report["digest"],
    }


def _stored(context: PageContext, report: dict[str, Any]) -> None:
    localize, identity = context.localize, report["id"]
    language = localize.language
    _downloads(
        context,
        lambda form: context.client.stored_report(identity, language, form),
        name=f"sluis-{report['kind']}-{identity}.{language}",
        key="reports.stored.download",
    )
    if context.user.may("reports:make") and st.button(
        localize("reports.check"), icon=":material/rule:", help=localize("reports.check_help")
    ):
        with st.spinner(localize("reports.making")):
            st.session_state[_CHECKED] = (
                identity,
                attempt(localize, lambda: context.client.check_report(identity)),
            )
    checked, found = st.session_state.get(_CHECKED, (None, None))
    if checked == identity and found:
        if found["same"]:
            st.success(localize("reports.same"), icon=":material/check_circle:")
        else:
            count = found["erased_now"] - found["erased_then"]
            st.warning(
                localize("reports.differs", count=localize.number(count)), icon=":material/warning:"
            )
