"""The reviews page: requests that a rule flagged, and what a person lets follow from them."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from admin.address import adopted, storing
from admin.case_components import MAX_TEXT_CHARS, STATES
from admin.components import attempt, flash, heading, non_empty_lines
from admin.i18n import escape
from admin.page_context import PageContext

_SHOWN = ("open", "decided")
_BEFORE = "reviews.before"
_PROPOSALS = "policy_bundle"
_MIN_REASON_CHARS = 3


def page(context: PageContext) -> None:
    """Draw a page of flagged requests; the address holds whether they are open."""
    heading(context, "reviews")
    localize = context.localize
    state = st.segmented_control(
        localize("reviews.state"),
        _SHOWN,
        required=True,
        format_func=lambda code: localize.name("case", code),
        key=adopted("state", _SHOWN, _SHOWN[0]),
        on_change=_first_page,
        label_visibility="collapsed",
    )
    cursors: list[str] = st.session_state.setdefault(_BEFORE, [])
    before = cursors[-1] if cursors else None
    found = attempt(localize, lambda: context.client.reviews(str(state), before=before))
    if found is None:
        return
    if not found["reviews"]:
        st.info(localize("reviews.none"), icon=":material/flag:")
    for review in found["reviews"]:
        _review(context, review)
    _paging(context, cursors, found["before"])


def _first_page() -> None:
    storing("state", _SHOWN[0])()
    st.session_state[_BEFORE] = []


def _review(context: PageContext, review: dict[str, Any]) -> None:
    localize, request = context.localize, review["request"]
    with st.container(border=True, key=f"reviews.card.{request}"):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.badge(localize.name("case", review["state"]), color=STATES[review["state"]])
        row.markdown(localize("reviews.rules", rules=", ".join(review["rules"])))
        row.badge(localize.name("level", review["level"]) if review["level"] else "—")
        st.caption(
            localize(
                "reviews.about_request",
                when=localize.moment(review["time"] / 1000),
                team=review["team"] or "—",
                model=review["model"] or "—",
                use_case=review["use_case"] or "—",
            )
        )
        context.link("audit", localize.raw("reviews.show"), {"request": request})
        if review["state"] == "decided":
            _decided(context, review)
        elif context.user.may("reviews:decide"):
            _decide(context, review)


def _decided(context: PageContext, review: dict[str, Any]) -> None:
    localize = context.localize
    st.caption(
        localize(
            "reviews.decided_by",
            what=localize.name("review_outcome", review["outcome"]),
            reference=review["reference"] or "",
            who=review["decided_by_name"] or review["decided_by"],
            when=localize.moment(review["decided"] / 1000),
        )
    )
    st.markdown(f"> {escape(review['reason'])}")


def _decide(context: PageContext, review: dict[str, Any]) -> None:
    """Draw what may follow; each way ends the review at once."""
    localize, user = context.localize, context.user
    ways: dict[str, Callable[[PageContext, str], None]] = {"nothing": _nothing}
    if user.may("terms:propose"):
        ways["term"] = _term
    if user.may("proposals:read"):
        ways["rule"] = _rule
    if user.may("incidents:handle"):
        ways["incident"] = _incident
    with st.expander(localize("reviews.decide")):
        chosen = st.segmented_control(
            localize("reviews.outcome"),
            list(ways),
            format_func=lambda code: localize.name("review_outcome", code),
            key=f"reviews.outcome.{review['request']}",
        )
        if chosen is not None:
            ways[chosen](context, review["request"])


def _nothing(context: PageContext, request: str) -> None:
    with st.form(f"reviews.nothing.{request}", border=False):
        reason = _reason(context)
        if st.form_submit_button(context.localize("reviews.close_it"), type="primary"):
            _finish(context, request, "nothing", reason, lambda: None)


def _term(context: PageContext, request: str) -> None:
    """Draw the form that proposes terms of the own list."""
    localize = context.localize
    types = attempt(localize, lambda: context.client.terms("deny", offset=0, limit=1)["types"])
    if types is None:
        return
    with st.form(f"reviews.term.{request}", border=False):
        text = st.text_area(localize("terms.add"), height=80, help=localize("terms.add_help"))
        type_ = st.selectbox(
            localize("terms.type"), types, format_func=lambda code: localize.name("type", code)
        )
        reason = _reason(context)
        if not st.form_submit_button(localize("terms.propose"), type="primary"):
            return
        terms = [{"kind": "deny", "text": one, "type": type_} for one in non_empty_lines(text)]
        if not terms:
            st.warning(localize("cases.text_needed"))
            return
        _finish(
            context,
            request,
            "term",
            reason,
            lambda: context.client.propose_terms(add=terms, reason=reason),
        )


def _rule(context: PageContext, request: str) -> None:
    """Draw the way to a draft of rules, and the choice of the proposal that came of it."""
    localize = context.localize
    st.caption(localize("reviews.rule_about"))
    context.link("change", localize.raw("change.title"), {})
    found = attempt(localize, lambda: context.client.proposals("pending", kind=_PROPOSALS))
    waiting: Mapping[str, str] = {
        one["id"]: f"{one['id']} ({one['author']})" for one in (found or {}).get("proposals", ())
    }
    if not waiting:
        st.info(localize("reviews.no_proposal"), icon=":material/edit_document:")
        return
    with st.form(f"reviews.rule.{request}", border=False):
        proposal = st.selectbox(
            localize("reviews.proposal"), list(waiting), format_func=lambda one: waiting[one]
        )
        reason = _reason(context)
        if st.form_submit_button(localize("reviews.close_it"), type="primary"):
            _finish(context, request, "rule", reason, lambda: str(proposal))


def _incident(context: PageContext, request: str) -> None:
    """Draw the form that opens an incident about the request."""
    localize = context.localize
    kinds = attempt(localize, lambda: context.client.incidents()["kinds"])
    if kinds is None:
        return
    with st.form(f"reviews.incident.{request}", border=False):
        kind = st.selectbox(
            localize("incidents.kind"),
            kinds,
            format_func=lambda code: localize.name("incident", code),
        )
        text = st.text_area(localize("incidents.description"), max_chars=MAX_TEXT_CHARS)
        reason = _reason(context)
        if not st.form_submit_button(localize("incidents.open_it"), type="primary"):
            return
        if len(text.strip()) < _MIN_REASON_CHARS:
            st.warning(localize("cases.text_needed"))
            return
        body = {
            "kind": kind,
            "description": text.strip(),
            "aware": int(time.time() * 1000),
            "requests": [request],
        }
        _finish(
            context,
            request,
            "incident",
            reason,
            lambda: str(context.client.open_incident(body)["id"]),
        )


def _reason(context: PageContext) -> str:
    return st.text_input(context.localize("reviews.reason"), max_chars=500).strip()


def _finish(
    context: PageContext, request: str, outcome: str, reason: str, make: Callable[[], str | None]
) -> None:
    """Make what follows, and record the decision with its id."""
    localize = context.localize
    if len(reason) < _MIN_REASON_CHARS:
        st.warning(localize("confirm.reason_needed"))
        return

    def decide() -> dict[str, Any]:
        return context.client.decide_review(request, outcome, make(), reason)

    if attempt(localize, decide):
        flash(localize("reviews.done"))
        st.rerun()


def _paging(context: PageContext, cursors: list[str], following: str | None) -> None:
    if not cursors and following is None:
        return
    row = st.container(horizontal=True)
    if row.button(context.localize("audit.newer"), disabled=not cursors):
        cursors.pop()
        st.rerun()
    if row.button(context.localize("audit.older"), disabled=following is None):
        cursors.append(following or "")
        st.rerun()
