"""Data subjects: find a person, give access, erase. What is typed lives in the user's session only."""

from typing import Any

import streamlit as st

from admin.components import attempt, confirm, heading
from admin.page_context import PageContext

_WHO, _FOUND, _PACKAGE = "subjects.who", "subjects.found", "subjects.package"
_WHOSE = "subjects.whose"


def page(here: PageContext) -> None:
    """Collect identifiers, then what may be done with the person they are of."""
    heading(here, "subjects")
    types = attempt(here.say, here.client.subject_types)
    if types is None:
        return
    if st.session_state.get(_WHOSE) != here.me.id:  # another person signed in since
        st.session_state[_WHOSE], st.session_state[_WHO] = here.me.id, []
        _forget()
    who: list[dict[str, str]] = st.session_state[_WHO]
    _add(here, types, who)
    if not who:
        st.info(here.say("subjects.nobody"), icon=":material/person_search:")
        return
    _identifiers(here, who)
    _act(here, who)
    _shown(here)
    _download(here)


def _add(here: PageContext, types: list[str], who: list[dict[str, str]]) -> None:
    say = here.say
    with st.form("subjects.add", clear_on_submit=True):
        left, middle, right = st.columns([1, 2, 1], vertical_alignment="bottom")
        type_ = left.selectbox(
            say("subjects.type"),
            types,
            key="subjects.type",
            format_func=lambda code: say.name("type", code),
        )
        value = middle.text_input(
            say("subjects.value"), max_chars=500, help=say("subjects.value_help")
        )
        if right.form_submit_button(say("subjects.add"), icon=":material/add:") and value.strip():
            who.append({"type": type_, "value": value.strip()})
            _forget()
            st.rerun()


def _identifiers(here: PageContext, who: list[dict[str, str]]) -> None:
    for place, one in enumerate(who):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.text(f"{here.say.name('type', one['type'])}: {one['value']}")
        if row.button(here.say("subjects.remove"), key=f"subjects.remove.{place}"):
            del who[place]
            _forget()
            st.rerun()


def _act(here: PageContext, who: list[dict[str, str]]) -> None:
    """One reason for whatever is done; each of these is an entry."""
    say, me = here.say, here.me
    reason = st.text_input(
        say("subjects.reason"),
        max_chars=500,
        help=say("subjects.reason_help"),
        key="subjects.reason",
    )
    row = st.container(horizontal=True)
    search = row.button(say("subjects.search"), type="primary", icon=":material/search:")
    package = me.may("subjects:export") and row.button(
        say("subjects.give"), icon=":material/folder_zip:"
    )
    erase = me.may("subjects:erase") and row.button(say("subjects.erase"), icon=":material/delete:")
    if not (search or package or erase):
        return
    if len(reason.strip()) < 3:
        st.warning(say("confirm.reason_needed"))
        return
    wanted = {"subjects": list(who), "reason": reason.strip()}
    if search:
        st.session_state[_FOUND] = attempt(say, lambda: here.client.find_subject(wanted))
    if package:
        with st.spinner(say("subjects.giving")):
            st.session_state[_PACKAGE] = attempt(say, lambda: here.client.access(wanted))
    if erase:
        confirm(
            here,
            say("subjects.erase"),
            say("subjects.erase_body"),
            lambda _: _erased(here, wanted),
            done=say("subjects.erased"),
        )


def _erased(here: PageContext, wanted: dict[str, Any]) -> None:
    here.client.erase_subject(wanted)
    _forget()


def _shown(here: PageContext) -> None:
    say = here.say
    found = st.session_state.get(_FOUND)
    if found is None:
        return
    st.subheader(say("subjects.stored"), anchor=False)
    st.dataframe(
        [
            {
                say.bare("subjects.type"): say.name("type", one["type"]),
                say.bare("subjects.values"): say.number(one["values"]),
                say.bare("subjects.entries"): say.number(one["entries"]),
            }
            for one in found["subjects"]
        ],
        hide_index=True,
    )
    if found["entries"]:
        _entries(here, found)


def _entries(here: PageContext, found: dict[str, Any]) -> None:
    say = here.say
    st.caption(say("subjects.newest") if found["more"] else say("subjects.all"))
    st.dataframe(
        [
            {
                say.bare("audit.time"): say.moment(one["time"] / 1000),
                say.bare("audit.event"): say.name("event", one["event"]),
                say.bare("audit.id"): one["request"],
            }
            for one in found["entries"]
        ],
        hide_index=True,
    )


def _download(here: PageContext) -> None:
    ready = st.session_state.get(_PACKAGE)
    if ready is None:
        return
    say = here.say
    st.success(say("subjects.ready", count=say.number(ready.entries)), icon=":material/folder_zip:")
    st.caption(say("subjects.look"))
    st.download_button(
        say("subjects.download"),
        ready.data,
        file_name=ready.name,
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
    )


def _forget() -> None:
    """What was found is of other identifiers, or gone."""
    for key in (_FOUND, _PACKAGE):
        st.session_state.pop(key, None)
