"""The deadlines page: the calendar of law, and proposals to change a row."""

from datetime import date
from typing import Any

import streamlit as st

from admin.case_components import titled
from admin.components import attempt, flash, heading
from admin.i18n import Localizer
from admin.page_context import PageContext

_NOT_STATED = ("id", "own", "applies")
_DAY = "YYYY-MM-DD"


def page(context: PageContext) -> None:
    """Draw all rows, then the form."""
    heading(context, "deadlines")
    rows = attempt(context.localize, context.client.deadlines)
    if rows is None:
        return
    st.dataframe([_row(context.localize, one) for one in rows], hide_index=True)
    if any(one["in_use"] and not one["verified_on"] for one in rows):
        st.warning(context.localize("incidents.clocks_unverified"), icon=":material/gavel:")
    if context.user.may("deadlines:write"):
        _form(context, {one["id"]: one for one in rows})


def _row(localize: Localizer, row: dict[str, Any]) -> dict[str, Any]:
    applies = row["applies"]
    day = localize.raw("deadlines.from", day=row["applies_from"])
    return {
        localize.raw("deadlines.deadline"): titled(localize, row),
        localize.raw("deadlines.binds"): localize.name("binds", row["binds"]),
        localize.raw("deadlines.term"): _term(localize, row),
        localize.raw("deadlines.applies"): day
        if applies == "later"
        else localize.raw(f"deadlines.{applies}"),
        localize.raw("deadlines.in_use"): row["in_use"],
        localize.raw("incidents.clock_verified"): f"{row['verified_on']}, {row['verified_by']}"
        if row["verified_on"]
        else localize.raw("incidents.clock_not_verified"),
        localize.raw("incidents.clock_source"): row["source"],
        localize.raw("deadlines.own"): row["own"],
        localize.raw("deadlines.id"): row["id"],
    }


def _term(localize: Localizer, row: dict[str, Any]) -> str:
    if row["hours"] == 0:
        return localize.raw("deadlines.immediately")
    unit = "months" if row["hours"] is None else "hours"
    return localize.raw(f"deadlines.{unit}", count=row[unit])


def _form(context: PageContext, rows: dict[str, dict[str, Any]]) -> None:
    localize = context.localize
    st.subheader(localize("deadlines.change"), anchor=False)
    chosen = st.selectbox(
        localize("deadlines.choose"),
        list(rows),
        format_func=lambda one: f"{one}: {rows[one]['title'][localize.language]}",
    )
    row = rows[chosen]
    unit = "months" if row["hours"] is None else "hours"
    with st.form(f"deadlines.{chosen}"):
        in_use = st.checkbox(localize("deadlines.use"), row["in_use"])
        term = st.number_input(
            localize(f"deadlines.{unit}_field"), 1 if unit == "months" else 0, value=row[unit]
        )
        applies = st.date_input(
            localize("deadlines.applies_field"), _day(row["applies_from"]), format=_DAY
        )
        source = st.text_input(localize("deadlines.source_field"), row["source"], max_chars=500)
        on = st.date_input(localize("deadlines.verified_on"), _day(row["verified_on"]), format=_DAY)
        by = st.text_input(
            localize("deadlines.verified_by"), row["verified_by"] or "", max_chars=200
        )
        reason = st.text_input(localize("deadlines.reason"), max_chars=500)
        if not st.form_submit_button(localize("deadlines.propose"), type="primary"):
            return
        if (on is None) != (not by.strip()) or len(reason.strip()) < 3:
            st.warning(localize("deadlines.both"))
            return
        stated = {name: value for name, value in row.items() if name not in _NOT_STATED}
        stated |= {
            "in_use": in_use,
            unit: int(term),
            "applies_from": applies.isoformat() if applies else None,
            "source": source.strip(),
            "verified_on": on.isoformat() if on else None,
            "verified_by": by.strip() or None,
        }
        proposal = attempt(
            localize, lambda: context.client.propose_deadline(chosen, stated, reason.strip())
        )
        if proposal:
            flash(localize("deadlines.proposed", id=proposal))
            st.rerun()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
