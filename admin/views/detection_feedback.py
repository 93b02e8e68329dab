"""Report false and missed findings in a previewed text as proposals for the custom terms."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from admin.components import attempt, flash
from admin.page_context import PageContext


def draw(context: PageContext, text: str, findings: Sequence[dict[str, Any]]) -> None:
    """Draw the form for false findings beside the form for missed ones."""
    localize = context.localize
    st.subheader(localize("report.title"), anchor=False)
    st.caption(localize("report.about"))
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"):
        st.markdown(localize("report.wrong"))
        _wrong(context, [finding for finding in findings if finding["allowable"]])
    with right, st.container(border=True, height="stretch"):
        st.markdown(localize("report.missed"))
        _missed(context, text)


def _wrong(context: PageContext, findings: Sequence[dict[str, Any]]) -> None:
    localize = context.localize
    if not findings:
        st.caption(localize("report.nothing_wrong"))
        return
    chosen = st.selectbox(
        localize("report.which"),
        range(len(findings)),
        key="report.which",
        format_func=lambda at: (
            f"{findings[at]['text']} ({localize.name('type', findings[at]['type'])})"
        ),
    )
    found = findings[min(chosen, len(findings) - 1)]
    term = st.text_input(
        localize("report.term"),
        found["text"],
        max_chars=200,
        help=localize("report.term_help"),
        key=f"report.term.{found['start']}.{found['text']}",
    )
    reason = st.text_input(localize("report.reason"), max_chars=500, key="report.wrong.reason")
    if st.button(localize("report.allow"), icon=":material/thumb_down:"):
        _propose(context, {"kind": "allow", "text": term}, reason)


def _missed(context: PageContext, text: str) -> None:
    localize = context.localize
    lists = attempt(localize, lambda: context.client.terms("deny", limit=1))
    if lists is None:
        return
    term = st.text_input(localize("report.missing"), max_chars=200, key="report.missing")
    type_ = st.selectbox(
        localize("report.type"),
        lists["types"],
        key="report.type",
        format_func=lambda code: localize.name("type", code),
    )
    reason = st.text_input(localize("report.reason"), max_chars=500, key="report.missed.reason")
    if st.button(localize("report.deny"), icon=":material/add_alert:"):
        if term.strip() and term.strip() in text:
            _propose(context, {"kind": "deny", "text": term, "type": type_}, reason)
        else:
            st.warning(localize("report.not_there"))


def _propose(context: PageContext, term: dict[str, Any], reason: str) -> None:
    localize = context.localize
    if len(reason.strip()) < 3:
        st.warning(localize("confirm.reason_needed"))
        return
    proposal = attempt(
        localize, lambda: context.client.propose_terms(add=[term], reason=reason.strip())
    )
    if proposal:
        flash(localize("terms.proposed", id=proposal))
        st.rerun()
