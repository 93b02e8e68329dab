"""The evidence on a proposed bundle: what it changes, its cases, and its impact."""

from typing import Any

import streamlit as st

from admin.components import attempt
from admin.page_context import PageContext
from admin.policy_draft import difference
from admin.views.policy_impact import draw_impact
from admin.views.policy_verdict import draw_check, draw_report

_CHECKS = "evidence.checks"


def draw_evidence(context: PageContext, identity: str) -> None:
    """Draw the evidence on a proposal, for whoever decides about it."""
    localize = context.localize
    shown = attempt(localize, lambda: context.client.proposal(identity))
    if shown is None:
        return
    changes, cases, impact = st.tabs([
        localize("evidence.changes"),
        localize("evidence.cases"),
        localize("evidence.impact"),
    ])
    with changes:
        if shown["difference"]:
            draw_report(context, shown["difference"])
        draw_lines(shown["changes"])
    if not context.user.may("policies:try"):
        for tab in (cases, impact):
            tab.caption(localize("evidence.not_allowed"))
        return
    with cases:
        check = _checked(context, identity)
        if check is not None:
            draw_check(context, check)
    with impact:
        draw_impact(context, {"proposal": identity}, key=identity)


def draw_lines(changes: dict[str, dict[str, Any]]) -> None:
    """Draw the changed lines of files, each as it was and as it is."""
    for path, change in changes.items():
        text = difference(path, change["before"] or "", change["after"] or "")
        st.code(text, language="diff", wrap_lines=True)


def _checked(context: PageContext, identity: str) -> dict[str, Any] | None:
    """The check of a proposal, which stays as it was proposed: asked for once a session."""
    known: dict[str, Any] = st.session_state.setdefault(_CHECKS, {})
    if identity not in known:
        found = attempt(
            context.localize, lambda: context.client.check_bundle({"proposal": identity})
        )
        if found is None:
            return None
        known[identity] = found
    checked: dict[str, Any] = known[identity]
    return checked
