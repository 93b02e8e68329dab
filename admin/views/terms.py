"""The custom terms page: the lists, pending proposals, and a form to propose changes."""

import functools
from typing import Any

import streamlit as st

from admin.components import attempt, flash, heading
from admin.page_context import PageContext
from admin.views import proposals

_KINDS = ("deny", "allow")
_PAGE = 500


def page(context: PageContext) -> None:
    """Draw pending proposals, then a list, then the form."""
    heading(context, "terms")
    localize = context.localize
    _pending(context)
    kind = (
        st.segmented_control(
            localize("terms.kind"),
            _KINDS,
            default="deny",
            key="terms.kind",
            format_func=lambda code: localize.name("list", code),
        )
        or "deny"
    )
    number = st.session_state.get(f"terms.page.{kind}", 1)
    found = attempt(
        localize, lambda: context.client.terms(kind, offset=(number - 1) * _PAGE, limit=_PAGE)
    )
    if found is None:
        return
    st.caption(localize("terms.about_deny") if kind == "deny" else localize("terms.about_allow"))
    chosen = _list(context, kind, found)
    if context.user.may("terms:propose"):
        if chosen:
            _remove(context, kind, chosen)
        _add(context, kind, found["types"])


def _pending(context: PageContext) -> None:
    if not context.user.may("proposals:read"):
        return
    ask = functools.partial(context.client.proposals, "pending", kind="terms")
    found = attempt(context.localize, ask)
    for proposal in found["proposals"] if found else ():
        proposals.pending(context, proposal)


def _list(context: PageContext, kind: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Draw a list; returns the selected terms."""
    localize, count = context.localize, found["counts"][kind]
    if not count:
        st.info(localize("terms.none"), icon=":material/dictionary:")
        return []
    st.markdown(localize("terms.count", count=localize.number(count)))
    if count > _PAGE:
        st.number_input(
            localize("terms.page"), 1, (count - 1) // _PAGE + 1, key=f"terms.page.{kind}", width=160
        )
    table = st.dataframe(
        [_row(context, kind, term) for term in found["terms"]],
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"terms.list.{kind}",
    )
    rows = table["selection"]["rows"]
    return [found["terms"][at] for at in rows if at < len(found["terms"])]


def _row(context: PageContext, kind: str, term: dict[str, Any]) -> dict[str, str]:
    localize = context.localize
    row = {localize.raw("terms.term"): term["text"]}
    if kind == "deny":
        row[localize.raw("terms.type")] = localize.name("type", term["type"])
    return row | {
        localize.raw("terms.since"): localize.moment(term["since"]),
        localize.raw("terms.author"): term["proposed_by"],
        localize.raw("terms.approver"): term["approved_by"],
    }


def _remove(context: PageContext, kind: str, chosen: list[dict[str, Any]]) -> None:
    localize = context.localize
    with st.form("terms.remove"):
        st.markdown(localize("terms.removing", count=len(chosen)))
        reason = st.text_input(localize("report.reason"), max_chars=500)
        if st.form_submit_button(localize("terms.remove")):
            _propose(
                context, reason, remove=[{"kind": kind, "text": one["text"]} for one in chosen]
            )


def _add(context: PageContext, kind: str, types: list[str]) -> None:
    localize = context.localize
    with st.form(f"terms.add.{kind}"):
        text = st.text_area(localize("terms.add"), height=120, help=localize("terms.add_help"))
        type_ = "PERSON"
        if kind == "deny":
            type_ = st.selectbox(
                localize("terms.type"), types, format_func=lambda code: localize.name("type", code)
            )
        reason = st.text_input(localize("report.reason"), max_chars=500)
        if st.form_submit_button(localize("terms.propose"), type="primary"):
            lines = [line for line in text.splitlines() if line.strip()]
            _propose(
                context, reason, add=[{"kind": kind, "text": line, "type": type_} for line in lines]
            )


def _propose(context: PageContext, reason: str, **change: list[dict[str, Any]]) -> None:
    localize = context.localize
    if len(reason.strip()) < 3:
        st.warning(localize("confirm.reason_needed"))
        return
    proposal = attempt(
        localize, lambda: context.client.propose_terms(**change, reason=reason.strip())
    )
    if proposal:
        flash(localize("terms.proposed", id=proposal))
        st.rerun()
