"""The policy change page: edit one file, check it against its tests, propose it."""

import difflib
from pathlib import Path
from typing import Any

import streamlit as st

from admin.components import attempt, flash, heading
from admin.page_context import PageContext

_STYLE = Path(__file__).with_name("policy_change.css")
_CHECKED = "policy_change.checked"


def difference(path: str, before: str, after: str) -> str:
    """A unified diff of one file."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm=""
    )
    return "\n".join(lines)


def page(context: PageContext) -> None:
    """Draw the editor; the draft is kept in this tab until it is proposed."""
    heading(context, "change")
    localize = context.localize
    found = attempt(localize, context.client.policies)
    if found is None:
        return
    files: dict[str, str] = found["files"]
    path = str(st.selectbox(localize("change.file"), sorted(files), key="change.file"))
    st.html(_STYLE)
    with st.container(key="policy-draft"):
        draft = st.text_area(
            localize("change.text"),
            files[path],
            height=420,
            persist_state="session",
            key=f"change.draft.{found['digest']}.{path}",
        )
    if draft == files[path]:
        st.caption(localize("change.unchanged"))
        return
    st.code(difference(path, files[path], draft), language="diff", wrap_lines=True)
    if st.button(localize("change.check"), icon=":material/rule:"):
        result = attempt(localize, lambda: context.client.check_bundle({path: draft}))
        st.session_state[_CHECKED] = (path, draft, result)
    checked = st.session_state.get(_CHECKED)
    if checked and checked[:2] == (path, draft) and checked[2] is not None:
        _result(context, checked[2])
        if checked[2]["ok"]:
            _propose(context, path, draft)


def _result(context: PageContext, result: dict[str, Any]) -> None:
    localize = context.localize
    if result["error"]:
        st.error(localize("change.broken"), icon=":material/error:")
        st.text(result["error"])
        return
    failed = [test for test in result["tests"] if not test["passed"]]
    if not failed:
        st.success(
            localize("change.passed", count=len(result["tests"])), icon=":material/check_circle:"
        )
        return
    st.error(localize("change.failed", count=len(failed)), icon=":material/error:")
    st.dataframe(
        [
            {
                localize.raw("change.case"): test["name"],
                localize.raw("change.expected"): test["expected"],
                localize.raw("change.got"): test["got"],
            }
            for test in failed
        ],
        hide_index=True,
    )


def _propose(context: PageContext, path: str, draft: str) -> None:
    localize = context.localize
    with st.form("change.propose"):
        comment = st.text_input(localize("change.comment"), max_chars=1000)
        if not st.form_submit_button(localize("change.propose"), type="primary"):
            return
    proposal = attempt(
        localize, lambda: context.client.propose_bundle({path: draft}, comment.strip())
    )
    if proposal:
        st.session_state.pop(_CHECKED, None)
        flash(localize("change.proposed", id=proposal))
        st.rerun()
