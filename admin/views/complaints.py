"""The complaints page: deadlines, and reading and deciding a complaint."""

from typing import Any

import streamlit as st

from admin import case_search
from admin.case_components import (
    MAX_TEXT_CHARS,
    STATES,
    deadline,
    left_of_texts,
    texts,
)
from admin.case_lists import case_list, more_cases
from admin.components import attempt, flash, heading
from admin.page_context import PageContext

_DIRECTIONS = ("sent", "received")
_MIN_REASON_CHARS = 3
_OUTCOMES = ("upheld", "partly", "rejected")


def page(context: PageContext) -> None:
    """Draw the complaints in pages, open ones first."""
    heading(context, "complaints")
    case_search.field(context)
    found = case_list(context, "complaints", "decided", context.client.complaints)
    if found is None:
        return
    if not found["complaints"]:
        st.info(context.localize("complaints.none"), icon=":material/contact_support:")
    for complaint in found["complaints"]:
        _complaint(context, complaint)
    more_cases(context, "complaints", found)


def _complaint(context: PageContext, complaint: dict[str, Any]) -> None:
    localize = context.localize
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.badge(localize.name("case", complaint["state"]), color=STATES[complaint["state"]])
        row.markdown(localize("complaints.of", id=complaint["id"]))
        when = localize.moment(complaint["opened"] / 1000)
        language = localize.name("language", complaint["language"])
        st.caption(
            localize("complaints.came", when=when, language=language, hold=complaint["hold"])
        )
        st.caption(localize("complaints.about_request"))
        st.code(complaint["request"], language=None)
        deadline(context, complaint)
        if complaint["decided"]:
            moment = localize.moment(complaint["decided"] / 1000)
            outcome = localize.name("decided", complaint["outcome"])
            st.caption(
                localize(
                    "complaints.decided_by", what=outcome, who=complaint["decided_by"], when=moment
                )
            )
        left_of_texts(context, complaint)
        _explanation(context, complaint)
        if context.user.may("complaints:handle"):
            texts(
                context,
                complaint["id"],
                lambda reason: context.client.complaint_texts(complaint["id"], reason),
            )
            _write(context, complaint)
            if not complaint["decided"]:
                if not complaint["extended"]:
                    _extend(context, complaint["id"])
                _decide(context, complaint["id"])


def _explanation(context: PageContext, complaint: dict[str, Any]) -> None:
    """Draw what happened, in the language of the complainant, once it is asked for."""
    localize, identity = context.localize, complaint["id"]
    if not st.toggle(localize("complaints.explain"), key=f"complaints.explain.{identity}"):
        return
    language = complaint["language"]
    said = attempt(localize, lambda: context.client.explained_complaint(identity, language))
    if said is not None:
        st.code("\n".join(said), language=None, wrap_lines=True)


def _write(context: PageContext, complaint: dict[str, Any]) -> None:
    """Draw when messages were sent and received, and the form to keep another one."""
    localize, identity = context.localize, complaint["id"]
    for one in complaint["messages"]:
        said = {
            "number": one["number"],
            "who": one["by"],
            "when": localize.moment(one["at"] / 1000),
        }
        st.caption(localize(f"complaints.message_{one['direction']}", **said))
    with (
        st.expander(localize("complaints.write")),
        st.form(f"complaints.write.{identity}", border=False),
    ):
        direction = st.segmented_control(
            localize("complaints.direction"),
            _DIRECTIONS,
            default="sent",
            format_func=lambda code: localize.name("direction", code),
        )
        text = st.text_area(localize("complaints.message"), max_chars=MAX_TEXT_CHARS)
        if not st.form_submit_button(localize("complaints.write_it")):
            return
        if not text.strip() or direction is None:
            st.warning(localize("cases.text_needed"))
            return
        said_text = text.strip()
        if attempt(
            localize, lambda: context.client.write_complaint(identity, said_text, direction)
        ):
            flash(localize("complaints.written"))
            st.rerun()


def _extend(context: PageContext, identity: str) -> None:
    """Draw the form that gives a complaint its longer term; the calendar may allow none."""
    localize = context.localize
    with (
        st.expander(localize("requests.extend")),
        st.form(f"complaints.extend.{identity}", border=False),
    ):
        reason = st.text_input(localize("requests.why"), max_chars=500).strip()
        if not st.form_submit_button(localize("requests.extend_it")):
            return
        if len(reason) < _MIN_REASON_CHARS:
            st.warning(localize("cases.text_needed"))
            return
        if attempt(localize, lambda: context.client.extend_complaint(identity, reason)):
            flash(localize("complaints.extended"))
            st.rerun()


def _decide(context: PageContext, identity: str) -> None:
    localize = context.localize
    with (
        st.expander(localize("complaints.decide")),
        st.form(f"complaints.{identity}", border=False),
    ):
        outcome = st.segmented_control(
            localize("complaints.outcome"),
            _OUTCOMES,
            format_func=lambda code: localize.name("decided", code),
        )
        reasons = st.text_area(localize("complaints.reasons"), max_chars=MAX_TEXT_CHARS)
        answer = st.text_area(localize("complaints.answer"), max_chars=MAX_TEXT_CHARS)
        if not st.form_submit_button(localize("complaints.decide_it"), type="primary"):
            return
        if len(reasons.strip()) < 3 or outcome is None:
            st.warning(localize("cases.text_needed"))
            return
        said = (outcome, reasons.strip(), answer.strip())
        if attempt(localize, lambda: context.client.decide_complaint(identity, *said)):
            flash(localize("complaints.decided", id=identity))
            st.rerun()
