"""Reports: make one and see it here, take it along, and find the regular ones."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import streamlit as st

from admin.components import attempt, heading
from admin.i18n import LANGUAGES, Localizer, plain
from admin.page_context import PageContext

_SHOWN, _CHECKED = "reports.shown", "reports.checked"
_DAY = "YYYY-MM-DD"
_MIMES = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
_ICONS = {"pdf": "picture_as_pdf", "csv": "table", "json": "data_object", "parquet": "table_chart"}
_COLOURS: list[str] = [
    "#123B57",
    "#4A9CC7",
    "#E0A030",
    "#B9C4CD",
    "#8A5A9E",
    "#D2DEE6",
]  # as on paper
_BLUE = "#1F6F9C"


def page(here: PageContext) -> None:
    """The form and its report, then the regular ones."""
    heading(here, "reports")
    known = attempt(here.say, here.client.reports)
    if known is None:
        return
    if here.me.may("reports:make"):
        _form(here, known)
        shown = st.session_state.get(_SHOWN)
        if shown is not None:
            _report(here, *shown)
    _regular(here, known)


def _form(here: PageContext, known: dict[str, Any]) -> None:
    say = here.say
    with st.form("reports.form"):
        first, second, third, fourth = st.columns([2, 1, 1, 1])
        kind = first.selectbox(
            say("reports.kind"),
            known["kinds"],
            key=f"reports.kind.{say.language}",
            format_func=lambda code: _kind(say, code),
        )
        start, end = _last_month(say.today())
        since = second.date_input(say("audit.from"), start, key="reports.from", format=_DAY)
        until = third.date_input(say("audit.to"), end, key="reports.to", format=_DAY)
        language = fourth.selectbox(
            say("reports.language"),
            known["languages"],
            key="reports.language",
            index=known["languages"].index(say.language),
            format_func=lambda code: LANGUAGES[code],
        )
        if st.form_submit_button(say("reports.make"), type="primary"):
            wanted = {
                "kind": kind,
                "language": language,
                "timezone": str(say.zone),
                "since": say.midnight(since),
                "until": say.midnight(until + timedelta(days=1)),
            }
            with st.spinner(say("reports.making")):
                made = attempt(say, lambda: here.client.report(wanted))
            st.session_state[_SHOWN] = (wanted, made["document"]) if made else None


def _kind(say: Localizer, code: str) -> str:
    return say.name("report_kind", code.replace("-", "_"))


def _last_month(today: date) -> tuple[date, date]:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


def _report(here: PageContext, wanted: dict[str, Any], document: dict[str, Any]) -> None:
    say = here.say
    st.subheader(plain(document["title"]), anchor=False)
    st.caption(plain(document["period"]))
    name = f"sluis-{wanted['kind']}.{wanted['language']}"
    _downloads(
        here,
        lambda form: here.client.report_file({**wanted, "format": form}),
        name=name,
        key="reports.download",
    )
    with st.expander(say("reports.proof")):
        _pairs(here, [*document["about"], *document["proof"]])
    for section in document["sections"]:
        _section(here, section)


def _downloads(here: PageContext, fetch: Callable[[str], bytes], *, name: str, key: str) -> None:
    """One button a form; what is fetched is made when it is asked for, and is on record."""
    row = st.container(horizontal=True)
    for form, mime in _MIMES.items():
        row.download_button(
            here.say(f"reports.as_{form}"),
            _fetching(fetch, form),
            file_name=f"{name}.{form}",
            mime=mime,
            key=f"{key}.{form}",
            on_click="ignore",
            icon=f":material/{_ICONS[form]}:",
            type="primary" if form == "pdf" else "secondary",
        )


def _fetching(fetch: Callable[[str], bytes], form: str) -> Callable[[], bytes]:
    return lambda: fetch(form)


def _section(here: PageContext, section: dict[str, Any]) -> None:
    with st.container(border=True):
        st.markdown(f"#### {plain(section['title'])}")
        for paragraph in section["paragraphs"]:
            st.markdown(plain(paragraph))
        _figures(section["figures"])
        for chart in section["charts"]:
            _chart(here, chart)
        for table in section["tables"]:
            _table(here, table)
        for card in section["cards"]:
            with st.expander(plain(card["title"])):
                _pairs(here, card["pairs"])


def _figures(figures: list[dict[str, Any]]) -> None:
    for start in range(0, len(figures), 5):
        shown = figures[start : start + 5]
        for column, figure in zip(st.columns(5), shown, strict=False):
            column.metric(
                plain(figure["label"]),
                figure["value"],
                border=True,
                help=plain(figure["note"]) or None,
            )


def _chart(here: PageContext, chart: dict[str, Any]) -> None:
    say = here.say
    st.markdown(f"**{plain(chart['title'])}**")
    names, lying = chart["categories"], chart["kind"] == "bars"
    series = {one["name"]: one["values"] for one in chart["series"]}
    category = say.bare("overview.what")
    colours = [_BLUE] if lying else _COLOURS[: len(series)]
    st.bar_chart(
        {category: names, **series},
        x=category,
        y=list(series),
        x_label="",
        y_label="",
        horizontal=lying,
        sort=False,
        stack=True,
        color=[*colours],
        height=70 + 30 * len(names) if lying else 320,
    )


def _table(here: PageContext, table: dict[str, Any]) -> None:
    st.markdown(f"**{plain(table['title'])}**")
    if not table["rows"]:
        st.caption(plain(table["empty"]))
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
        st.caption(plain(table["note"]))


def _cell(cell: str | float, column: dict[str, Any]) -> str | float:
    """Rounded here: the table would cut it off."""
    return cell if isinstance(cell, str) else round(cell, column["digits"])


def _pairs(here: PageContext, pairs: list[dict[str, Any]]) -> None:
    say = here.say
    what, value = say.bare("reports.what"), say.bare("reports.value")
    st.dataframe(
        [{what: pair["label"], value: pair["value"]} for pair in pairs],
        hide_index=True,
        column_config={what: st.column_config.TextColumn(width=300)},
    )


def _regular(here: PageContext, known: dict[str, Any]) -> None:
    say = here.say
    st.subheader(say("reports.regular"), anchor=False)
    for one in known["regular"]:
        st.caption(
            say(
                "reports.is_made",
                kind=_kind(say, one["kind"]),
                every=say.name("every", one["every"]),
                zone=known["timezone"],
            )
        )
    if not known["regular"]:
        st.caption(say("reports.none_regular"))
    if not known["stored"]:
        st.info(say("reports.none_stored"), icon=":material/summarize:")
        return
    st.caption(say("reports.pick"))
    chosen = st.dataframe(
        [_row(here, one) for one in known["stored"]],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="reports.stored",
    )
    selected = chosen["selection"]["rows"]
    if selected and selected[0] < len(known["stored"]):
        _stored(here, known["stored"][selected[0]])


def _row(here: PageContext, one: dict[str, Any]) -> dict[str, str]:
    say = here.say
    return {
        say.bare("reports.kind"): _kind(say, one["kind"]),
        say.bare("audit.from"): say.moment(one["since"] / 1000),
        say.bare("reports.before"): say.moment(one["until"] / 1000),
        say.bare("reports.made"): say.moment(one["made"] / 1000),
        say.bare("reports.digest"): one["digest"],
    }


def _stored(here: PageContext, one: dict[str, Any]) -> None:
    say, identity = here.say, one["id"]
    language = say.language
    _downloads(
        here,
        lambda form: here.client.stored_report(identity, language, form),
        name=f"sluis-{one['kind']}-{identity}.{language}",
        key="reports.stored.download",
    )
    if here.me.may("reports:make") and st.button(
        say("reports.check"), icon=":material/rule:", help=say("reports.check_help")
    ):
        with st.spinner(say("reports.making")):
            st.session_state[_CHECKED] = (
                identity,
                attempt(say, lambda: here.client.check_report(identity)),
            )
    checked, found = st.session_state.get(_CHECKED, (None, None))
    if checked == identity and found:
        if found["same"]:
            st.success(say("reports.same"), icon=":material/check_circle:")
        else:
            count = found["erased_now"] - found["erased_then"]
            st.warning(say("reports.differs", count=say.number(count)), icon=":material/warning:")
