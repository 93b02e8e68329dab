"""Forms of the incidents page: what must be reported, and reports that were made."""

from typing import Any

import streamlit as st

from admin.case_components import MAX_TEXT_CHARS, moment_field, shown_order
from admin.components import attempt, flash
from admin.i18n import LANGUAGES, Localizer
from admin.page_context import PageContext

_SEVERITIES = ("low", "medium", "high", "critical")
_OPEN = ("running", "overdue", "due", "waiting")
_MIN_REASON_CHARS = 10


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
        key = f"incidents.report_at.{identity}.{len(waiting)}"
        at = moment_field(localize, "incidents.report_at", key)
        if not st.form_submit_button(localize("incidents.report_it"), type="primary"):
            return
        if at is None:
            st.warning(localize("cases.text_needed"))
            return
        moment = localize.instant(at)
        if attempt(localize, lambda: context.client.report_incident(identity, rule, moment)):
            flash(localize("incidents.report_done"))
            st.rerun()


def draft(context: PageContext, incident: dict[str, Any]) -> None:
    """Draw the form for the draft of a report, and the draft as a file to take along."""
    localize, identity = context.localize, incident["id"]
    titles = {one["rule"]: one["title"] for one in incident["clocks"] if one["state"] != "later"}
    if not titles:
        return
    with st.expander(localize("incidents.draft")):
        with st.form(f"incidents.draft.{identity}", border=False):
            rule = st.selectbox(
                localize("incidents.report_rule"),
                list(titles),
                format_func=lambda one: titles[one][localize.language],
            )
            language = st.segmented_control(
                localize("incidents.draft_language"),
                list(LANGUAGES),
                default=localize.language,
                format_func=lambda code: localize.name("language", code),
            )
            reason = st.text_input(localize("reveal.reason"), max_chars=500)
            if not st.form_submit_button(localize("incidents.draft_it")):
                return
        if len(reason.strip()) < _MIN_REASON_CHARS or language is None:
            st.warning(localize("reveal.too_short"))
            return
        text = attempt(
            localize,
            lambda: context.client.draft_report(identity, rule, language, reason.strip()),
        )
        if text is not None:
            st.code(shown_order(text), language=None, wrap_lines=True)
            name = f"{identity}-{rule}.{language}.md"
            st.download_button(localize("incidents.draft_save"), text, name, "text/markdown")
