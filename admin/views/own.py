"""The page of an owner or lead: what a record gives to the person who asks, and nothing else."""

import functools
from typing import Any

import streamlit as st

from admin import approval_sign_on
from admin.components import attempt, confirm, heading
from admin.governance_entry import difference_of
from admin.page_context import PageContext
from admin.usage_figures import money

_MICROS = 1_000_000
Document = dict[str, Any]


def page(context: PageContext) -> None:
    """Draw what waits for the person, and what they own and lead."""
    heading(context, "own")
    if context.user.may("use_cases:own"):
        _approvals(context)
        _use_cases(context)
    if context.user.may("teams:own"):
        _teams(context)


def _approvals(context: PageContext) -> None:
    localize = context.localize
    found = attempt(localize, context.client.own_approvals)
    if not found:
        return
    st.subheader(localize("own.approvals"), anchor=False)
    for one in found:
        with st.container(border=True):
            when = localize.moment(one["proposed"])
            st.caption(localize("own.by", who=one["author"], when=when))
            st.dataframe(difference_of(one["lines"], localize), hide_index=True)
            if one["approved"]:
                st.info(localize("own.approved"), icon=":material/check:")
                continue
            row = st.container(horizontal=True)
            if row.button(localize("own.approve"), type="primary", key=f"own.{one['id']}"):
                _confirm_approval(context, one["id"])
            if row.button(localize("own.reject"), key=f"own.reject.{one['id']}"):
                _confirm_rejection(context, one["id"])


def _confirm_approval(context: PageContext, identity: str) -> None:
    localize = context.localize
    confirm(
        context,
        localize("own.approve"),
        localize("own.approve_body"),
        functools.partial(approval_sign_on.approve, context, ("own-approvals", identity)),
        done=localize("own.approve_done"),
        reason=localize("own.comment"),
    )


def _confirm_rejection(context: PageContext, identity: str) -> None:
    localize = context.localize
    confirm(
        context,
        localize("own.reject"),
        localize("own.reject_body"),
        functools.partial(context.client.reject_as_owner, identity),
        done=localize("own.reject_done"),
        reason=localize("own.comment"),
    )


def _use_cases(context: PageContext) -> None:
    localize = context.localize
    found = attempt(localize, context.client.own_use_cases)
    if not found:
        return
    st.subheader(localize("own.use_cases"), anchor=False)
    st.dataframe([_use_case_row(context, one) for one in found], hide_index=True)
    running = [one["use_case"]["name"] for one in found if not one["use_case"]["stopped"]]
    if not running:
        return
    row = st.container(horizontal=True, vertical_alignment="bottom")
    name = str(row.selectbox(localize("own.name"), running))
    if row.button(localize("own.stop"), key="own.stop"):
        confirm(
            context,
            localize("own.stop"),
            localize("own.stop_body", name=name),
            lambda reason: context.client.stop_own(name, reason),
            done=localize("own.stop_done", name=name),
            reason=localize("own.reason"),
        )


def _use_case_row(context: PageContext, one: Document) -> dict[str, str]:
    localize, case = context.localize, one["use_case"]
    usage = _usage(context, "own-use-cases", case["name"])
    return {
        localize.raw("own.name"): case["name"],
        localize.raw("own.risk"): case["risk"],
        localize.raw("own.review"): case["review"] or "—",
        localize.raw("own.state"): localize.raw("own.stopped" if case["stopped"] else "own.runs"),
        **_figures(context, usage),
        localize.raw("own.reviews"): localize.number(one["reviews"]),
        localize.raw("own.open_reviews"): localize.number(one["open_reviews"]),
    }


def _teams(context: PageContext) -> None:
    localize = context.localize
    for one in attempt(localize, context.client.own_teams) or []:
        name = one["team"]["name"]
        st.subheader(localize("own.team", name=name), anchor=False)
        usage = _usage(context, "own-teams", name)
        budgets = usage["budgets"] if usage else []
        row = {localize.raw("own.name"): name, **_figures(context, usage)}
        for part, label in (("budget_micros", "own.budget"), ("used_micros", "own.spent")):
            amounts = [f"{localize.number(b[part] / _MICROS, 2)} {b['currency']}" for b in budgets]
            row[localize.raw(label)] = ", ".join(amounts) or "—"
        st.dataframe([row], hide_index=True)
        keys = [_key_row(context, key) for key in one["keys"] if key["revoked"] is None]
        if keys:
            st.dataframe(keys, hide_index=True)


def _usage(context: PageContext, places: str, name: str) -> Document | None:
    return attempt(context.localize, lambda: context.client.own_usage(places, name))


def _figures(context: PageContext, usage: Document | None) -> dict[str, str]:
    localize = context.localize
    total = usage["total"] if usage else None
    return {
        localize.raw("own.requests"): localize.number(total["requests"]) if total else "—",
        localize.raw("own.refused"): localize.number(total["refused"]) if total else "—",
        localize.raw("own.cost"): money(localize, total["cost_micros"]) if total else "—",
    }


def _key_row(context: PageContext, key: Document) -> dict[str, str]:
    localize = context.localize
    return {
        localize.raw("own.key"): key["name"],
        localize.raw("own.owner"): key["owner"] or "—",
        localize.raw("own.models"): ", ".join(key["models"]) or localize.raw("own.all"),
        localize.raw("own.purposes"): ", ".join(key["purposes"]) or localize.raw("own.all"),
        localize.raw("own.expires"): localize.moment(key["expires"]) if key["expires"] else "—",
    }
