"""Complaints: which wait and until when, reading and deciding one."""

from typing import Any

import streamlit as st

from admin.case_components import LONGEST, STATES, deadline, texts
from admin.components import attempt, flash, heading
from admin.page_context import PageContext

_OUTCOMES = ("upheld", "partly", "rejected")


def page(here: PageContext) -> None:
    """All complaints, those that wait first."""
    heading(here, "complaints")
    found = attempt(here.say, here.client.complaints)
    if found is None:
        return
    if not found:
        st.info(here.say("complaints.none"), icon=":material/contact_support:")
    for one in found:
        _complaint(here, one)


def _complaint(here: PageContext, one: dict[str, Any]) -> None:
    say = here.say
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.badge(say.name("case", one["state"]), color=STATES[one["state"]])
        row.markdown(say("complaints.of", id=one["id"]))
        when = say.moment(one["opened"] / 1000)
        language = say.name("language", one["language"])
        st.caption(say("complaints.came", when=when, language=language, hold=one["hold"]))
        st.caption(say("complaints.about_request"))
        st.code(one["request"], language=None)
        deadline(here, one)
        if one["decided"]:
            moment = say.moment(one["decided"] / 1000)
            outcome = say.name("decided", one["outcome"])
            st.caption(
                say("complaints.decided_by", what=outcome, who=one["decided_by"], when=moment)
            )
        if here.me.may("complaints:handle"):
            texts(here, one["id"], lambda why: here.client.complaint_texts(one["id"], why))
            if not one["decided"]:
                _decide(here, one["id"])


def _decide(here: PageContext, identity: str) -> None:
    say = here.say
    with st.expander(say("complaints.decide")), st.form(f"complaints.{identity}", border=False):
        outcome = st.segmented_control(
            say("complaints.outcome"),
            _OUTCOMES,
            format_func=lambda code: say.name("decided", code),
        )
        reasons = st.text_area(say("complaints.reasons"), max_chars=LONGEST)
        if not st.form_submit_button(say("complaints.decide_it"), type="primary"):
            return
        if len(reasons.strip()) < 3 or outcome is None:
            st.warning(say("cases.text_needed"))
            return
        if attempt(say, lambda: here.client.decide_complaint(identity, outcome, reasons.strip())):
            flash(say("complaints.decided", id=identity))
            st.rerun()
