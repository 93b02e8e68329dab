"""The requests page: what persons ask about their data, by when, and what was decided."""

from typing import Any

import streamlit as st

from admin import case_search
from admin.case_components import (
    MAX_TEXT_CHARS,
    STATES,
    deadline,
    left_of_texts,
    moment_field,
    texts,
)
from admin.case_lists import case_list, more_cases
from admin.components import attempt, flash, heading
from admin.page_context import PageContext

_OUTCOMES = ("granted", "partly", "refused")
_OPENED = "requests.done"  # how many were recorded, which keys the form


def page(context: PageContext) -> None:
    """Draw the requests in pages, open ones first, then the form."""
    heading(context, "requests")
    case_search.field(context)
    found = case_list(context, "requests", "decided", context.client.person_requests)
    if found is None:
        return
    if not found["requests"]:
        st.info(context.localize("requests.none"), icon=":material/contact_mail:")
    for request in found["requests"]:
        _request(context, request)
    more_cases(context, "requests", found)
    if context.user.may("requests:handle"):
        _form(context, found["kinds"])


def _request(context: PageContext, request: dict[str, Any]) -> None:
    localize, identity = context.localize, request["id"]
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.badge(localize.name("case", request["state"]), color=STATES[request["state"]])
        row.markdown(f"**{localize.name('request_kind', request['kind'])}**")
        when = localize.moment(request["received"] / 1000)
        st.caption(localize("requests.came", id=identity, when=when))
        if request["identified"]:
            when = localize.moment(request["identified"] / 1000)
            st.caption(localize("requests.identified", when=when))
        else:
            st.caption(localize("requests.not_identified"))
        deadline(context, request)
        if request["decided"]:
            what = localize.name("request_outcome", request["outcome"])
            when = localize.moment(request["decided"] / 1000)
            st.caption(
                localize("requests.decided_by", what=what, who=request["decided_by"], when=when)
            )
        left_of_texts(context, request)
        if context.user.may("requests:handle"):
            texts(
                context,
                identity,
                lambda reason: context.client.person_request_texts(identity, reason),
            )
            if not request["decided"]:
                _handle(context, request)


def _handle(context: PageContext, request: dict[str, Any]) -> None:
    if not request["identified"]:
        _one_text(context, request["id"], "identify", "how")
    if not request["extended"]:
        _one_text(context, request["id"], "extend", "why", field="reason")
    _decide(context, request["id"])


def _one_text(
    context: PageContext, identity: str, how: str, label: str, *, field: str = "how"
) -> None:
    """Draw a form with one text."""
    localize = context.localize
    with (
        st.expander(localize(f"requests.{how}")),
        st.form(f"requests.{how}.{identity}", border=False),
    ):
        text = st.text_input(localize(f"requests.{label}"), max_chars=500)
        if not st.form_submit_button(localize(f"requests.{how}_it")):
            return
        if len(text.strip()) < 3:
            st.warning(localize("cases.text_needed"))
            return
        _send(context, identity, how, {field: text.strip()})


def _decide(context: PageContext, identity: str) -> None:
    localize = context.localize
    with (
        st.expander(localize("requests.decide")),
        st.form(f"requests.decide.{identity}", border=False),
    ):
        outcome = st.segmented_control(
            localize("requests.outcome"),
            _OUTCOMES,
            format_func=lambda code: localize.name("request_outcome", code),
        )
        reasons = st.text_area(localize("requests.reasons"), max_chars=MAX_TEXT_CHARS)
        answer = st.text_area(localize("requests.answer"), max_chars=MAX_TEXT_CHARS)
        if not st.form_submit_button(localize("requests.decide_it"), type="primary"):
            return
        if len(reasons.strip()) < 3 or outcome is None:
            st.warning(localize("cases.text_needed"))
            return
        body = {"outcome": outcome, "reasons": reasons.strip(), "answer": answer.strip()}
        _send(context, identity, "decide", body)


def _send(context: PageContext, identity: str, how: str, body: dict[str, Any]) -> None:
    ask = context.client.change_person_request
    if attempt(context.localize, lambda: ask(identity, how, body)):
        flash(context.localize("requests.done"))
        st.rerun()


def _form(context: PageContext, kinds: list[str]) -> None:
    localize = context.localize
    st.subheader(localize("requests.new"), anchor=False)
    opened = st.session_state.setdefault(_OPENED, 0)
    with st.form(f"requests.new.{opened}"):
        kind = st.selectbox(
            localize("requests.kind"),
            kinds,
            format_func=lambda code: localize.name("request_kind", code),
        )
        person = st.text_input(localize("requests.person"), max_chars=1000)
        text = st.text_area(localize("requests.text"), max_chars=MAX_TEXT_CHARS)
        received = moment_field(localize, "requests.received", f"requests.received.{opened}")
        if not st.form_submit_button(localize("requests.open_it"), type="primary"):
            return
        if len(text.strip()) < 3 or not person.strip() or received is None:
            st.warning(localize("cases.text_needed"))
            return
        body = {
            "kind": kind,
            "person": person.strip(),
            "text": text.strip(),
            "received": localize.instant(received),
        }
        if attempt(localize, lambda: context.client.open_person_request(body)):
            st.session_state[_OPENED] = opened + 1
            flash(localize("requests.done"))
            st.rerun()
