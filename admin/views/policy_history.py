"""The history of bundles: what differs between two, and the way back to one."""

from typing import Any

import streamlit as st

from admin.components import attempt, confirm
from admin.page_context import PageContext
from admin.views.policy_evidence import draw_lines
from admin.views.policy_verdict import draw_report

_SHORT = 19  # characters of a digest that name a bundle here


def draw_history(context: PageContext, history: list[dict[str, Any]]) -> None:
    """Draw all bundles, newest first, and the difference between two of them."""
    localize = context.localize
    st.subheader(localize("policies.history"), anchor=False)
    st.dataframe([_row(context, bundle) for bundle in history], hide_index=True)
    if len(history) < 2:
        return
    by_digest = {bundle["digest"]: bundle for bundle in history}
    active = next((one["digest"] for one in history if one["active"]), history[0]["digest"])
    others = [digest for digest in by_digest if digest != active]
    left, right = st.columns(2)
    before = _bundle(context, left, "before", by_digest, others[0])
    after = _bundle(context, right, "after", by_digest, active)
    if before == after:
        st.caption(localize("history.same"))
        return
    found = attempt(localize, lambda: context.client.bundle_difference(before, after))
    if found is not None:
        draw_report(context, found["difference"])
        with st.expander(localize("change.lines")):
            draw_lines(found["changes"])
    if context.user.may("policies:propose") and before != active:
        _roll_back(context, before)


def _bundle(
    context: PageContext, column: Any, side: str, bundles: dict[str, Any], chosen: str
) -> str:
    """Draw the choice of a bundle."""
    localize, digests = context.localize, list(bundles)

    def name(digest: str) -> str:
        bundle = bundles[digest]
        state = localize.raw("policies.active" if bundle["active"] else "policies.former")
        return f"{localize.moment(bundle['created'])} · {state} · {digest[:_SHORT]}…"

    return str(
        column.selectbox(
            localize(f"history.{side}"),
            digests,
            index=digests.index(chosen),
            format_func=name,
            key=f"history.{side}",
        )
    )


def _roll_back(context: PageContext, digest: str) -> None:
    localize = context.localize
    if st.button(localize("history.back"), icon=":material/undo:"):
        confirm(
            context,
            localize("history.back"),
            localize("history.back_body", digest=f"{digest[:_SHORT]}…"),
            lambda comment: context.client.roll_back_bundle(digest, comment),
            done=localize("history.back_done"),
            reason=localize("change.comment"),
        )


def _row(context: PageContext, bundle: dict[str, Any]) -> dict[str, str]:
    localize = context.localize
    return {
        localize.raw("policies.since"): localize.moment(bundle["created"]),
        localize.raw("policies.author"): bundle["author"],
        localize.raw("policies.state"): localize.raw(
            "policies.active" if bundle["active"] else "policies.former"
        ),
        localize.raw("policies.bundle"): bundle["digest"],
    }
