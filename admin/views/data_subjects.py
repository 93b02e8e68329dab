"""The data subjects page: find a person, export, erase.

Identifiers that the user enters are kept in the user's session only.
"""

from typing import Any

import streamlit as st

from admin.components import attempt, confirm, heading
from admin.page_context import PageContext

_IDENTIFIERS, _FOUND, _PACKAGE = "subjects.who", "subjects.found", "subjects.package"
_OWNER = "subjects.whose"


def page(context: PageContext) -> None:
    """Draw the identifiers of one person, then the actions that the user may take."""
    heading(context, "subjects")
    types = attempt(context.localize, context.client.subject_types)
    if types is None:
        return
    if st.session_state.get(_OWNER) != context.user.id:  # another person signed in since
        st.session_state[_OWNER], st.session_state[_IDENTIFIERS] = context.user.id, []
        _clear_results()
    identifiers: list[dict[str, str]] = st.session_state[_IDENTIFIERS]
    _add(context, types, identifiers)
    if not identifiers:
        st.info(context.localize("subjects.empty"), icon=":material/person_search:")
        return
    _identifiers(context, identifiers)
    _actions(context, identifiers)
    _results(context)
    _package(context)


def _add(context: PageContext, types: list[str], identifiers: list[dict[str, str]]) -> None:
    localize = context.localize
    with st.form("subjects.add", clear_on_submit=True):
        left, middle, right = st.columns([1, 2, 1], vertical_alignment="bottom")
        type_ = left.selectbox(
            localize("subjects.type"),
            types,
            key="subjects.type",
            format_func=lambda code: localize.name("type", code),
        )
        value = middle.text_input(
            localize("subjects.value"), max_chars=500, help=localize("subjects.value_help")
        )
        if (
            right.form_submit_button(localize("subjects.add"), icon=":material/add:")
            and value.strip()
        ):
            identifiers.append({"type": type_, "value": value.strip()})
            _clear_results()
            st.rerun()


def _identifiers(context: PageContext, identifiers: list[dict[str, str]]) -> None:
    for position, one in enumerate(identifiers):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.text(f"{context.localize.name('type', one['type'])}: {one['value']}")
        if row.button(context.localize("subjects.remove"), key=f"subjects.remove.{position}"):
            del identifiers[position]
            _clear_results()
            st.rerun()


def _actions(context: PageContext, identifiers: list[dict[str, str]]) -> None:
    """Draw the actions with their common reason; each action is recorded."""
    localize, user = context.localize, context.user
    reason = st.text_input(
        localize("subjects.reason"),
        max_chars=500,
        help=localize("subjects.reason_help"),
        key="subjects.reason",
    )
    row = st.container(horizontal=True)
    search = row.button(localize("subjects.search"), type="primary", icon=":material/search:")
    package = user.may("subjects:export") and row.button(
        localize("subjects.give"), icon=":material/folder_zip:"
    )
    erase = user.may("subjects:erase") and row.button(
        localize("subjects.erase"), icon=":material/delete:"
    )
    if not (search or package or erase):
        return
    if len(reason.strip()) < 3:
        st.warning(localize("confirm.reason_needed"))
        return
    body = {"subjects": list(identifiers), "reason": reason.strip()}
    if search:
        st.session_state[_FOUND] = attempt(localize, lambda: context.client.find_subject(body))
    if package:
        with st.spinner(localize("subjects.giving")):
            st.session_state[_PACKAGE] = attempt(
                localize, lambda: context.client.export_subject(body)
            )
    if erase:
        confirm(
            context,
            localize("subjects.erase"),
            localize("subjects.erase_body"),
            lambda _: _erase(context, body),
            done=localize("subjects.erased"),
        )


def _erase(context: PageContext, body: dict[str, Any]) -> None:
    context.client.erase_subject(body)
    _clear_results()


def _results(context: PageContext) -> None:
    localize = context.localize
    found = st.session_state.get(_FOUND)
    if found is None:
        return
    st.subheader(localize("subjects.stored"), anchor=False)
    st.dataframe(
        [
            {
                localize.raw("subjects.type"): localize.name("type", one["type"]),
                localize.raw("subjects.values"): localize.number(one["values"]),
                localize.raw("subjects.entries"): localize.number(one["entries"]),
                localize.raw("subjects.answers"): localize.number(one["answers"]),
            }
            for one in found["subjects"]
        ],
        hide_index=True,
    )
    if found["case_texts"]:
        st.caption(localize("subjects.case_texts", count=localize.number(found["case_texts"])))
    if found["entries"]:
        _entries(context, found)


def _entries(context: PageContext, found: dict[str, Any]) -> None:
    localize = context.localize
    st.caption(localize("subjects.newest") if found["more"] else localize("subjects.all"))
    st.dataframe(
        [
            {
                localize.raw("audit.time"): localize.moment(one["time"] / 1000),
                localize.raw("audit.event"): localize.name("event", one["event"]),
                localize.raw("audit.id"): one["request"],
            }
            for one in found["entries"]
        ],
        hide_index=True,
    )


def _package(context: PageContext) -> None:
    package = st.session_state.get(_PACKAGE)
    if package is None:
        return
    localize = context.localize
    st.success(
        localize("subjects.ready", count=localize.number(package.entries)),
        icon=":material/folder_zip:",
    )
    st.caption(localize("subjects.check_first"))
    st.download_button(
        localize("subjects.download"),
        package.data,
        file_name=package.name,
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
    )


def _clear_results() -> None:
    """Delete results: they belong to other identifiers, or were erased."""
    for key in (_FOUND, _PACKAGE):
        st.session_state.pop(key, None)
