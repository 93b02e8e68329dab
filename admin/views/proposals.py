"""The proposals page: changes that need another person's approval."""

import functools
from typing import Any

import streamlit as st

from admin import approval_sign_on
from admin.components import attempt, confirm, heading
from admin.governance_entry import difference_of, named
from admin.i18n import Localizer
from admin.page_context import PageContext
from admin.views import model_approvals, proposed_suite
from admin.views.policy_evidence import draw_evidence
from admin.views.proposal_reviewers import draw_ask, draw_term

_TERMS = "terms"
_BUNDLE = "policy_bundle"
_SUITE = "evaluation_suite"
_SUBJECT_KEYS = {
    _TERMS: "proposals.of_terms",
    "hold_release": "proposals.of_hold_release",
    "subject_erase": "proposals.of_subject_erase",
    "audit_export": "proposals.of_audit_export",
    "payload_reveal": "proposals.of_payload_reveal",
    "person_reactivate": "proposals.of_person_reactivate",
    "key_hand_over": "proposals.of_key_hand_over",
    "pseudonym_resolve": "proposals.of_pseudonym_resolve",
    "restart": "proposals.of_restart",
    "break_glass": "proposals.of_break_glass",
    "trail_gap": "proposals.of_trail_gap",
    "deadline": "proposals.of_deadline",
    "evaluation_override": "proposals.of_evaluation_override",
    _SUITE: "proposals.of_evaluation_suite",
}
_APPROVAL_KEYS = {
    "hold_release": "proposals.approve_hold_release",
    "subject_erase": "proposals.approve_subject_erase",
    "audit_export": "proposals.approve_audit_export",
    "payload_reveal": "proposals.approve_payload_reveal",
    "person_reactivate": "proposals.approve_person_reactivate",
    "key_hand_over": "proposals.approve_key_hand_over",
    "pseudonym_resolve": "proposals.approve_pseudonym_resolve",
    "restart": "proposals.approve_restart",
    "break_glass": "proposals.approve_break_glass",
    "trail_gap": "proposals.approve_trail_gap",
    "deadline": "proposals.approve_deadline",
    "evaluation_override": "proposals.approve_evaluation_override",
    _SUITE: "proposals.approve_evaluation_suite",
}


_KINDS = ("change", _BUNDLE, *_SUBJECT_KEYS)
_STARTS = "use_case.risk"  # the power that the owner and an officer use together
_DECIDED = ("approved", "rejected", "superseded", "expired")


def page(context: PageContext) -> None:
    """Draw pending proposals with their changes, those asked of the user first; then the others."""
    heading(context, "proposals")
    kind = _chosen_kind(context)
    undecided = _of_state(context, "pending", kind)
    if not undecided:
        st.info(context.localize("proposals.none"), icon=":material/done_all:")
    asked = _asked(context, kind)
    for proposal in asked:
        pending(context, proposal)
    known = {proposal["id"] for proposal in asked}
    others = [proposal for proposal in undecided if proposal["id"] not in known]
    if asked and others:
        st.subheader(context.localize("proposals.others"), anchor=False)
    for proposal in others:
        pending(context, proposal)
    if not kind and context.user.may("models:read"):
        model_approvals.draw(context)
    decided = [one for state in _DECIDED for one in _of_state(context, state, kind)]
    decided.sort(key=lambda one: one["decided"] or 0, reverse=True)
    if decided:
        st.subheader(context.localize("proposals.decided"), anchor=False)
        st.dataframe([_row(context, proposal) for proposal in decided], hide_index=True)


def _asked(context: PageContext, kind: str) -> list[dict[str, Any]]:
    """Those that the user was asked to review, under their own heading."""
    ask = functools.partial(context.client.asked_proposals, kind=kind)
    found = attempt(context.localize, ask)
    if not found or not found["proposals"]:
        return []
    st.subheader(context.localize("proposals.asked_of_you"), anchor=False)
    return list(found["proposals"])


