"""Edit one policy file, check it against its tests, propose it to another person."""

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


def page(here: PageContext) -> None:
    """The draft lives in this tab until it is proposed."""
    heading(here, "change")
    say = here.say
    found = attempt(say, here.client.policies)
    if found is None:
        return
    files: dict[str, str] = found["files"]
    path = str(st.selectbox(say("change.file"), sorted(files), key="change.file"))
    st.html(_STYLE)
    with st.container(key="policy-draft"):
        draft = st.text_area(
            say("change.text"),
            files[path],
            height=420,
            persist_state="session",
            key=f"change.draft.{found['digest']}.{path}",
        )
    if draft == files[path]:
        st.caption(say("change.unchanged"))
        return
    st.code(difference(path, files[path], draft), language="diff", wrap_lines=True)
    if st.button(say("change.check"), icon=":material/rule:"):
        result = attempt(say, lambda: here.client.check_bundle({path: draft}))
        st.session_state[_CHECKED] = (path, draft, result)
    checked = st.session_state.get(_CHECKED)
    if checked and checked[:2] == (path, draft) and checked[2] is not None:
        _result(here, checked[2])
        if checked[2]["ok"]:
            _propose(here, path, draft)


def _result(here: PageContext, result: dict[str, Any]) -> None:
    say = here.say
    if result["error"]:
        st.error(say("change.broken"), icon=":material/error:")
        st.text(result["error"])
        return
    failed = [test for test in result["tests"] if not test["passed"]]
    if not failed:
        st.success(say("change.passed", count=len(result["tests"])), icon=":material/check_circle:")
        return
    st.error(say("change.failed", count=len(failed)), icon=":material/error:")
    st.dataframe(
        [
            {
                say.bare("change.case"): test["name"],
                say.bare("change.expected"): test["expected"],
                say.bare("change.got"): test["got"],
            }
            for test in failed
        ],
        hide_index=True,
    )


def _propose(here: PageContext, path: str, draft: str) -> None:
    say = here.say
    with st.form("change.propose"):
        comment = st.text_input(say("change.comment"), max_chars=1000)
        if not st.form_submit_button(say("change.propose"), type="primary"):
            return
    made = attempt(say, lambda: here.client.propose_bundle({path: draft}, comment.strip()))
    if made:
        st.session_state.pop(_CHECKED, None)
        flash(say("change.proposed", id=made))
        st.rerun()
