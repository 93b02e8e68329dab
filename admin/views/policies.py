"""The policies in force, and those that were."""

from typing import Any

import streamlit as st

from admin.components import attempt, heading
from admin.page_context import PageContext

LANGUAGE = {"cedar": "kotlin", "cedarschema": "kotlin", "yaml": "yaml"}  # nearest that is known


def coloured_as(path: str) -> str:
    """The syntax colouring for a policy file."""
    return LANGUAGE.get(path.rpartition(".")[2], "text")


def page(here: PageContext) -> None:
    """Files read-only, and the history of bundles."""
    heading(here, "policies")
    found = attempt(here.say, here.client.policies)
    if found is None:
        return
    st.caption(here.say("policies.digest", digest=found["digest"]))
    files: dict[str, str] = found["files"]
    left, right = st.columns([1, 3])
    path = left.radio(here.say("policies.files"), sorted(files), key="policies.file")
    if path:
        right.code(
            files[path], language=coloured_as(path), line_numbers=True, wrap_lines=True, height=560
        )
    _history(here, found["history"])


def _history(here: PageContext, history: list[dict[str, Any]]) -> None:
    say = here.say
    st.subheader(say("policies.history"), anchor=False)
    st.dataframe(
        [
            {
                say.bare("policies.since"): say.moment(bundle["created"]),
                say.bare("policies.author"): bundle["author"],
                say.bare("policies.state"): say.bare(
                    "policies.active" if bundle["active"] else "policies.former"
                ),
                say.bare("policies.bundle"): bundle["digest"],
            }
            for bundle in history
        ],
        hide_index=True,
    )
