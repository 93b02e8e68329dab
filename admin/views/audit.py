"""The audit page: search entries, and open the timeline of a request."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from admin.address import adopted, stored, storing
from admin.case_components import incident_link
from admin.components import LEVELS, attempt, heading
from admin.governance_entry import named
from admin.i18n import Localizer
from admin.page_context import PageContext
from admin.usage_figures import FILTERS
from admin.views import audit_entry, audit_export, audit_request, saved_views

_PAGE = 50
_DAY = "YYYY-MM-DD"
_WIDTHS = (135, 100, 95, 65, 120, 85, 125, 65, 270)  # all but the last fit at 1280 px
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
    "upstream_rate_limited",
    "idempotency_mismatch",
    "idempotency_in_progress",
    "answer_erased",
    "previous_response_not_found",
    "upstream_error",
    "upstream_timeout",
    "upstream_disconnected",
    "context_length_exceeded",
    "service_unavailable",
    "limits_unavailable",
    "guardrail_unavailable",
    "gateway_stopped",
    "client_closed",
    "stopped",
    "unknown_crash",
)
EVENTS = (
    "request:departure:intent",
    "request:answer:close",
    "request:answer:replay",
    "request:refusal:record",
    "control:key:create",
    "control:key:revoke",
    "control:catalogue:apply",
    "control:change:apply",
    "control:snapshot:refuse",
    "control:proposal:agree",
    "control:proposal:ask",
    "control:proposal:comment",
    "control:proposal:create",
    "control:proposal:approve",
    "control:proposal:reject",
    "control:proposal:expire",
    "control:policy:activate",
    "control:terms:activate",
    "control:model:register",
    "control:model:approve",
    "control:model:quarantine",
    "control:model:promote",
    "control:model:refuse",
    "control:payload:reveal",
    "control:audit:approve",
    "control:audit:export",
    "control:retention:expire",
    "control:pseudonym:reveal",
    "control:hold:create",
    "control:hold:release",
    "control:incident:open",
    "control:incident:judge",
    "control:incident:report",
    "control:incident:contain",
    "control:incident:follow",
    "control:incident:followed",
    "control:incident:close",
    "control:incident:reveal",
    "control:review:decide",
    "control:complaint:open",
    "control:case:erase",
    "control:case:expire",
    "control:case:search",
    "control:case:message",
    "control:complaint:extend",
    "control:complaint:decide",
    "control:complaint:reveal",
    "control:person_request:open",
    "control:person_request:identify",
    "control:person_request:extend",
    "control:person_request:decide",
    "control:person_request:reveal",
    "subject:values:find",
    "subject:values:erase",
    "subject:values:refuse",
    "subject:values:replay",
    "subject:access:export",
    "control:report:make",
    "control:report:read",
    "control:report:check",
    "control:notice:fail",
    "control:notice:send",
    "control:notice:test",
    "control:usage:rebuild",
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
_CHOSEN = {"zone": _ZONES, "level": LEVELS, "outcome": _OUTCOMES, "event": EVENTS}
_WHAT = ("requests", "all")
_WRITTEN = ("principal", "team", "model", "deployment", "purpose", "provider", "rule", "text")


def page(context: PageContext) -> None:
    """Draw the list of entries, or the request or the entry that the address names."""
    request = st.query_params.get("request")
    if request:
        audit_request.draw(context, request)
        return
    entry = st.query_params.get(audit_entry.ENTRY)
    if entry:
        audit_entry.draw(context, entry)
        return
    heading(context, "audit")
    _open_by_id(context)
    saved_views.draw(context, written=_WRITTEN, chosen={**_CHOSEN, "what": _WHAT})
    _filters(context)
    _what(context)
    _list(context)
    if context.user.may("audit:export"):
        audit_export.draw(context)


def _open_by_id(context: PageContext) -> None:
    with st.form("audit.open", border=False):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        identity = left.text_input(
            context.localize("audit.id"), help=context.localize("audit.id_help")
        )
        if right.form_submit_button(context.localize("audit.open")) and identity.strip():
            _open(identity.strip())


def _open(request: str) -> None:
    st.query_params["request"] = request
    st.rerun()


def _filters(context: PageContext) -> None:
    """Draw the filters, which the address holds: a copied address gives the same rows."""
    localize = context.localize
    with st.form("audit.search"):
        values = {}
        for names in (_WRITTEN[:4], _WRITTEN[4:]):
            for column, name in zip(st.columns(4), names, strict=True):
                known = f"{name}_help" if name == "principal" else ""
                values[name] = column.text_input(
                    localize(f"audit.{name}"),
                    help=localize(f"audit.{known}") if known else None,
                    **_in_address(name),
                )
        for column, (name, options) in zip(st.columns(4), _CHOSEN.items(), strict=True):
            with column:
                values[name] = _choice(localize, name, options)
        first, second, third = st.columns([1, 1, 2], vertical_alignment="bottom")
        today = localize.today()
        month_ago = today - timedelta(days=30)
        since = first.date_input(
            localize("audit.from"), month_ago, format=_DAY, **_in_address("from")
        )
        until = second.date_input(localize("audit.to"), today, format=_DAY, **_in_address("to"))
        if third.form_submit_button(localize("audit.search"), type="primary"):
            st.session_state[_BEFORE] = []
            for name in _CHOSEN:
                stored(name, "")
        st.session_state[_FILTERS] = (
            {name: value.strip() for name, value in values.items() if value.strip()},
            localize.midnight(since),
            localize.midnight(until + timedelta(days=1)),
        )


def _choice(localize: Localizer, name: str, options: Sequence[str]) -> str:
    def shown(value: str) -> str:
        return localize.name(name, value) if value else localize.raw("app.any")

    label = localize(f"audit.{name}")
    every = ["", *options]
    return str(st.selectbox(label, every, format_func=shown, key=adopted(name, every, "")) or "")


def _what(context: PageContext) -> None:
    """Draw the choice between requests and all entries, and how many requests there were."""
    localize = context.localize
    filters, since, until = st.session_state[_FILTERS]
    row = st.container(horizontal=True, vertical_alignment="center")
    chosen = row.segmented_control(
        localize("audit.what"),
        _WHAT,
        required=True,
        format_func=lambda name: localize.raw(f"audit_what.{name}"),
        key=adopted("what", _WHAT, _WHAT[0]),
        on_change=storing("what", _WHAT[0]),
        label_visibility="collapsed",
    )
    if chosen == _WHAT[0]:
        st.session_state[_FILTERS] = ({**filters, "what": str(chosen)}, since, until)
        count = _count(context, filters, since, until)
        if count is not None:
            row.caption(localize("audit.count", count=localize.number(count)))


def _count(context: PageContext, filters: dict[str, str], since: int, until: int) -> int | None:
    """The exact number of requests, from the figures of usage; None where they cannot tell."""
    names = {name: group for group, name in FILTERS.items() if group != "rule"}
    key = filters.get("principal", "k_")
    if not context.user.may("usage:read") or filters.keys() - names or not key.startswith("k_"):
        return None
    asked = {names[name]: value for name, value in filters.items()}
    period = {"from": str(since), "to": str(until), "by": "month", "quantiles": "false"}
    found = attempt(context.localize, lambda: context.client.usage({**asked, **period}))
    return int(found["total"]["requests"]) if found else None


def _list(context: PageContext) -> None:
    filters, since, until = st.session_state[_FILTERS]
    cursors: list[str] = st.session_state.setdefault(_BEFORE, [])
    before = cursors[-1] if cursors else None
    found = attempt(
        context.localize,
        lambda: context.client.search(
            filters, limit=_PAGE, before=before, since=since, until=until
        ),
    )
    if found is None:
        return
    if not found["entries"]:
        st.info(context.localize("audit.empty"), icon=":material/search_off:")
    else:
        _table(context, found["entries"])
        incident_link(context, [one["request"] for one in found["entries"] if one["request"]])
    _paging(context, cursors, found["before"])


def _table(context: PageContext, entries: list[dict[str, Any]]) -> None:
    localize = context.localize
    st.caption(localize("audit.pick", zone=localize.zone_name()))
    rows = [
        {
            localize.raw("audit.time"): localize.moment(entry["time"] / 1000),
            localize.raw("audit.event"): localize.name("event", entry["event"]),
            localize.raw("audit.who"): named(
                entry.get("name"), entry.get("person"), entry["principal"]
            ),
            localize.raw("audit.team"): entry["team"] or "",
            localize.raw("audit.went"): _destination(context, entry),
            localize.raw("audit.level"): _code_name(context, "level", entry),
            localize.raw("audit.outcome"): _outcome(context, entry),
            localize.raw("audit.took"): _took(context, entry),
            localize.raw("audit.id"): entry["request"],
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
        entry = entries[selected[0]]
        if entry["request"]:
            _open(entry["request"])
        audit_entry.open_entry(entry["log"], entry["seq"])


def _in_address(name: str) -> dict[str, Any]:
    """Arguments of a widget whose value is in the address, under its name."""
    return {"key": name, "bind": "query-params"}


def _code_name(context: PageContext, group: str, entry: dict[str, Any]) -> str:
    return context.localize.name(group, entry[group]) if entry[group] else ""


def _outcome(context: PageContext, entry: dict[str, Any]) -> str:
    """The outcome, with the rule that refused."""
    shown = _code_name(context, "outcome", entry)
    return f"{shown} ({entry['rule']})" if entry.get("rule") else shown


def _took(context: PageContext, entry: dict[str, Any]) -> str:
    latency = entry.get("latency_ms")
    return "" if latency is None else f"{context.localize.number(latency)} ms"


def _destination(context: PageContext, entry: dict[str, Any]) -> str:
    if not entry["deployment"]:
        return ""
    return f"{entry['deployment']} ({_code_name(context, 'zone', entry)})"


def _paging(context: PageContext, cursors: list[str], following: str | None) -> None:
    row = st.container(horizontal=True)
    if row.button(
        context.localize("audit.newer"), disabled=not cursors, icon=":material/chevron_left:"
    ):
        cursors.pop()
        st.rerun()
    if row.button(
        context.localize("audit.older"), disabled=following is None, icon=":material/chevron_right:"
    ):
        cursors.append(following or "")
        st.rerun()
