"""Legal holds: which there are, which are due for review, placing and releasing one."""

from datetime import timedelta
from typing import Any, Literal

import streamlit as st

from admin.components import attempt, confirm, flash, heading
from admin.page_context import PageContext

_DAY = "YYYY-MM-DD"
_STATES: dict[str, Literal["blue", "orange", "grey"]] = {
    "active": "blue",
    "overdue": "orange",
    "released": "grey",
}
_WHATS = ("person", "use_case", "requests", "period")
_ALWAYS_TYPE = "PERSON"


def page(here: PageContext) -> None:
    """All holds, those that hold first, then the form."""
    heading(here, "holds")
    found = attempt(here.say, here.client.holds)
    if found is None:
        return
    if not found:
        st.info(here.say("holds.none"), icon=":material/gavel:")
    for hold in found:
        _hold(here, hold)
    if here.me.may("holds:create"):
        _form(here)


def _hold(here: PageContext, hold: dict[str, Any]) -> None:
    say, state = here.say, hold["state"]
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.badge(say.name("hold", state), color=_STATES[state])
        row.markdown(say("holds.of", scope=_scope(here, hold)))
        st.text(hold["reason"])
        when = say.moment(hold["created"] / 1000)
        st.caption(say("holds.by", who=hold["created_by"], when=when, id=hold["id"]))
        if state == "released":
            moment = say.moment(hold["released"] / 1000)
            st.caption(say("holds.released_by", who=hold["released_by"], when=moment))
            return
        review = say.moment(hold["review"] / 1000)
        if state == "overdue":
            st.warning(say("holds.overdue", when=review), icon=":material/event_upcoming:")
        else:
            st.caption(say("holds.review_on", when=review))
        if here.me.may("holds:release") and st.button(
            say("holds.release"), key=f"release.{hold['id']}"
        ):
            confirm(
                here,
                say("holds.release"),
                say("holds.release_body"),
                lambda reason: here.client.release_hold(hold["id"], reason),
                done=say("holds.released"),
                reason=say("holds.reason"),
            )


def _scope(here: PageContext, hold: dict[str, Any]) -> str:
    """In words, without who it is about: that is not stored in clear."""
    say = here.say
    told = []
    if hold["people"]:
        types = ", ".join(say.name("type", type_) for type_ in hold["people"])
        told.append(say.bare("holds.scope_person", types=types))
    if hold["use_case"]:
        told.append(say.bare("holds.scope_use_case", name=hold["use_case"]))
    if hold["requests"]:
        told.append(say.bare("holds.scope_requests", count=len(hold["requests"])))
    if hold["since"] is not None or hold["until"] is not None:
        told.append(
            say.bare(
                "holds.scope_period",
                since=_day(here, hold["since"]),
                until=_day(here, hold["until"]),
            )
        )
    return "; ".join(told)


def _day(here: PageContext, milliseconds: int | None) -> str:
    return here.say.moment(milliseconds / 1000) if milliseconds is not None else "…"


def _form(here: PageContext) -> None:
    say = here.say
    st.subheader(say("holds.new"), anchor=False)
    what = (
        st.segmented_control(
            say("holds.what"),
            _WHATS,
            default="person",
            key="holds.what",
            format_func=lambda code: say.name("hold_what", code),
        )
        or "person"
    )
    types = attempt(say, here.client.subject_types) if what == "person" else []
    with st.form(f"holds.new.{what}"):
        wanted = _asked(here, what, types or [_ALWAYS_TYPE])
        reason = st.text_input(say("holds.reason"), max_chars=500, help=say("subjects.reason_help"))
        in_a_year = say.today() + timedelta(days=365)
        review = st.date_input(say("holds.review"), in_a_year, format=_DAY)
        if st.form_submit_button(say("holds.place"), type="primary"):
            if len(reason.strip()) < 3:
                st.warning(say("confirm.reason_needed"))
                return
            body = {**wanted, "reason": reason.strip(), "review": say.midnight(review)}
            made = attempt(say, lambda: here.client.create_hold(body))
            if made:
                flash(say("holds.placed", id=made))
                st.rerun()


def _asked(here: PageContext, what: str, types: list[str]) -> dict[str, Any]:
    say = here.say
    if what == "person":
        type_ = st.selectbox(
            say("subjects.type"), types, format_func=lambda code: say.name("type", code)
        )
        lines = _lines(st.text_area(say("holds.identifiers"), height=90))
        return {"subjects": [{"type": type_, "value": line} for line in lines]}
    if what == "use_case":
        return {"use_case": st.text_input(say("holds.use_case")).strip() or None}
    if what == "requests":
        return {"requests": _lines(st.text_area(say("holds.audit_ids"), height=90))}
    left, right = st.columns(2)
    today = say.today()
    since = left.date_input(say("audit.from"), today - timedelta(days=30), format=_DAY)
    until = right.date_input(say("audit.to"), today, format=_DAY)
    return {"since": say.midnight(since), "until": say.midnight(until + timedelta(days=1))}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
