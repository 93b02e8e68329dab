"""One entry that belongs to no request: who acted, and what changed."""

import streamlit as st

from admin.components import attempt
from admin.governance_entry import difference_of, facts_of
from admin.page_context import PageContext

ENTRY = "entry"  # of the page's address: the log, a colon, and the number


def open_entry(log: str, seq: int) -> None:
    """Go to the page of an entry."""
    st.query_params[ENTRY] = f"{log}:{seq}"
    st.rerun()


def draw(context: PageContext, place: str) -> None:
    """Draw the entry that the address names."""
    localize = context.localize
    if st.button(localize("entry.to_list"), icon=":material/arrow_back:"):
        del st.query_params[ENTRY]
        st.rerun()
    st.title(localize("entry.title"), anchor=False)
    log, _, number = place.rpartition(":")
    if not number.isdecimal():
        return
    entry = attempt(localize, lambda: context.client.entry(log, int(number)))
    if entry is None:
        return
    st.subheader(localize.name("event", entry["event"]), anchor=False)
    st.caption(
        localize("entry.place", when=localize.moment(entry["time"] / 1000), log=log, number=number)
    )
    st.dataframe(facts_of(entry["fields"], localize), hide_index=True)
    if entry["fields"].get("lines"):
        st.subheader(localize("entry.difference"), anchor=False)
        st.dataframe(difference_of(entry["fields"]["lines"], localize), hide_index=True)
    with st.expander(localize("story.evidence")):
        st.code(entry["hash"], language=None)
        st.json(entry["fields"], expanded=False)
