"""Forms of the incidents page: what must be reported, and reports that were made."""

from datetime import datetime
from typing import Any

import streamlit as st

from admin.case_components import MAX_TEXT_CHARS
from admin.components import attempt, flash
from admin.i18n import Localizer
from admin.page_context import PageContext

_SEVERITIES = ("low", "medium", "high", "critical")
_OPEN = ("running", "overdue", "due", "waiting")
_MINUTE_S = 60


def severity(localize: Localizer, current: str | None) -> str | None:
    """Draw a choice of how serious an incident is."""
    chosen: str | None = st.selectbox(
        localize("incidents.severity"),
        _SEVERITIES,
        index=_SEVERITIES.index(current) if current in _SEVERITIES else None,
        format_func=lambda code: localize.name("severity", code),
    )
    return chosen


def judge(context: PageContext, incident: dict[str, Any], rules: dict[str, Any]) -> None:
    """Draw the form by which a person says which deadlines bind."""
    localize, identity = context.localize, incident["id"]
    bound = [one["rule"] for one in incident["clocks"] if incident["judged"]]
    with (
        st.expander(localize("incidents.judge")),
        st.form(f"incidents.judge.{identity}", border=False),
    ):
        chosen = st.multiselect(
            localize("incidents.judge_rules"),
            list(rules),
            bound,
            format_func=lambda rule: rules[rule][localize.language],
        )
        reasons = st.text_area(localize("incidents.judge_reasons"), max_chars=MAX_TEXT_CHARS)
        serious = severity(localize, incident["severity"])
        if not st.form_submit_button(localize("incidents.judge_it"), type="primary"):
            return
        if len(reasons.strip()) < 3:
            st.warning(localize("cases.text_needed"))
            return
        body = {"rules": chosen, "reasons": reasons.strip(), "severity": serious}
        if attempt(localize, lambda: context.client.judge_incident(identity, body)):
            flash(localize("incidents.judged"))
            st.rerun()


def report(context: PageContext, incident: dict[str, Any]) -> None:
    """Draw the form by which a person notes a report that was made."""
    localize, identity = context.localize, incident["id"]
    waiting = {one["rule"]: one["title"] for one in incident["clocks"] if one["state"] in _OPEN}
    if not waiting:
        return
    with (
        st.expander(localize("incidents.report")),
        st.form(f"incidents.report.{identity}", border=False),
    ):
        rule = st.selectbox(
            localize("incidents.report_rule"),
            list(waiting),
            format_func=lambda one: waiting[one][localize.language],
        )
        now = datetime.now(localize.zone).replace(tzinfo=None, second=0, microsecond=0)
        at = st.datetime_input(
            localize("incidents.report_at"), now, format="YYYY-MM-DD", step=_MINUTE_S
        )
        if not st.form_submit_button(localize("incidents.report_it"), type="primary"):
            return
        moment = localize.instant(at)
        if attempt(localize, lambda: context.client.report_incident(identity, rule, moment)):
            flash(localize("incidents.report_done"))
            st.rerun()
