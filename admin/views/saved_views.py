"""Searches of the trail that the user keeps under a name."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import streamlit as st

from admin.address import choose, stored
from admin.case_components import shown_order
from admin.components import attempt, flash
from admin.page_context import PageContext

_DAYS = ("from", "to")
_MONTH = timedelta(days=30)


def draw(
    context: PageContext, *, written: Sequence[str], chosen: Mapping[str, Sequence[str]]
) -> None:
    """Draw the views of the user, and the field that keeps the filters of the address.

    ``written`` and ``chosen`` are the names of the filters; the latter have options.
    """
    localize = context.localize
    with st.expander(localize("saved_views.title"), icon=":material/bookmark:"):
        found = attempt(localize, context.client.saved_views) or []
        if found:
            _stored_views(context, found, written, chosen)
        else:
            st.caption(localize("saved_views.none"))
        _save(context, (*written, *chosen, *_DAYS))


def _stored_views(
    context: PageContext,
    found: list[dict[str, Any]],
    written: Sequence[str],
    chosen: Mapping[str, Sequence[str]],
) -> None:
    localize = context.localize
    row = st.container(horizontal=True, vertical_alignment="bottom")
    view = row.selectbox(
        localize("saved_views.view"), found, format_func=lambda one: shown_order(one["name"])
    )
    row.button(
        localize("saved_views.open"),
        on_click=_apply,
        args=(view["filters"], written, chosen, localize.today()),
    )
    if row.button(localize("saved_views.delete")):
        if attempt(localize, lambda: context.client.delete_view(view["id"])):
            flash(localize("saved_views.deleted"))
        st.rerun()


def _apply(
    filters: Mapping[str, str],
    written: Sequence[str],
    chosen: Mapping[str, Sequence[str]],
    today: date,
) -> None:
    """Give all widgets the values of a view, before the page is drawn again."""
    for name in written:
        st.session_state[name] = filters.get(name, "")
    for name, default in zip(_DAYS, (today - _MONTH, today), strict=True):
        st.session_state[name] = _day(filters.get(name), default)
    for name, options in chosen.items():
        value = filters.get(name, "")
        usual = options[0] if name == "what" else ""
        choose(name, value if value in options else usual)
        stored(name, usual)
    st.session_state["audit.before"] = []


def _day(text: str | None, default: date) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return default


def _save(context: PageContext, names: Sequence[str]) -> None:
    localize = context.localize
    filters = {name: st.query_params[name] for name in names if st.query_params.get(name)}
    filters.pop("text", None)
    with st.form("saved_views.save", clear_on_submit=True, border=False):
        name = st.text_input(
            localize("saved_views.name"), max_chars=80, help=localize("saved_views.name_help")
        )
        if not st.form_submit_button(localize("saved_views.save")) or not name.strip():
            return
    if attempt(localize, lambda: context.client.save_view(name, filters)):
        flash(localize("saved_views.saved"))
        st.rerun()
