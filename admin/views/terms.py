"""The organisation's own lists, what is proposed for them, and a form to propose more."""

from typing import Any

import streamlit as st

from admin.components import attempt, flash, heading
from admin.page_context import PageContext
from admin.views import proposals

_KINDS = ("deny", "allow")
_PAGE = 500


def page(here: PageContext) -> None:
    """What waits, then a list, then the form."""
    heading(here, "terms")
    say = here.say
    _waiting(here)
    kind = (
        st.segmented_control(
            say("terms.kind"),
            _KINDS,
            default="deny",
            key="terms.kind",
            format_func=lambda code: say.name("list", code),
        )
        or "deny"
    )
    number = st.session_state.get(f"terms.page.{kind}", 1)
    found = attempt(say, lambda: here.client.terms(kind, offset=(number - 1) * _PAGE, limit=_PAGE))
    if found is None:
        return
    st.caption(say("terms.about_deny") if kind == "deny" else say("terms.about_allow"))
    chosen = _list(here, kind, found)
    if here.me.may("terms:propose"):
        if chosen:
            _remove(here, kind, chosen)
        _add(here, kind, found["types"])


def _waiting(here: PageContext) -> None:
    if not here.me.may("proposals:read"):
        return
    every = attempt(here.say, here.client.proposals) or []
    for proposal in every:
        if proposal["kind"] == "terms" and proposal["state"] == "pending":
            proposals.pending(here, proposal)


def _list(here: PageContext, kind: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Draws it; gives the terms that are marked."""
    say, count = here.say, found["counts"][kind]
    if not count:
        st.info(say("terms.none"), icon=":material/dictionary:")
        return []
    st.markdown(say("terms.count", count=say.number(count)))
    if count > _PAGE:
        st.number_input(
            say("terms.page"), 1, (count - 1) // _PAGE + 1, key=f"terms.page.{kind}", width=160
        )
    picked = st.dataframe(
        [_row(here, kind, term) for term in found["terms"]],
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"terms.list.{kind}",
    )
    rows = picked["selection"]["rows"]
    return [found["terms"][at] for at in rows if at < len(found["terms"])]


def _row(here: PageContext, kind: str, term: dict[str, Any]) -> dict[str, str]:
    say = here.say
    row = {say.bare("terms.term"): term["text"]}
    if kind == "deny":
        row[say.bare("terms.type")] = say.name("type", term["type"])
    return row | {
        say.bare("terms.since"): say.moment(term["since"]),
        say.bare("terms.author"): term["proposed_by"],
        say.bare("terms.approver"): term["approved_by"],
    }


def _remove(here: PageContext, kind: str, chosen: list[dict[str, Any]]) -> None:
    say = here.say
    with st.form("terms.remove"):
        st.markdown(say("terms.removing", count=len(chosen)))
        reason = st.text_input(say("report.reason"), max_chars=500)
        if st.form_submit_button(say("terms.remove")):
            _propose(here, reason, remove=[{"kind": kind, "text": one["text"]} for one in chosen])


def _add(here: PageContext, kind: str, types: list[str]) -> None:
    say = here.say
    with st.form(f"terms.add.{kind}"):
        text = st.text_area(say("terms.add"), height=120, help=say("terms.add_help"))
        type_ = "PERSON"
        if kind == "deny":
            type_ = st.selectbox(
                say("terms.type"), types, format_func=lambda code: say.name("type", code)
            )
        reason = st.text_input(say("report.reason"), max_chars=500)
        if st.form_submit_button(say("terms.propose"), type="primary"):
            lines = [line for line in text.splitlines() if line.strip()]
            _propose(
                here, reason, add=[{"kind": kind, "text": line, "type": type_} for line in lines]
            )


def _propose(here: PageContext, reason: str, **change: list[dict[str, Any]]) -> None:
    say = here.say
    if len(reason.strip()) < 3:
        st.warning(say("confirm.reason_needed"))
        return
    made = attempt(say, lambda: here.client.propose_terms(**change, reason=reason.strip()))
    if made:
        flash(say("terms.proposed", id=made))
        st.rerun()
