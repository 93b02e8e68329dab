"""The legal holds page: list with review dates, and placing and releasing a hold."""

from datetime import timedelta
from typing import Any, Literal

import streamlit as st

from admin.components import attempt, confirm, flash, heading, non_empty_lines
from admin.page_context import PageContext

_DAY = "YYYY-MM-DD"
_STATES: dict[str, Literal["blue", "orange", "grey"]] = {
    "active": "blue",
    "overdue": "orange",
    "released": "grey",
}
_SCOPES = ("person", "use_case", "requests", "period")
_DEFAULT_TYPE = "PERSON"


def page(context: PageContext) -> None:
    """Draw all holds, active ones first, then the form."""
    heading(context, "holds")
    found = attempt(context.localize, context.client.holds)
    if found is None:
        return
    if not found:
        st.info(context.localize("holds.none"), icon=":material/gavel:")
    for hold in found:
        _hold(context, hold)
    if context.user.may("holds:create"):
        _form(context)


def _hold(context: PageContext, hold: dict[str, Any]) -> None:
    localize, state = context.localize, hold["state"]
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.badge(localize.name("hold", state), color=_STATES[state])
        row.markdown(localize("holds.of", scope=_scope(context, hold)))
        st.text(hold["reason"])
        when = localize.moment(hold["created"] / 1000)
        st.caption(localize("holds.by", who=hold["created_by"], when=when, id=hold["id"]))
        if state == "released":
            moment = localize.moment(hold["released"] / 1000)
            st.caption(localize("holds.released_by", who=hold["released_by"], when=moment))
            return
        review = localize.moment(hold["review"] / 1000)
        if state == "overdue":
            st.warning(localize("holds.overdue", when=review), icon=":material/event_upcoming:")
        else:
            st.caption(localize("holds.review_on", when=review))
        if context.user.may("holds:release") and st.button(
            localize("holds.release"), key=f"release.{hold['id']}"
        ):
            confirm(
                context,
                localize("holds.release"),
                localize("holds.release_body"),
                lambda reason: context.client.release_hold(hold["id"], reason),
                done=localize("holds.released"),
                reason=localize("holds.reason"),
            )


def _scope(context: PageContext, hold: dict[str, Any]) -> str:
    """The scope as a sentence without identifiers, which are not stored in clear."""
    localize = context.localize
    conditions = []
    if hold["people"]:
        types = ", ".join(localize.name("type", type_) for type_ in hold["people"])
        conditions.append(localize.raw("holds.scope_person", types=types))
    if hold["use_case"]:
        conditions.append(localize.raw("holds.scope_use_case", name=hold["use_case"]))
    if hold["requests"]:
        conditions.append(localize.raw("holds.scope_requests", count=len(hold["requests"])))
    if hold["since"] is not None or hold["until"] is not None:
        conditions.append(
            localize.raw(
                "holds.scope_period",
                since=_day(context, hold["since"]),
                until=_day(context, hold["until"]),
            )
        )
    return "; ".join(conditions)


def _day(context: PageContext, milliseconds: int | None) -> str:
    return context.localize.moment(milliseconds / 1000) if milliseconds is not None else "…"


def _form(context: PageContext) -> None:
    localize = context.localize
    st.subheader(localize("holds.new"), anchor=False)
    scope = (
        st.segmented_control(
            localize("holds.what"),
            _SCOPES,
            default="person",
            key="holds.what",
            format_func=lambda code: localize.name("hold_what", code),
        )
        or "person"
    )
    types = attempt(localize, context.client.subject_types) if scope == "person" else []
    with st.form(f"holds.new.{scope}"):
        conditions = _conditions(context, scope, types or [_DEFAULT_TYPE])
        reason = st.text_input(
            localize("holds.reason"), max_chars=500, help=localize("subjects.reason_help")
        )
        in_a_year = localize.today() + timedelta(days=365)
        review = st.date_input(localize("holds.review"), in_a_year, format=_DAY)
        if st.form_submit_button(localize("holds.place"), type="primary"):
            if len(reason.strip()) < 3:
                st.warning(localize("confirm.reason_needed"))
                return
            body = {**conditions, "reason": reason.strip(), "review": localize.midnight(review)}
            identity = attempt(localize, lambda: context.client.create_hold(body))
            if identity:
                flash(localize("holds.placed", id=identity))
                st.rerun()


def _conditions(context: PageContext, scope: str, types: list[str]) -> dict[str, Any]:
    localize = context.localize
    if scope == "person":
        type_ = st.selectbox(
            localize("subjects.type"), types, format_func=lambda code: localize.name("type", code)
        )
        lines = non_empty_lines(st.text_area(localize("holds.identifiers"), height=90))
        return {"subjects": [{"type": type_, "value": line} for line in lines]}
    if scope == "use_case":
        return {"use_case": st.text_input(localize("holds.use_case")).strip() or None}
    if scope == "requests":
        return {"requests": non_empty_lines(st.text_area(localize("holds.audit_ids"), height=90))}
    left, right = st.columns(2)
    today = localize.today()
    since = left.date_input(localize("audit.from"), today - timedelta(days=30), format=_DAY)
    until = right.date_input(localize("audit.to"), today, format=_DAY)
    return {
        "since": localize.midnight(since),
        "until": localize.midnight(until + timedelta(days=1)),
    }
