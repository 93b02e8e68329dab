"""What a person may do with a version of a model; each action asks for confirmation."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from admin import approval_sign_on
from admin.components import attempt, confirm, flash
from admin.page_context import PageContext

PRODUCTION = "production"
_CANDIDATES = ("draft", "evaluated")
_ENDED = ("retired", "quarantined")
_DAY = "YYYY-MM-DD"
Act = Callable[[str], object]


def draw(context: PageContext, version: dict[str, Any], found: list[dict[str, Any]]) -> None:
    """Draw the actions that the state of a version and the roles of the user allow."""
    user, state, client = context.user, version["state"], context.client
    name, number = version["name"], version["version"]
    row = st.container(horizontal=True)
    if state in (*_CANDIDATES, "approved") and user.may("models:approve"):
        first = state in _CANDIDATES
        approve_button(context, row, version, primary=first)
    if version["kind"] == "detector":
        return
    if user.may("models:tag"):
        if state == "approved" and PRODUCTION not in version["tags"]:
            promote = _Button("promote", lambda _: client.promote_model(name, number, PRODUCTION))
            promote.draw(context, row, version, primary=True)
        for tag in version["tags"]:
            _roll_back(context, row, version, tag, found)
        if state not in _ENDED:
            retire = _Button("retire", lambda reason: client.retire_model(name, number, reason))
            retire.draw(context, row, version, reason=True)
    if state != "quarantined" and user.may("models:quarantine"):
        end = _Button("quarantine", lambda reason: client.quarantine_model(name, number, reason))
        end.draw(context, row, version, reason=True)
    if user.may("models:tag") and state in ("approved", "deprecated"):
        _deprecate(context, version)


def approve_button(
    context: PageContext,
    row: DeltaGenerator,
    version: dict[str, Any],
    *,
    primary: bool,
) -> None:
    """Draw the button by which a person approves a version, or approves it again."""
    path = ("models", version["name"], version["version"])
    verb = "sign_off" if version["state"] in _CANDIDATES else "approve_again"
    act = _Button(verb, lambda _: approval_sign_on.approve(context, path))
    act.draw(context, row, version, primary=primary)


class _Button:
    """A button, and what its confirmation does."""

    def __init__(self, verb: str, act: Act) -> None:
        self._verb = verb
        self._act = act

    def draw(
        self,
        context: PageContext,
        row: DeltaGenerator,
        version: dict[str, Any],
        *,
        primary: bool = False,
        reason: bool = False,
    ) -> None:
        localize, which = context.localize, f"{version['name']}@{version['version']}"
        kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
        label = localize(f"models.{self._verb}")
        if row.button(label, type=kind, key=f"{self._verb}.{which}"):
            confirm(
                context,
                label,
                localize(f"models.{self._verb}_body", which=which),
                self._act,
                done=localize(f"models.{self._verb}_done", which=which),
                reason=localize("models.reason") if reason else None,
            )


def _roll_back(
    context: PageContext,
    row: DeltaGenerator,
    version: dict[str, Any],
    tag: str,
    found: list[dict[str, Any]],
) -> None:
    """Draw the way back of a tag, where an earlier version may serve."""
    localize, name = context.localize, version["name"]
    others = [one for one in found if one["name"] == name and one["state"] == "approved"]
    if len(others) < 2:
        return
    label = localize("models.roll_back", tag=tag)
    if row.button(label, icon=":material/undo:", key=f"back.{name}.{tag}"):
        confirm(
            context,
            label,
            localize("models.roll_back_body", name=name, tag=tag),
            lambda _: context.client.roll_back_model(name, tag),
            done=localize("models.roll_back_done", tag=tag),
        )


def _deprecate(context: PageContext, version: dict[str, Any]) -> None:
    localize, which = context.localize, (version["name"], version["version"])
    with st.expander(localize("models.deprecate")), st.form("models.deprecate", border=False):
        st.caption(localize("models.deprecate_about"))
        today = localize.today()
        day = st.date_input(
            localize("models.last_day"), today + timedelta(days=90), min_value=today, format=_DAY
        )
        reason = st.text_input(localize("models.reason"), max_chars=500)
        if not st.form_submit_button(localize("models.deprecate_go")):
            return
        until = day.isoformat() if hasattr(day, "isoformat") else today.isoformat()
        act = context.client.deprecate_model
        if attempt(localize, lambda: (act(*which, until=until, reason=reason.strip()),)):
            flash(localize("models.deprecate_done", which="@".join(which), day=until))
            st.rerun()
