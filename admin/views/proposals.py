"""Changes that wait for another person."""

from typing import Any

import streamlit as st

from admin.here import Here
from admin.parts import attempt, confirm, heading
from admin.views.policy_change import difference


def page(here: Here) -> None:
    """Pending proposals with what they change; then those that were decided."""
    heading(here, "proposals")
    found = attempt(here.say, here.client.proposals)
    if found is None:
        return
    pending = [proposal for proposal in found if proposal["state"] == "pending"]
    if not pending:
        st.info(here.say("proposals.none"), icon=":material/done_all:")
    for proposal in pending:
        _pending(here, proposal)
    decided = [proposal for proposal in found if proposal["state"] != "pending"]
    if decided:
        st.subheader(here.say("proposals.decided"), anchor=False)
        st.dataframe([_row(here, proposal) for proposal in decided], hide_index=True)


def _pending(here: Here, proposal: dict[str, Any]) -> None:
    say = here.say
    with st.container(border=True):
        st.subheader(say("proposals.of", subject=proposal["subject"]), anchor=False)
        st.caption(
            say("proposals.by", who=proposal["proposed_by"], when=say.moment(proposal["proposed"]))
        )
        if proposal["comment"]:
            st.text(proposal["comment"])
        shown = attempt(say, lambda: here.client.proposal(proposal["id"]))
        for path, change in (shown or {"changes": {}})["changes"].items():
            text = difference(path, change["before"] or "", change["after"] or "")
            st.code(text, language="diff", wrap_lines=True)
        if here.me.may("policies:approve"):
            if proposal["proposed_by"] == here.me.id:
                st.caption(say("proposals.own"))
            _buttons(here, proposal)


def _buttons(here: Here, proposal: dict[str, Any]) -> None:
    say, identity = here.say, proposal["id"]
    row = st.container(horizontal=True)
    if row.button(say("proposals.approve"), type="primary", key=f"approve.{identity}"):
        confirm(
            here, say("proposals.approve"), say("proposals.approve_body"),
            lambda comment: here.client.decide(identity, approve=True, comment=comment),
            done=say("proposals.approved"), reason=say("proposals.comment"),
        )  # fmt: skip
    if row.button(say("proposals.reject"), key=f"reject.{identity}"):
        confirm(
            here, say("proposals.reject"), say("proposals.reject_body"),
            lambda comment: here.client.decide(identity, approve=False, comment=comment),
            done=say("proposals.rejected"), reason=say("proposals.comment"),
        )  # fmt: skip


def _row(here: Here, proposal: dict[str, Any]) -> dict[str, str]:
    say = here.say
    return {
        say.bare("proposals.subject"): proposal["subject"],
        say.bare("proposals.state"): say.name("state", proposal["state"]),
        say.bare("proposals.proposer"): proposal["proposed_by"],
        say.bare("proposals.decider"): proposal["decided_by"] or "",
        say.bare("proposals.when"): say.moment(proposal["decided"]),
        say.bare("proposals.comment"): proposal["comment"] or "",
    }
