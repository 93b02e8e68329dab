"""The policy change page: a draft of several files, checked as one types, then proposed."""

from typing import Any

import streamlit as st

from admin import session, source_editor
from admin.components import attempt, bullets, flash, heading
from admin.i18n import escape
from admin.page_context import PageContext
from admin.policy_draft import PolicyDraft
from admin.views import policy_rule_form
from admin.views.policy_impact import draw_impact
from admin.views.policy_verdict import DraftVerdict, draw_verdict

_DRAFT = "policy.draft"
_VERDICT = "policy.verdict"
_EXAMPLE = "authorisation/press.cedar"
_TASKS = ("rule", "files")


def current_draft(context: PageContext) -> PolicyDraft | None:
    """The draft of this session, made from the bundle in force when there is none yet."""
    found = attempt(context.localize, context.client.policies)
    if found is None:
        return None
    draft = st.session_state.get(_DRAFT)
    if draft is None or not draft.changed:
        draft = PolicyDraft(found["digest"], found["files"])
        st.session_state[_DRAFT] = draft
    both = draft.follow(found["digest"], found["files"])
    if both:
        st.warning(context.localize("change.stale", files=", ".join(both)))
    return draft


def kept_draft() -> PolicyDraft | None:
    """The draft of this session, where it changes anything."""
    draft: PolicyDraft | None = st.session_state.get(_DRAFT)
    return draft if draft is not None and draft.changed else None


def page(context: PageContext) -> None:
    """Draw the draft; it is kept in this tab until it is proposed."""
    heading(context, "change")
    draft = current_draft(context)
    if draft is not None:
        _workbench(context, draft)


@st.fragment
def _workbench(context: PageContext, draft: PolicyDraft) -> None:
    """Draw the fields and the verdict; what is typed draws only this part anew."""
    localize = context.localize
    session.note_activity()
    task = st.segmented_control(
        localize("change.task"),
        _TASKS,
        default=_TASKS[0],
        required=True,
        format_func=lambda name: localize.name("change_task", name),
        key="change.task",
        persist_state="session",
    )
    left, right = st.columns([3, 2])
    verdict = _verdict(context, draft)
    with left:
        if task == "rule":
            policy_rule_form.draw(context, draft)
        else:
            _files(context, draft, verdict)
    with right:
        _summary(context, draft)
        verdict = _verdict(context, draft)  # what was typed counts at once
        if verdict is not None:
            draw_verdict(context, verdict)
            if verdict.may_propose:
                _propose(context, draft)
    _differences(context, draft)


def _verdict(context: PageContext, draft: PolicyDraft) -> DraftVerdict | None:
    """The verdict on the draft, asked for once for each state of its files; None without change."""
    if not draft.changed:
        return None
    state = (draft.base, hash(frozenset(draft.files.items())))
    known = st.session_state.get(_VERDICT)
    if known is None or known[0] != state:
        with st.spinner(context.localize("change.checking")):
            known = (state, DraftVerdict.of(context, draft.body()))
        st.session_state[_VERDICT] = known
    found: DraftVerdict | None = known[1]
    return found


def _files(context: PageContext, draft: PolicyDraft, verdict: DraftVerdict | None) -> None:
    localize = context.localize
    changed = set(draft.changed)
    paths = sorted({*draft.before, *draft.files})
    path = str(
        st.selectbox(
            localize("change.file"),
            paths,
            format_func=lambda one: f"{one} ●" if one in changed else one,
            key="change.file",
        )
    )
    if path in draft.files:
        text = source_editor.edit(
            draft.files[path],
            label=localize.raw("policies.source", file=path),
            key=f"change.editor.{draft.base}.{path}.{draft.revision}",
            faults=verdict.faults_in(path) if verdict else [],
        )
        if text != draft.files[path]:
            draft.write(path, text, typed=True)
    row = st.container(horizontal=True)
    if path in draft.files and row.button(localize("change.remove_file"), icon=":material/delete:"):
        draft.remove(path)
        st.rerun(scope="fragment")
    if path in changed and row.button(localize("change.restore"), icon=":material/undo:"):
        draft.restore(path)
        st.session_state.pop("change.file", None)
        st.rerun(scope="fragment")
    _add_file(context, draft)


def _add_file(context: PageContext, draft: PolicyDraft) -> None:
    localize = context.localize
    with st.form("change.add", clear_on_submit=True):
        path = st.text_input(
            localize("change.new_file"), placeholder=_EXAMPLE, max_chars=200
        ).strip()
        if st.form_submit_button(localize("change.add_file")) and path:
            if path not in draft.files:
                draft.write(path, draft.before.get(path, ""))
            st.rerun(scope="fragment")


def _summary(context: PageContext, draft: PolicyDraft) -> None:
    localize = context.localize
    if not draft.changed:
        st.caption(localize("change.unchanged"))
        return
    st.markdown(localize("change.draft_of", count=len(draft.changed)))
    bullets([escape(path) for path in draft.changed])
    if st.button(localize("change.discard"), icon=":material/delete_sweep:"):
        st.session_state.pop(_DRAFT, None)
        st.rerun()


def _differences(context: PageContext, draft: PolicyDraft) -> None:
    if draft.changed:
        with st.expander(context.localize("change.lines")):
            for path in draft.changed:
                st.code(draft.difference(path), language="diff", wrap_lines=True)
        with st.expander(context.localize("evidence.impact")):
            draw_impact(context, draft.body(), key="draft")


def _propose(context: PageContext, draft: PolicyDraft) -> None:
    localize = context.localize
    with st.form("change.propose"):
        comment = st.text_input(localize("change.comment"), max_chars=1000)
        if not st.form_submit_button(localize("change.propose"), type="primary"):
            return
    body: dict[str, Any] = {**draft.body(), "comment": comment.strip()}
    proposal = attempt(localize, lambda: context.client.propose_bundle(body))
    if proposal:
        st.session_state.pop(_DRAFT, None)
        flash(localize("change.proposed", id=proposal))
        st.rerun()
