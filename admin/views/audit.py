"""The trail: find entries, and open the story of the request behind one."""

from datetime import timedelta
from typing import Any

import streamlit as st

from admin.components import LEVELS, attempt, heading, pick
from admin.page_context import PageContext
from admin.views import audit_export, audit_request

_PAGE = 50
_DAY = "YYYY-MM-DD"
_WIDTHS = (145, 150, 120, 85, 130, 125, 125, 270)
_FILTERS, _BEFORE = "audit.filters", "audit.before"
_ZONES = ("internal", "eu", "global")
_OUTCOMES = (
    "ok",
    "access_denied",
    "content_policy_violation",
    "content_filter",
    "invalid_api_key",
    "rate_limit_exceeded",
    "insufficient_quota",
    "model_not_found",
    "no_upstream",
    "upstream_error",
    "client_closed",
    "unknown_crash",
)
EVENTS = (
    "request:departure:intent",
    "request:answer:close",
    "request:refusal:record",
    "control:key:create",
    "control:key:revoke",
    "control:catalogue:apply",
    "control:proposal:create",
    "control:proposal:approve",
    "control:proposal:reject",
    "control:policy:activate",
    "control:terms:activate",
    "control:model:register",
    "control:model:approve",
    "control:model:quarantine",
    "control:model:promote",
    "control:payload:reveal",
    "control:audit:approve",
    "control:audit:export",
    "control:retention:expire",
    "control:hold:create",
    "control:hold:release",
    "control:incident:open",
    "control:incident:close",
    "control:incident:reveal",
    "control:complaint:open",
    "control:complaint:decide",
    "control:complaint:reveal",
    "subject:values:find",
    "subject:values:erase",
    "subject:values:refuse",
    "subject:values:replay",
    "subject:access:export",
    "control:report:make",
    "control:report:read",
    "control:report:check",
    "control:signing_key:rotate",
    "access:session:open",
    "access:session:refuse",
    "access:session:count",
    "access:complaint:count",
    "access:key:use",
    "access:permission:refuse",
    "request:refusal:count",
    "trail:log:open",
    "trail:log:close",
    "trail:log:settle",
)


def page(here: PageContext) -> None:
    """The list, or one story when the address names a request."""
    request = st.query_params.get("request")
    if request:
        audit_request.draw(here, request)
        return
    heading(here, "audit")
    _open_by_id(here)
    _filters(here)
    _list(here)
    if here.me.may("audit:export"):
        audit_export.draw(here)


def _open_by_id(here: PageContext) -> None:
    with st.form("audit.open", border=False):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        wanted = left.text_input(here.say("audit.id"), help=here.say("audit.id_help"))
        if right.form_submit_button(here.say("audit.open")) and wanted.strip():
            _open(wanted.strip())


def _open(request: str) -> None:
    st.query_params["request"] = request
    st.rerun()


def _filters(here: PageContext) -> None:
    say = here.say
    with st.form("audit.search"):
        first, second, third = st.columns(3), st.columns(3), st.columns(3)
        asked = {
            "principal": first[0].text_input(
                say("audit.principal"), help=say("audit.principal_help"), **_kept("principal")
            ),
            "model": first[1].text_input(say("audit.model"), **_kept("model")),
            "deployment": first[2].text_input(say("audit.deployment"), **_kept("deployment")),
        }
        for column, name, options in (
            (second[0], "zone", _ZONES),
            (second[1], "level", LEVELS),
            (second[2], "outcome", _OUTCOMES),
            (third[0], "event", EVENTS),
        ):
            with column:
                label = say(f"audit.{name}")
                asked[name] = pick(say, label, options, group=name, key=f"audit.{name}")
        today = say.today()
        month_ago = today - timedelta(days=30)
        since = third[1].date_input(say("audit.from"), month_ago, format=_DAY, **_kept("from"))
        until = third[2].date_input(say("audit.to"), today, format=_DAY, **_kept("to"))
        if st.form_submit_button(say("audit.search"), type="primary"):
            st.session_state[_BEFORE] = []
        st.session_state[_FILTERS] = (
            {name: value.strip() for name, value in asked.items() if value.strip()},
            say.midnight(since),
            say.midnight(until + timedelta(days=1)),
        )


def _list(here: PageContext) -> None:
    filters, since, until = st.session_state[_FILTERS]
    cursors: list[str] = st.session_state.setdefault(_BEFORE, [])
    before = cursors[-1] if cursors else None
    found = attempt(
        here.say,
        lambda: here.client.search(filters, limit=_PAGE, before=before, since=since, until=until),
    )
    if found is None:
        return
    if not found["entries"]:
        st.info(here.say("audit.empty"), icon=":material/search_off:")
    else:
        _table(here, found["entries"])
    _paging(here, cursors, found["before"])


def _table(here: PageContext, entries: list[dict[str, Any]]) -> None:
    say = here.say
    st.caption(say("audit.pick", zone=say.zone_name()))
    rows = [
        {
            say.bare("audit.time"): say.moment(entry["time"] / 1000),
            say.bare("audit.event"): say.name("event", entry["event"]),
            say.bare("audit.who"): entry["principal"] or "",
            say.bare("audit.model"): entry["model"] or "",
            say.bare("audit.went"): _where(here, entry),
            say.bare("audit.level"): _named(here, "level", entry),
            say.bare("audit.outcome"): _named(here, "outcome", entry),
            say.bare("audit.id"): entry["request"],
        }
        for entry in entries
    ]
    widths = {
        name: st.column_config.TextColumn(width=width)
        for name, width in zip(rows[0], _WIDTHS, strict=True)
    }
    chosen = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="audit.rows",
        column_config=widths,
        height=420,
    )
    selected = chosen["selection"]["rows"]
    if selected and selected[0] < len(entries):
        request = entries[selected[0]]["request"]
        if request:
            _open(request)
        st.info(say("audit.no_story"), icon=":material/info:")


def _kept(name: str) -> dict[str, Any]:
    """A widget whose value survives a look at a story or another page."""
    return {"key": f"audit.{name}", "persist_state": "session"}


def _named(here: PageContext, group: str, entry: dict[str, Any]) -> str:
    return here.say.name(group, entry[group]) if entry[group] else ""


def _where(here: PageContext, entry: dict[str, Any]) -> str:
    if not entry["deployment"]:
        return ""
    return f"{entry['deployment']} ({_named(here, 'zone', entry)})"


def _paging(here: PageContext, cursors: list[str], following: str | None) -> None:
    row = st.container(horizontal=True)
    if row.button(here.say("audit.newer"), disabled=not cursors, icon=":material/chevron_left:"):
        cursors.pop()
        st.rerun()
    if row.button(
        here.say("audit.older"), disabled=following is None, icon=":material/chevron_right:"
    ):
        cursors.append(following or "")
        st.rerun()