def _chosen_kind(context: PageContext) -> str:
    """The kind that the address names; empty for all."""
    localize = context.localize
    kinds = ["", *sorted(_KINDS, key=lambda kind: localize.name("proposal_kind", kind))]
    given = st.query_params.get("kind", "")
    chosen = st.selectbox(
        localize("proposals.kind"),
        kinds,
        index=kinds.index(given) if given in kinds else 0,
        key=f"proposals.kind.{localize.language}",  # a widget shows what it was in its language
        format_func=lambda kind: (
            localize.name("proposal_kind", kind) if kind else localize.raw("proposals.every_kind")
        ),
    )
    if chosen:
        st.query_params["kind"] = chosen
    else:
        st.query_params.pop("kind", None)
    return str(chosen)


def _of_state(context: PageContext, state: str, kind: str) -> list[dict[str, Any]]:
    """The newest proposals of a state, and on demand those before them."""
    localize, shown = context.localize, f"proposals.{state}.pages"
    found: list[dict[str, Any]] = []
    before = None
    for _ in range(st.session_state.get(shown, 1)):
        ask = functools.partial(context.client.proposals, state, kind=kind, before=before)
        page_ = attempt(localize, ask)
        if page_ is None:
            return found
        found += page_["proposals"]
        before = page_["next"]
        if before is None:
            return found
    label = localize("proposals.older", state=localize.name("state", state))
    if st.button(label, key=f"{shown}.more"):
        st.session_state[shown] = st.session_state.get(shown, 1) + 1
        st.rerun()
    return found


def pending(context: PageContext, proposal: dict[str, Any]) -> None:
    """Draw one pending proposal, with buttons for users who may decide it."""
    localize = context.localize
    with st.container(border=True):
        st.subheader(subject_of(context, proposal), anchor=False)
        st.caption(
            localize(
                "proposals.by",
                who=_author(proposal),
                when=localize.moment(proposal["proposed"]),
            )
        )
        draw_term(context, proposal)
        if proposal["comment"]:
            st.text(proposal["comment"])
        if proposal["kind"] == _SUITE and context.user.may("models:read"):
            proposed_suite.draw(context, proposal["id"])
        elif proposal.get("lines"):
            st.dataframe(difference_of(proposal["lines"], localize), hide_index=True)
        elif proposal["kind"] == _TERMS:
            _terms(context, proposal["id"])
        elif proposal["kind"] == _BUNDLE:
            draw_evidence(context, proposal["id"])
        may_approve = _may_approve(context, proposal)
        if _STARTS in proposal["powers"]:
            given = ", ".join(proposal["approved_by"]) or localize.raw("proposals.nobody_yet")
            st.caption(localize("proposals.in_parts", who=given))
        if may_approve:
            if proposal["proposed_by"] == context.user.id:
                st.caption(localize("proposals.own"))
            _buttons(context, proposal)
        draw_ask(context, proposal, may_approve=may_approve)
        _thread(context, proposal["id"])


def _may_approve(context: PageContext, proposal: dict[str, Any]) -> bool:
    """Whether this person approves it; of what starts a use case, a part is enough."""
    powers = proposal["powers"]
    may = [context.user.may(f"{power}:approve") for power in powers]
    return any(may) if _STARTS in powers else all(may)


def _thread(context: PageContext, identity: str) -> None:
    """Draw the comments on demand, with a field for another one."""
    localize = context.localize
    if not st.toggle(localize("proposals.comments"), key=f"thread.{identity}"):
        return
    found = attempt(localize, lambda: context.client.proposal(identity))
    for one in found["comments"] if found else ():
        st.caption(
            localize(
                "proposals.by",
                who=named(one["name"], one["by"], one["by"]),
                when=localize.moment(one["at"]),
            )
        )
        st.text(one["text"])
    with st.form(f"comment.{identity}", clear_on_submit=True, border=False):
        said = st.text_area(localize("proposals.add_comment"), max_chars=1000)
        sent = st.form_submit_button(localize("proposals.send_comment"))
    if sent and said.strip():
        add = functools.partial(context.client.comment, identity, said.strip())
        if attempt(localize, add):
            st.rerun()


