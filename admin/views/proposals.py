"""Changes that wait for another person."""

from typing import Any

import streamlit as st

from admin.components import attempt, confirm, heading
from admin.i18n import Localizer
from admin.page_context import PageContext
from admin.views.policy_change import difference

_TERMS = "terms"
# Who may decide about a kind; policies and terms are decided by those who approve policies.
_DECIDED_BY = {
    "hold_release": "holds:approve",
    "subject_erase": "subjects:approve",
    "audit_export": "audit:approve",
}
_OF = {
    _TERMS: "proposals.of_terms",
    "hold_release": "proposals.of_hold_release",
    "subject_erase": "proposals.of_subject_erase",
    "audit_export": "proposals.of_audit_export",
}
_BODIES = {
    "hold_release": "proposals.approve_hold_release",
    "subject_erase": "proposals.approve_subject_erase",
    "audit_export": "proposals.approve_audit_export",
}


def page(here: PageContext) -> None:
    """Pending proposals with what they change; then those that were decided."""
    heading(here, "proposals")
    found = attempt(here.say, here.client.proposals)
    if found is None:
        return
    waiting = [proposal for proposal in found if proposal["state"] == "pending"]
    if not waiting:
        st.info(here.say("proposals.none"), icon=":material/done_all:")
    for proposal in waiting:
        pending(here, proposal)
    decided = [proposal for proposal in found if proposal["state"] != "pending"]
    if decided:
        st.subheader(here.say("proposals.decided"), anchor=False)
        st.dataframe([_row(here, proposal) for proposal in decided], hide_index=True)


def pending(here: PageContext, proposal: dict[str, Any]) -> None:
    """One proposal that waits: who, why, what, and the buttons for who may decide."""
    say = here.say
    with st.container(border=True):
        st.subheader(_subject(here, proposal), anchor=False)
        st.caption(
            say("proposals.by", who=proposal["proposed_by"], when=say.moment(proposal["proposed"]))
        )
        if proposal["comment"]:
            st.text(proposal["comment"])
        if proposal["kind"] == _TERMS:
            _terms(here, proposal["id"])
        elif proposal["kind"] not in _DECIDED_BY:
            _files(here, proposal["id"])
        if here.me.may(_DECIDED_BY.get(proposal["kind"], "policies:approve")):
            if proposal["proposed_by"] == here.me.id:
                st.caption(say("proposals.own"))
            _buttons(here, proposal)


def _subject(here: PageContext, proposal: dict[str, Any]) -> str:
    return here.say(_OF.get(proposal["kind"], "proposals.of"), subject=_named(here.say, proposal))


def _named(say: Localizer, proposal: dict[str, Any]) -> str:
    """What a proposal is about; for an erasure the types of identifiers, never who."""
    if proposal["kind"] == "audit_export":
        since, until = (int(moment) / 1000 for moment in proposal["subject"].split("/"))
        return f"{say.moment(since)} – {say.moment(until)}"
    if proposal["kind"] != "subject_erase":
        return str(proposal["subject"])
    return ", ".join(say.name("type", type_) for type_ in proposal["subject"].split(", "))


def _files(here: PageContext, identity: str) -> None:
    shown = attempt(here.say, lambda: here.client.proposal(identity))
    for path, change in (shown or {"changes": {}})["changes"].items():
        text = difference(path, change["before"] or "", change["after"] or "")
        st.code(text, language="diff", wrap_lines=True)


def _terms(here: PageContext, identity: str) -> None:
    """The terms themselves, for those who may see them."""
    say = here.say
    if not here.me.may("terms:read"):
        st.caption(say("proposals.terms_hidden"))
        return
    change = attempt(say, lambda: here.client.proposed_terms(identity)) or {}
    st.dataframe(
        [
            {
                say.bare("proposals.change"): say.name("change", what),
                say.bare("proposals.list"): say.name("list", term["kind"]),
                say.bare("terms.term"): term["text"],
                say.bare("terms.type"): (
                    say.name("type", term["type"]) if term["kind"] == "deny" else ""
                ),
            }
            for what, terms in change.items()
            for term in terms
        ],
        hide_index=True,
    )


def _buttons(here: PageContext, proposal: dict[str, Any]) -> None:
    say, identity = here.say, proposal["id"]
    row = st.container(horizontal=True)
    if row.button(say("proposals.approve"), type="primary", key=f"approve.{identity}"):
        confirm(
            here,
            say("proposals.approve"),
            say(_BODIES.get(proposal["kind"], "proposals.approve_body")),
            lambda comment: here.client.decide(identity, approve=True, comment=comment),
            done=say("proposals.approved"),
            reason=say("proposals.comment"),
        )
    if row.button(say("proposals.reject"), key=f"reject.{identity}"):
        confirm(
            here,
            say("proposals.reject"),
            say(
                "proposals.reject_body_other"
                if proposal["kind"] in _BODIES
                else "proposals.reject_body"
            ),
            lambda comment: here.client.decide(identity, approve=False, comment=comment),
            done=say("proposals.rejected"),
            reason=say("proposals.comment"),
        )


def _row(here: PageContext, proposal: dict[str, Any]) -> dict[str, str]:
    say = here.say
    return {
        say.bare("proposals.subject"): (
            say.bare(_OF[proposal["kind"]], subject=_named(say, proposal))
            if proposal["kind"] in _OF
            else proposal["subject"]
        ),
        say.bare("proposals.state"): say.name("state", proposal["state"]),
        say.bare("proposals.proposer"): proposal["proposed_by"],
        say.bare("proposals.decider"): proposal["decided_by"] or "",
        say.bare("proposals.when"): say.moment(proposal["decided"]),
        say.bare("proposals.comment"): proposal["comment"] or "",
    }
