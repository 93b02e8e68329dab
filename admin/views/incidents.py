"""The incidents page: what binds and by when, and opening, reading and closing an incident."""

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
    titled,
)
from admin.case_lists import case_list, more_cases
from admin.components import attempt, flash, heading, non_empty_lines
from admin.i18n import Localizer
from admin.page_context import PageContext
from admin.views import incident_forms, incident_measures

_MOMENT = "YYYY-MM-DD"
_MINUTE_S = 60
_ABOUT = "about"  # in the address: requests that a new incident is about, after commas
_OPENED = "incidents.done"  # the number opened, which keys the form: a new key gives an empty form


def page(context: PageContext) -> None:
    """Draw the incidents in pages, open ones first, then the form."""
    heading(context, "incidents")
    case_search.field(context)
    found = case_list(context, "incidents", "closed", context.client.incidents)
    if found is None:
        return
    if not found["incidents"]:
        st.info(context.localize("incidents.none"), icon=":material/e911_emergency:")
    for incident in found["incidents"]:
        _incident(context, incident, found["rules"])
    more_cases(context, "incidents", found)
    if context.user.may("incidents:handle"):
        _form(context, found["kinds"])


def _incident(context: PageContext, incident: dict[str, Any], rules: dict[str, Any]) -> None:
    localize = context.localize
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.badge(localize.name("case", incident["state"]), color=STATES[incident["state"]])
        row.markdown(localize("incidents.of", kind=localize.name("incident", incident["kind"])))
        if incident["severity"]:
            row.badge(localize.name("severity", incident["severity"]))
        if incident["model"]:
            st.caption(localize("incidents.about_model", model=incident["model"]))
        aware = localize.moment(incident["aware"] / 1000)
        st.caption(
            localize("incidents.by", id=incident["id"], who=incident["opened_by"], when=aware)
        )
        if incident["hold"]:
            st.caption(
                localize("incidents.held", count=len(incident["requests"]), hold=incident["hold"])
            )
        deadline(context, incident)
        _judgement(context, incident)
        if incident["closed"]:
            _closed(context, incident)
        left_of_texts(context, incident)
        incident_measures.containment(context, incident)
        incident_measures.follow_ups(context, incident)
        if context.user.may("incidents:handle"):
            texts(
                context,
                incident["id"],
                lambda reason: context.client.incident_texts(incident["id"], reason),
            )
            if not incident["closed"]:
                incident_forms.judge(context, incident, rules)
                incident_forms.draft(context, incident)
                incident_forms.report(context, incident)
                _close(context, incident["id"])


def _judgement(context: PageContext, incident: dict[str, Any]) -> None:
    """Draw what was judged, and the clocks that run or would apply."""
    localize = context.localize
    judgement = localize.name("judgement", incident["judgement"])
    if incident["judged"]:
        when = localize.moment(incident["judged"] / 1000)
        judgement = localize(
            "incidents.judgement_by", judgement=judgement, who=incident["judged_by"], when=when
        )
    clocks = incident["clocks"]
    if clocks or incident["judged"]:
        st.markdown(judgement)
    if clocks:
        st.dataframe([_clock(localize, one) for one in clocks], hide_index=True)
    if any(not one["verified_on"] for one in clocks):
        st.warning(localize("incidents.clocks_unverified"), icon=":material/gavel:")


def _clock(localize: Localizer, clock: dict[str, Any]) -> dict[str, str]:
    due = localize.moment(clock["due"] / 1000) if clock["due"] else ""
    if clock["immediate"]:
        due = localize.raw("incidents.clock_immediate")
    if clock["state"] == "later":
        due = localize.raw("incidents.clock_from", day=clock["applies_from"])
    return {
        localize.raw("incidents.clock_deadline"): titled(localize, clock),
        localize.raw("incidents.clock_binds"): localize.name("binds", clock["binds"]),
        localize.raw("incidents.clock_state"): localize.name("clock", clock["state"]),
        localize.raw("incidents.clock_due"): due,
        localize.raw("incidents.clock_verified"): clock["verified_on"]
        or localize.raw("incidents.clock_not_verified"),
        localize.raw("incidents.clock_source"): clock["source"],
    }


def _closed(context: PageContext, incident: dict[str, Any]) -> None:
    localize = context.localize
    when = localize.moment(incident["closed"] / 1000)
    st.caption(localize("incidents.closed_by", who=incident["closed_by"], when=when))
    if incident["reported"]:
        st.caption(
            localize("incidents.reported_on", when=localize.moment(incident["reported"] / 1000))
        )
    else:
        st.caption(localize("incidents.not_reported"))


def _close(context: PageContext, identity: str) -> None:
    localize = context.localize
    with (
        st.expander(localize("incidents.close")),
        st.form(f"incidents.close.{identity}", border=False),
    ):
        outcome = st.text_area(localize("incidents.outcome"), max_chars=MAX_TEXT_CHARS)
        reported = st.datetime_input(
            localize("incidents.reported"), None, format=_MOMENT, step=_MINUTE_S
        )
        if not st.form_submit_button(localize("incidents.close_it"), type="primary"):
            return
        if len(outcome.strip()) < 3:
            st.warning(localize("cases.text_needed"))
            return
        at = localize.instant(reported) if reported else None
        if attempt(localize, lambda: context.client.close_incident(identity, outcome.strip(), at)):
            flash(localize("incidents.closed", id=identity))
            st.rerun()


def _form(context: PageContext, kinds: list[str]) -> None:
    localize = context.localize
    st.subheader(localize("incidents.new"), anchor=False)
    opened = st.session_state.setdefault(_OPENED, 0)
    with st.form(f"incidents.new.{opened}"):
        kind = st.selectbox(
            localize("incidents.kind"),
            kinds,
            format_func=lambda code: localize.name("incident", code),
        )
        description = st.text_area(localize("incidents.description"), max_chars=MAX_TEXT_CHARS)
        aware = moment_field(localize, "incidents.aware", f"incidents.aware.{opened}")
        requests = st.text_area(
            localize("incidents.audit_ids"),
            st.query_params.get(_ABOUT, "").replace(",", "\n"),
            height=90,
            help=localize("incidents.audit_ids_help"),
        )
        model = st.text_input(localize("incidents.model"), max_chars=128)
        severity = incident_forms.severity(localize, None)
        if not st.form_submit_button(localize("incidents.open_it"), type="primary"):
            return
        if len(description.strip()) < 3 or aware is None:
            st.warning(localize("cases.text_needed"))
            return
        body = {
            "kind": kind,
            "description": description.strip(),
            "aware": localize.instant(aware),
            "requests": non_empty_lines(requests),
            "model": model.strip() or None,
            "severity": severity,
        }
        incident = attempt(localize, lambda: context.client.open_incident(body))
        if incident:
            st.session_state[_OPENED] = opened + 1
            st.query_params.pop(_ABOUT, None)
            flash(localize("incidents.opened", id=incident["id"]))
            st.rerun()