def subject_of(context: PageContext, proposal: dict[str, Any]) -> str:
    """What a proposal is about, in one sentence."""
    return context.localize(
        _SUBJECT_KEYS.get(proposal["kind"], "proposals.of"),
        subject=_subject_name(context.localize, proposal),
    )


def _subject_name(localize: Localizer, proposal: dict[str, Any]) -> str:
    """The subject of a proposal; for an erasure the types of identifiers, never their values."""
    if proposal["kind"] == "audit_export":
        since, until = (int(moment) / 1000 for moment in proposal["subject"].split("/"))
        return f"{localize.moment(since)} – {localize.moment(until)}"
    if proposal["kind"] != "subject_erase":
        return str(proposal["subject"])
    return ", ".join(localize.name("type", type_) for type_ in proposal["subject"].split(", "))


def _terms(context: PageContext, identity: str) -> None:
    """Draw the terms themselves for users who may read them."""
    localize = context.localize
    if not context.user.may("terms:read"):
        st.caption(localize("proposals.terms_hidden"))
        return
    change = attempt(localize, lambda: context.client.proposed_terms(identity)) or {}
    st.dataframe(
        [
            {
                localize.raw("proposals.change"): localize.name("change", what),
                localize.raw("proposals.list"): localize.name("list", term["kind"]),
                localize.raw("terms.term"): term["text"],
                localize.raw("terms.type"): (
                    localize.name("type", term["type"]) if term["kind"] == "deny" else ""
                ),
            }
            for what, terms in change.items()
            for term in terms
        ],
        hide_index=True,
    )


def _buttons(context: PageContext, proposal: dict[str, Any]) -> None:
    localize, identity = context.localize, proposal["id"]
    row = st.container(horizontal=True)
    if row.button(localize("proposals.approve"), type="primary", key=f"approve.{identity}"):
        confirm(
            context,
            localize("proposals.approve"),
            localize(_APPROVAL_KEYS.get(proposal["kind"], "proposals.approve_body")),
            functools.partial(approval_sign_on.approve, context, ("proposals", identity)),
            done=localize(
                "proposals.approved_part" if _STARTS in proposal["powers"] else "proposals.approved"
            ),
            reason=localize("proposals.comment"),
        )
    if row.button(localize("proposals.reject"), key=f"reject.{identity}"):
        confirm(
            context,
            localize("proposals.reject"),
            localize(
                "proposals.reject_body_other"
                if proposal["kind"] in _APPROVAL_KEYS
                else "proposals.reject_body"
            ),
            functools.partial(context.client.reject_proposal, identity),
            done=localize("proposals.rejected"),
            reason=localize("proposals.comment"),
        )


def _row(context: PageContext, proposal: dict[str, Any]) -> dict[str, str]:
    localize = context.localize
    return {
        localize.raw("proposals.subject"): (
            localize.raw(_SUBJECT_KEYS[proposal["kind"]], subject=_subject_name(localize, proposal))
            if proposal["kind"] in _SUBJECT_KEYS
            else proposal["subject"]
        ),
        localize.raw("proposals.state"): localize.name("state", proposal["state"]),
        localize.raw("proposals.proposer"): _author(proposal),
        localize.raw("proposals.author_comment"): proposal["comment"] or "",
        localize.raw("proposals.decider"): named(
            proposal.get("decider"), None, proposal["decided_by"]
        ),
        localize.raw("proposals.when"): localize.moment(proposal["decided"]),
        localize.raw("proposals.comment"): proposal.get("decision_comment") or "",
        localize.raw("entry.difference"): "; ".join(map(_change, proposal.get("lines") or ())),
    }


def _author(proposal: dict[str, Any]) -> str:
    """The name of the author, with the id."""
    return named(proposal.get("author"), proposal["proposed_by"], proposal["proposed_by"])


def _change(line: dict[str, Any]) -> str:
    place = f"{line['object']}, {line['field']}" if line["field"] else str(line["object"])
    return f"{place}: {line['before']} → {line['after']}"
