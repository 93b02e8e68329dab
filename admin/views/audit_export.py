"""A period of the trail as a package that others can verify."""

from datetime import timedelta
from functools import partial

import streamlit as st

from admin.client import Download, PendingProposal
from admin.components import attempt, bullets
from admin.page_context import PageContext

_READY = "audit.export"
_FORMATS, _USUAL = ("jsonl", "csv", "parquet", "pdf"), ("jsonl", "csv", "pdf")
_PROFILES, _DEFAULT = ("metadata", "pseudonymised", "full"), 1
_ABOUT = ("export.about_metadata", "export.about_pseudonymised", "export.about_full")
_LEAST_REASON = 10
# What entries can be selected by here: fields with few values. The command line has more.
_SELECTING = {
    "zone": ("internal", "eu", "global"),
    "level": ("public", "internal", "confidential", "restricted"),
    "outcome": (
        "ok",
        "access_denied",
        "content_policy_violation",
        "content_filter",
        "unknown_crash",
    ),
}


def draw(here: PageContext) -> None:
    """Choose a period and how much to disclose, build the package, download it, and how to check it."""
    say = here.say
    st.subheader(say("export.title"), anchor=False)
    st.caption(say("export.about"))
    with st.form("audit.export.form"):
        left, middle, right = st.columns(3)
        today = say.today()
        since = left.date_input(say("audit.from"), today, key="export.from", format="YYYY-MM-DD")
        until = middle.date_input(say("audit.to"), today, key="export.to", format="YYYY-MM-DD")
        formats = right.multiselect(say("export.formats"), _FORMATS, default=list(_USUAL))
        profile = st.selectbox(
            say("export.profile"),
            _PROFILES,
            _DEFAULT,
            key="export.profile",
            format_func=lambda name: say.name("profile", name),
        )
        bullets([say(key) for key in _ABOUT])
        where = _selection(here)
        reason = st.text_input(say("export.reason"), key="export.reason", max_chars=500).strip()
        if st.form_submit_button(say("export.build")):
            if profile == "full" and len(reason) < _LEAST_REASON:
                st.warning(say("reveal.too_short"))
                return
            wanted = {
                "since": say.midnight(since),
                "until": say.midnight(until + timedelta(days=1)),
                "formats": [one for one in formats if not (where and one == "pdf")],
                "profile": profile,
                "reason": reason,
                "where": where,
            }
            with st.spinner(say("export.building")):
                st.session_state[_READY] = attempt(say, lambda: here.client.export(wanted))
    ready = st.session_state.get(_READY)
    if isinstance(ready, PendingProposal):
        roles = ", ".join(say.name("role", role) for role in ready.roles)
        st.info(say("export.waiting", id=ready.proposal, roles=roles), icon=":material/how_to_reg:")
    elif isinstance(ready, Download):
        _ready(here, ready)


def _selection(here: PageContext) -> dict[str, list[str]]:
    """The values that are wanted, by field; empty for all entries."""
    say = here.say
    columns = st.columns(len(_SELECTING))
    chosen = {
        name: column.multiselect(
            say(f"export.only_{name}"),
            values,
            key=f"export.only_{name}",
            placeholder=say("export.only_all"),
            format_func=partial(say.name, name),
        )
        for column, (name, values) in zip(columns, _SELECTING.items(), strict=True)
    }
    st.caption(say("export.about_selection"))
    return {name: list(values) for name, values in chosen.items() if values}


def _ready(here: PageContext, ready: Download) -> None:
    say = here.say
    st.success(say("export.ready", count=say.number(ready.entries)), icon=":material/inventory_2:")
    st.download_button(
        say("export.download"),
        ready.data,
        file_name=ready.name,
        mime="application/zip",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
    st.markdown(say("export.verify"))
    st.code(say.bare("export.command", file=ready.name), language="bash")
    st.caption(say("export.verify_about"))
