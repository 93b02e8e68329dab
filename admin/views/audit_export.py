"""A period of the trail as a package that others can verify."""

from datetime import timedelta

import streamlit as st

from admin.here import Here
from admin.parts import attempt

_READY = "audit.export"
_FORMATS = ("jsonl", "csv")


def draw(here: Here) -> None:
    """Choose a period, build the package, download it, and how to check it."""
    say = here.say
    st.subheader(say("export.title"), anchor=False)
    st.caption(say("export.about"))
    with st.form("audit.export.form"):
        left, middle, right = st.columns(3)
        today = say.today()
        since = left.date_input(say("audit.from"), today, key="export.from", format="YYYY-MM-DD")
        until = middle.date_input(say("audit.to"), today, key="export.to", format="YYYY-MM-DD")
        formats = right.multiselect(say("export.formats"), _FORMATS, default=list(_FORMATS))
        if st.form_submit_button(say("export.build")):
            with st.spinner(say("export.building")):
                first, last = say.midnight(since), say.midnight(until + timedelta(days=1))
                st.session_state[_READY] = attempt(
                    say, lambda: here.client.export(first, last, list(formats))
                )
    ready = st.session_state.get(_READY)
    if ready is None:
        return
    st.success(say("export.ready", count=say.number(ready.entries)), icon=":material/inventory_2:")
    st.download_button(
        say("export.download"), ready.data, file_name=ready.name, mime="application/zip",
        type="primary", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    st.markdown(say("export.verify"))
    st.code(say.bare("export.command", file=ready.name), language="bash")
    st.caption(say("export.verify_about"))
