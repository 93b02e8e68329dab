"""The policies page: the bundle in force and the history."""

from typing import Any

import streamlit as st

from admin.components import attempt, heading
from admin.page_context import PageContext

LANGUAGE = {
    "cedar": "kotlin",
    "cedarschema": "kotlin",
    "yaml": "yaml",
}  # the nearest supported syntax


def syntax_of(path: str) -> str:
    """The syntax highlighting for a policy file."""
    return LANGUAGE.get(path.rpartition(".")[2], "text")


def page(context: PageContext) -> None:
    """Draw the files, read-only, and the history of bundles."""
    heading(context, "policies")
    found = attempt(context.localize, context.client.policies)
    if found is None:
        return
    st.caption(context.localize("policies.digest", digest=found["digest"]))
    files: dict[str, str] = found["files"]
    left, right = st.columns([1, 3])
    path = left.radio(context.localize("policies.files"), sorted(files), key="policies.file")
    if path:
        right.code(
            files[path], language=syntax_of(path), line_numbers=True, wrap_lines=True, height=560
        )
    _history(context, found["history"])


def _history(context: PageContext, history: list[dict[str, Any]]) -> None:
    localize = context.localize
    st.subheader(localize("policies.history"), anchor=False)
    st.dataframe(
        [
            {
                localize.raw("policies.since"): localize.moment(bundle["created"]),
                localize.raw("policies.author"): bundle["author"],
                localize.raw("policies.state"): localize.raw(
                    "policies.active" if bundle["active"] else "policies.former"
                ),
                localize.raw("policies.bundle"): bundle["digest"],
            }
            for bundle in history
        ],
        hide_index=True,
    )
