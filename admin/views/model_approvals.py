"""Versions of models that wait for approvals, with the evidence beside the button."""

from typing import Any

import streamlit as st

from admin.components import attempt
from admin.page_context import PageContext
from admin.views import model_actions, model_evaluations, model_version

_WAITING = ("draft", "evaluated")


def draw(context: PageContext) -> int:
    """Draw the versions that are not approved yet; gives how many there are."""
    localize = context.localize
    found = attempt(localize, context.client.models) or {"models": []}
    waiting = [one for one in found["models"] if one["state"] in _WAITING]
    if waiting:
        st.subheader(localize("models.waiting"), anchor=False)
    for version in reversed(waiting):
        _waiting(context, version, found["approvals_needed"])
    return len(waiting)


def _waiting(context: PageContext, version: dict[str, Any], needed: int) -> None:
    localize, which = context.localize, f"{version['name']}@{version['version']}"
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(localize("models.asks", which=which))
        with row:
            address = {"model": version["name"], "version": version["version"]}
            context.link("models", localize.raw("models.open"), address)
        left, right = st.columns([3, 2])
        with left:
            found = model_evaluations.summary(context, version)
        with right:
            model_version.approvals(context, version, needed)
            with st.expander(localize("models.card")):
                model_version.card(context, version)
        blocked = found is None or (found["blocks"] and found["lacking"])
        if context.user.may("models:approve") and not blocked:
            row = st.container(horizontal=True)
            model_actions.approve_button(context, row, version, primary=True)
