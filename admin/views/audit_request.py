"""The timeline of one request, its evidence, and its stored bodies for users with permission."""

from functools import partial
from typing import Any

import streamlit as st

from admin.case_components import incident_link
from admin.client import ControlError, PendingProposal
from admin.components import attempt, bullets
from admin.page_context import PageContext
from admin.reasons import Reasons
from admin.request_timeline import TimelineSection, messages_of, outcome_of, timeline

_REVEALED = "audit.revealed"
CODES = (
    "complaint",
    "incident",
    "person_request",
    "flagged",
    "audit",
    "authority",
    "fault",
    "other",
)
_SUCCESS, _FAILURES = (
    "ok",
    ("access_denied", "content_policy_violation", "content_filter", "unknown_crash"),
)


def draw(context: PageContext, request: str) -> None:
    """Draw everything that the trail holds about one request."""
    localize = context.localize
    if st.button(localize("story.to_list"), icon=":material/arrow_back:"):
        del st.query_params["request"]
        st.session_state.pop(_REVEALED, None)
        st.rerun()
    st.title(localize("story.title"), anchor=False)
    st.code(request, language=None)
    entries = attempt(localize, lambda: context.client.request_entries(request))
    if not entries:
        return
    _summary(context, entries)
    incident_link(context, [request])
    sections = timeline(entries, localize, _reasons(context))
    for pair in (sections[0:2], sections[2:4], sections[4:6]):
        for column, section in zip(st.columns(2), pair, strict=True):
            with column:
                _section(context, section)
    _evidence(context, entries)
    if context.user.may("audit:reveal") and any(entry["has_payload"] for entry in entries):
        _reveal(context, request)


def _reasons(context: PageContext) -> Reasons:
    """Explanations of ids; empty, so that only ids are shown, where policies cannot be read."""
    if not context.user.may("policies:read"):
        return Reasons({}, context.localize.language)
    try:
        return Reasons(context.client.policies()["files"], context.localize.language)
    except ControlError:
        return Reasons({}, context.localize.language)


def _summary(context: PageContext, entries: list[dict[str, Any]]) -> None:
    outcome = outcome_of(entries)
    name = context.localize.name("outcome", outcome)
    st.badge(
        name, color="red" if outcome in _FAILURES else "green" if outcome == _SUCCESS else "orange"
    )


def _section(context: PageContext, section: TimelineSection) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader(context.localize(section.title), anchor=False)
        bullets(section.lines)


def _evidence(context: PageContext, entries: list[dict[str, Any]]) -> None:
    localize = context.localize
    with st.expander(localize("story.evidence")):
        st.caption(localize("story.evidence_about"))
        st.dataframe(
            [
                {
                    localize.raw("story.place"): f"{entry['log']} #{entry['seq']}",
                    localize.raw("audit.time"): localize.moment(entry["time"] / 1000),
                    localize.raw("audit.event"): localize.name("event", entry["event"]),
                    localize.raw("story.hash"): entry["hash"],
                }
                for entry in entries
            ],
            hide_index=True,
        )
        for entry in entries:
            st.caption(localize("story.fields", event=entry["event"]))
            st.json(entry["fields"], expanded=False)


def _reveal(context: PageContext, request: str) -> None:
    localize = context.localize
    with st.container(border=True):
        st.subheader(localize("reveal.title"), anchor=False)
        st.caption(localize("reveal.about"))
        with st.form("audit.reveal", border=False):
            code = st.selectbox(
                localize("reveal.code"),
                CODES,
                index=None,
                placeholder=localize("reveal.choose"),
                format_func=partial(localize.name, "reveal_code"),
            )
            reason = st.text_input(localize("reveal.reason"), max_chars=500)
            submitted = st.form_submit_button(localize("reveal.show"))
        if not submitted:
            return
        if code is None or len(reason.strip()) < 10:
            st.warning(localize("reveal.no_code" if code is None else "reveal.too_short"))
            return
        shown = attempt(localize, lambda: context.client.reveal(request, code, reason.strip()))
        if isinstance(shown, PendingProposal):
            roles = ", ".join(localize.name("role", role) for role in shown.roles)
            st.info(
                localize("reveal.waiting", id=shown.proposal, roles=roles),
                icon=":material/how_to_reg:",
            )
            return
        for payload in shown or []:
            _payload(context, payload)


def _payload(context: PageContext, payload: dict[str, Any]) -> None:
    localize = context.localize
    st.markdown(localize("reveal.of", event=localize.name("event", payload["event"])))
    if payload["erased"]:
        st.info(localize("reveal.erased"))
        return
    for part in messages_of(payload["body"]):
        if part.role:
            st.caption(localize("reveal.role", role=localize.name("role", part.role)))
        st.code(part.text, language=None if part.role else "json", wrap_lines=True)
