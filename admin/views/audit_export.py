"""Export of a period as a package that a third party can verify."""

from datetime import timedelta
from functools import partial

import streamlit as st

from admin.client import Download, PendingProposal
from admin.components import attempt, bullets
from admin.page_context import PageContext

_RESULT = "audit.export"
_FORMATS, _DEFAULT_FORMATS = ("jsonl", "csv", "parquet", "pdf"), ("jsonl", "csv", "pdf")
_PROFILES, _DEFAULT_PROFILE = ("metadata", "pseudonymised", "full"), 1
_ABOUT = ("export.about_metadata", "export.about_pseudonymised", "export.about_full")
_MIN_REASON = 10
# Fields with few values; the command line can select by more fields.
_SELECTABLE = {
    "zone": ("internal", "eu", "global"),
    "level": ("public", "internal", "confidential", "restricted"),
    "outcome": (
        "ok",
        "access_denied",
        "content_policy_violation",
        "content_filter",
        "stopped",
        "unknown_crash",
    ),
}


def draw(context: PageContext) -> None:
    """Draw the form of an export, then its download and how to verify it."""
    localize = context.localize
    st.subheader(localize("export.title"), anchor=False)
    st.caption(localize("export.about"))
    with st.form("audit.export.form"):
        left, middle, right = st.columns(3)
        today = localize.today()
        since = left.date_input(
            localize("audit.from"), today, key="export.from", format="YYYY-MM-DD"
        )
        until = middle.date_input(localize("audit.to"), today, key="export.to", format="YYYY-MM-DD")
        formats = right.multiselect(
            localize("export.formats"), _FORMATS, default=list(_DEFAULT_FORMATS)
        )
        profile = st.selectbox(
            localize("export.profile"),
            _PROFILES,
            _DEFAULT_PROFILE,
            key="export.profile",
            format_func=lambda name: localize.name("profile", name),
        )
        bullets([localize(key) for key in _ABOUT])
        where = _selection(context)
        reason = st.text_input(
            localize("export.reason"), key="export.reason", max_chars=500
        ).strip()
        if st.form_submit_button(localize("export.build")):
            if profile == "full" and len(reason) < _MIN_REASON:
                st.warning(localize("reveal.too_short"))
                return
            body = {
                "since": localize.midnight(since),
                "until": localize.midnight(until + timedelta(days=1)),
                "formats": [name for name in formats if not (where and name == "pdf")],
                "profile": profile,
                "reason": reason,
                "where": where,
            }
            with st.spinner(localize("export.building")):
                st.session_state[_RESULT] = attempt(localize, lambda: context.client.export(body))
    result = st.session_state.get(_RESULT)
    if isinstance(result, PendingProposal):
        roles = ", ".join(localize.name("role", role) for role in result.roles)
        st.info(
            localize("export.waiting", id=result.proposal, roles=roles),
            icon=":material/how_to_reg:",
        )
    elif isinstance(result, Download):
        _download(context, result)


def _selection(context: PageContext) -> dict[str, list[str]]:
    """The selected values by field; empty for all entries."""
    localize = context.localize
    columns = st.columns(len(_SELECTABLE))
    chosen = {
        name: column.multiselect(
            localize(f"export.only_{name}"),
            values,
            key=f"export.only_{name}",
            placeholder=localize("export.only_all"),
            format_func=partial(localize.name, name),
        )
        for column, (name, values) in zip(columns, _SELECTABLE.items(), strict=True)
    }
    st.caption(localize("export.about_selection"))
    return {name: list(values) for name, values in chosen.items() if values}


def _download(context: PageContext, result: Download) -> None:
    localize = context.localize
    st.success(
        localize("export.ready", count=localize.number(result.entries)),
        icon=":material/inventory_2:",
    )
    st.download_button(
        localize("export.download"),
        result.data,
        file_name=result.name,
        mime="application/zip",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
    st.markdown(localize("export.verify"))
    st.code(localize.raw("export.command", file=result.name), language="bash")
    st.caption(localize("export.verify_about"))
