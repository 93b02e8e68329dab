"""What the detectors got wrong in a tried text, as a proposal for the organisation's lists."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from admin.components import attempt, flash
from admin.page_context import PageContext


def draw(here: PageContext, text: str, findings: Sequence[dict[str, Any]]) -> None:
    """Two sides: what was wrongly found, and what was missed."""
    say = here.say
    st.subheader(say("report.title"), anchor=False)
    st.caption(say("report.about"))
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        st.markdown(say("report.wrong"))
        _wrong(here, [finding for finding in findings if finding["allowable"]])
    with right, st.container(border=True, height="stretch"):
        st.markdown(say("report.missed"))
        _missed(here, text)


def _wrong(here: PageContext, findings: Sequence[dict[str, Any]]) -> None:
    say = here.say
    if not findings:
        st.caption(say("report.nothing_wrong"))
        return
    chosen = st.selectbox(
        say("report.which"),
        range(len(findings)),
        key="report.which",
        format_func=lambda at: f"{findings[at]['text']} ({say.name('type', findings[at]['type'])})",
    )
    found = findings[min(chosen, len(findings) - 1)]
    term = st.text_input(
        say("report.term"),
        found["text"],
        max_chars=200,
        help=say("report.term_help"),
        key=f"report.term.{found['start']}.{found['text']}",
    )
    reason = st.text_input(say("report.reason"), max_chars=500, key="report.wrong.reason")
    if st.button(say("report.allow"), icon=":material/thumb_down:"):
        _propose(here, {"kind": "allow", "text": term}, reason)


def _missed(here: PageContext, text: str) -> None:
    say = here.say
    lists = attempt(say, lambda: here.client.terms("deny", limit=1))
    if lists is None:
        return
    term = st.text_input(say("report.missing"), max_chars=200, key="report.missing")
    type_ = st.selectbox(
        say("report.type"),
        lists["types"],
        key="report.type",
        format_func=lambda code: say.name("type", code),
    )
    reason = st.text_input(say("report.reason"), max_chars=500, key="report.missed.reason")
    if st.button(say("report.deny"), icon=":material/add_alert:"):
        if term.strip() and term.strip() in text:
            _propose(here, {"kind": "deny", "text": term, "type": type_}, reason)
        else:
            st.warning(say("report.not_there"))


def _propose(here: PageContext, term: dict[str, Any], reason: str) -> None:
    say = here.say
    if len(reason.strip()) < 3:
        st.warning(say("confirm.reason_needed"))
        return
    made = attempt(say, lambda: here.client.propose_terms(add=[term], reason=reason.strip()))
    if made:
        flash(say("terms.proposed", id=made))
        st.rerun()
