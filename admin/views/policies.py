"""The policies page: the rules in force as sentences beside their source, and the history."""

from typing import Any

import streamlit as st

from admin import source_editor
from admin.components import attempt, heading
from admin.i18n import escape
from admin.page_context import PageContext
from admin.views.policy_history import draw_history

KINDS = ("content", "authorisation", "level", "failure")
_FILES = "files"
_HEIGHT = 620


def page(context: PageContext) -> None:
    """Draw rules or files, read-only, and the history of bundles."""
    heading(context, "policies")
    found = attempt(context.localize, context.client.policies)
    rules = attempt(context.localize, context.client.rules) if found else None
    if found is None or rules is None:
        return
    localize = context.localize
    st.caption(localize("policies.digest", digest=found["digest"]))
    chosen = st.segmented_control(
        localize("policies.show"),
        [*KINDS, _FILES],
        default=KINDS[0],
        required=True,
        format_func=lambda kind: localize.name("rule_kind", kind),
        key="policies.kind",
        persist_state="session",
    )
    if chosen == _FILES:
        _files(context, found["files"])
    else:
        _rules(context, found["files"], [rule for rule in rules if rule["kind"] == chosen])
    draw_history(context, found["history"])


def _files(context: PageContext, files: dict[str, str]) -> None:
    left, right = st.columns([1, 3])
    path = left.radio(context.localize("policies.files"), sorted(files), key="policies.file")
    if path:
        with right:
            source_editor.show(
                files[path],
                label=context.localize.raw("policies.source", file=path),
                key="policies.source",
                height=_HEIGHT,
            )


def _rules(context: PageContext, files: dict[str, str], rules: list[dict[str, Any]]) -> None:
    """Draw the sentences; beside them the source of the chosen rule."""
    localize = context.localize
    if not rules:
        st.info(localize("policies.no_rules"), icon=":material/policy:")
        return
    left, right = st.columns(2)
    with left, st.container(height=_HEIGHT):
        chosen = st.radio(
            localize("policies.rules", count=len(rules)),
            range(len(rules)),
            format_func=lambda index: rules[index]["id"] or rules[index]["file"],
            captions=[escape(rule["sentences"][localize.language]) for rule in rules],
            key=f"policies.rule.{rules[0]['kind']}",
        )
    with right:
        _source(context, files, rules[chosen or 0], rules)


def _source(
    context: PageContext, files: dict[str, str], rule: dict[str, Any], rules: list[dict[str, Any]]
) -> None:
    localize = context.localize
    st.caption(localize("policies.place", file=rule["file"], line=rule["line"]))
    source_editor.show(
        files[rule["file"]],
        label=localize.raw("policies.source", file=rule["file"]),
        key="policies.source",
        lines=_block(rule, rules, files[rule["file"]].splitlines()),
        height=_HEIGHT - 90,
    )
    reason = rule["reasons"][localize.language]
    if reason:
        st.markdown(localize("policies.reason", reason=reason))


def _block(rule: dict[str, Any], rules: list[dict[str, Any]], lines: list[str]) -> tuple[int, int]:
    """The lines of a rule: up to an empty line or the next rule, in Cedar with its annotations."""
    start = int(rule["line"])
    later = [
        int(other["line"])
        for other in rules
        if other["file"] == rule["file"] and other["line"] > start
    ]
    end = min([*later, len(lines) + 1]) - 1
    end = next((at for at in range(start, end) if not lines[at].strip()), end)
    while rule["kind"] == "authorisation" and start > 1 and lines[start - 2].startswith("@"):
        start -= 1
    return start, end
