"""Incidents: which wait and until when, opening one, reading and closing it."""

from datetime import datetime
from typing import Any

import streamlit as st

from admin.case_components import LONGEST, STATES, deadline, lines, texts
from admin.components import attempt, flash, heading
from admin.page_context import PageContext

_MOMENT = "YYYY-MM-DD"
_MINUTE_S = 60
_DONE = "incidents.done"  # how many were opened: each gets a form of its own, an empty one


def page(here: PageContext) -> None:
    """All incidents, those that wait first, then the form."""
    heading(here, "incidents")
    found = attempt(here.say, here.client.incidents)
    if found is None:
        return
    if not found["incidents"]:
        st.info(here.say("incidents.none"), icon=":material/e911_emergency:")
    for one in found["incidents"]:
        _incident(here, one)
    if here.me.may("incidents:handle"):
        _form(here, found["kinds"])


def _incident(here: PageContext, one: dict[str, Any]) -> None:
    say = here.say
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.badge(say.name("case", one["state"]), color=STATES[one["state"]])
        row.markdown(say("incidents.of", kind=say.name("incident", one["kind"])))
        article = say.name("article", one["article"].replace("-", "_"))
        st.caption(say("incidents.under", article=article, model=one["model"] or "-"))
        aware = say.moment(one["aware"] / 1000)
        st.caption(say("incidents.by", id=one["id"], who=one["opened_by"], when=aware))
        if one["hold"]:
            st.caption(say("incidents.held", count=len(one["requests"]), hold=one["hold"]))
        deadline(here, one)
        if one["closed"]:
            _closed(here, one)
        if here.me.may("incidents:handle"):
            texts(here, one["id"], lambda why: here.client.incident_texts(one["id"], why))
            if not one["closed"]:
                _close(here, one["id"])


def _closed(here: PageContext, one: dict[str, Any]) -> None:
    say = here.say
    when = say.moment(one["closed"] / 1000)
    st.caption(say("incidents.closed_by", who=one["closed_by"], when=when))
    if one["reported"]:
        st.caption(say("incidents.reported_on", when=say.moment(one["reported"] / 1000)))
    else:
        st.caption(say("incidents.not_reported"))


def _close(here: PageContext, identity: str) -> None:
    say = here.say
    with st.expander(say("incidents.close")), st.form(f"incidents.close.{identity}", border=False):
        outcome = st.text_area(say("incidents.outcome"), max_chars=LONGEST)
        reported = st.datetime_input(
            say("incidents.reported"), None, format=_MOMENT, step=_MINUTE_S
        )
        if not st.form_submit_button(say("incidents.close_it"), type="primary"):
            return
        if len(outcome.strip()) < 3:
            st.warning(say("cases.text_needed"))
            return
        at = say.instant(reported) if reported else None
        if attempt(say, lambda: here.client.close_incident(identity, outcome.strip(), at)):
            flash(say("incidents.closed", id=identity))
            st.rerun()


def _form(here: PageContext, kinds: list[str]) -> None:
    say = here.say
    st.subheader(say("incidents.new"), anchor=False)
    done = st.session_state.setdefault(_DONE, 0)
    with st.form(f"incidents.new.{done}"):
        kind = st.selectbox(
            say("incidents.kind"), kinds, format_func=lambda code: say.name("incident", code)
        )
        description = st.text_area(say("incidents.description"), max_chars=LONGEST)
        now = datetime.now(say.zone).replace(tzinfo=None, second=0, microsecond=0)
        aware = st.datetime_input(say("incidents.aware"), now, format=_MOMENT, step=_MINUTE_S)
        requests = st.text_area(
            say("incidents.audit_ids"), height=90, help=say("incidents.audit_ids_help")
        )
        model = st.text_input(say("incidents.model"), max_chars=128)
        if not st.form_submit_button(say("incidents.open_it"), type="primary"):
            return
        if len(description.strip()) < 3 or aware is None:
            st.warning(say("cases.text_needed"))
            return
        body = {
            "kind": kind,
            "description": description.strip(),
            "aware": say.instant(aware),
            "requests": lines(requests),
            "model": model.strip() or None,
        }
        made = attempt(say, lambda: here.client.open_incident(body))
        if made:
            st.session_state[_DONE] = done + 1
            until = say.moment(made["deadline"] / 1000)
            flash(say("incidents.opened", id=made["id"], when=until))
            st.rerun()
