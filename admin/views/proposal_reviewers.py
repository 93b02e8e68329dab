"""Who was asked to review a proposal, until when it can be decided, and asking others."""

import functools
from typing import Any

import streamlit as st

from admin.components import attempt
from admin.i18n import Localizer
from admin.page_context import PageContext


def draw_term(context: PageContext, proposal: dict[str, Any]) -> None:
    """Draw when a proposal expires, and who was asked to review it."""
    localize = context.localize
    if proposal.get("expires"):
        st.caption(localize("proposals.expires", when=localize.moment(proposal["expires"])))
    for one in proposal.get("reviewers") or ():
        st.caption(
            localize(
                "proposals.was_asked",
                who=_name(localize, one),
                by=one["by"],
                when=localize.moment(one["at"]),
            )
        )


def draw_ask(context: PageContext, proposal: dict[str, Any], *, may_approve: bool) -> None:
    """Draw a form on demand that asks others, for the proposer and for who may approve."""
    localize, identity = context.localize, proposal["id"]
    if not may_approve and proposal["proposed_by"] != context.user.id:
        return
    if not st.toggle(localize("proposals.ask"), key=f"ask.{identity}"):
        return
    found = attempt(localize, lambda: context.client.proposal(identity))
    if found is None:
        return
    with st.form(f"reviewers.{identity}", clear_on_submit=True, border=False):
        roles = st.multiselect(
            localize("proposals.ask_roles"),
            found["may_review"],
            format_func=lambda role: localize.name("role", role),
        )
        person = st.text_input(localize("proposals.ask_person"), max_chars=320)
        sent = st.form_submit_button(localize("proposals.send_ask"))
    named = [person.strip()] if person.strip() else []
    if sent and (named or roles):
        ask = functools.partial(context.client.ask_reviewers, identity, named, roles)
        if attempt(localize, ask):
            st.rerun()


def _name(localize: Localizer, one: dict[str, Any]) -> str:
    role = one["kind"] == "role"
    return localize.name("role", one["name"]) if role else str(one["label"])
