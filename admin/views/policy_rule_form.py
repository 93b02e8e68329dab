"""A form for a content rule with its cases, which writes YAML into the draft."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from admin import policy_rule
from admin.components import LEVELS, attempt, non_empty_lines
from admin.page_context import PageContext
from admin.policy_draft import PolicyDraft
from admin.policy_rule import CASES, CONTENT, NotARuleFile
from admin.views import policy_answer_forms as answer_forms

_STAGES = ("input", "output")
_POSITIONS = (
    "newest",
    "history",
    "system",
    "tool_call",
    "tool_result",
    "tool_definition",
    "other",
)
_CATEGORIES = (
    "prompt_injection",
    "indirect_injection",
    "jailbreak",
    "prompt_extraction",
    "malware",
    "weapons",
    "self_harm",
    "hate",
    "minors",
    "intimate_imagery",
    "fraud",
)
_LANGUAGES = ("nl", "en", "de", "fr", "es", "it", "pl", "pt", "tr")
_ACTIONS = ("refuse", "redact", "inside", "flag", "monitor")
_SCOPES = ("teams", "keys", "use_cases", "levels", "zones")
_KNOWN = {"levels": LEVELS, "zones": ("internal", "eu", "global")}
_GROUPS = {"levels": "level", "zones": "zone"}  # of the names of a scope
_NAMES = "policy.names"
_NOTICE = "policy.rule_notice"
_MOST = 2000  # characters of a text
Rule = dict[str, Any]


def draw(context: PageContext, draft: PolicyDraft) -> None:
    """Draw the choice of a rule, and its form."""
    localize = context.localize
    rules = {str(rule["id"]): rule for rule in policy_rule.rules_of(draft.files.get(CONTENT, ""))}
    chosen = str(
        st.selectbox(
            localize("rule.which"),
            ["", *rules],
            format_func=lambda name: name or localize.raw("rule.new"),
            key=f"rule.which.{draft.revision}",
        )
        or ""
    )
    if notice := st.session_state.pop(_NOTICE, None):
        st.success(notice, icon=":material/edit_note:")
    old = rules.get(chosen, {})
    with st.form(f"rule.form.{chosen}.{draft.revision}"):
        rule, texts = _fields(context, old)
        written = st.form_submit_button(localize("rule.write"), type="primary")
    if written:
        _write(context, draft, rule, texts)
    if chosen and st.button(localize("rule.remove"), icon=":material/delete:"):
        draft.write(CONTENT, policy_rule.without_rule(draft.files[CONTENT], chosen))
        st.session_state[_NOTICE] = localize("rule.removed", id=chosen)
        st.rerun(scope="fragment")


def _fields(context: PageContext, old: Rule) -> tuple[Rule, tuple[str, str]]:
    """Draw the fields; gives the rule, and the texts of its two cases."""
    localize = context.localize
    left, right = st.columns(2)
    rule: Rule = {**old}
    rule["id"] = left.text_input(
        localize("rule.id"), old.get("id", ""), max_chars=100, disabled=bool(old)
    ).strip()
    rule["owner"] = right.text_input(
        localize("rule.owner"), old.get("owner", ""), max_chars=100
    ).strip()
    rule["stages"] = _choice(context, "stage", _STAGES, old.get("stages", ["input"]))
    rule["positions"] = _choice(context, "position", _POSITIONS, old.get("positions", ()))
    rule["languages"] = _choice(context, "language", _LANGUAGES, old.get("languages", ()))
    rule["patterns"] = non_empty_lines(
        st.text_area(localize("rule.patterns"), "\n".join(old.get("patterns", ())), height=100)
    )
    rule["categories"] = _choice(context, "category", _CATEGORIES, old.get("categories", ()))
    rule["threshold"] = st.number_input(
        localize("rule.threshold"),
        min_value=0.0,
        max_value=0.9999,
        value=old.get("threshold"),
        step=0.01,
        format="%.4f",
    )
    rule |= answer_forms.fields(context, old)
    rule["scope"] = _scope(context, old.get("scope") or {})
    rule["action"] = st.selectbox(
        localize("rule.action"),
        _ACTIONS,
        index=_ACTIONS.index(old.get("action", "monitor")),
        format_func=lambda action: localize.name("rule_action", action),
    )
    rule["reason"] = {
        language: st.text_input(
            localize(f"rule.reason_{language}"),
            (old.get("reason") or {}).get(language, ""),
            max_chars=500,
        ).strip()
        for language in ("en", "nl")
    }
    matching = st.text_area(localize("rule.matching"), max_chars=_MOST, height=70).strip()
    passing = st.text_area(localize("rule.passing"), max_chars=_MOST, height=70).strip()
    return {name: value for name, value in rule.items() if value}, (matching, passing)


def _choice(
    context: PageContext, group: str, options: Sequence[str], given: Sequence[str]
) -> list[str]:
    return [
        str(one)
        for one in st.multiselect(
            context.localize(f"rule.{group}"),
            list(dict.fromkeys([*options, *given])),
            default=list(given),
            format_func=lambda name: context.localize.name(f"rule_{group}", name),
        )
    ]


def _scope(context: PageContext, old: dict[str, list[str]]) -> dict[str, list[str]]:
    """Draw for whom the rule is; what is left empty means everybody."""
    names = _names(context)
    scope = {}
    columns = st.columns(2)
    for index, name in enumerate(_SCOPES):
        known = [*_KNOWN.get(name, ()), *names.get(name, ())]
        given = old.get(name, [])
        scope[name] = columns[index % 2].multiselect(
            context.localize(f"rule.{name}"),
            list(dict.fromkeys([*known, *given])),
            default=given,
            format_func=partial(context.localize.name, _GROUPS.get(name, "")),
        )
    return {name: list(values) for name, values in scope.items() if values}


def _names(context: PageContext) -> dict[str, list[str]]:
    """The names of the catalogue, asked for once a session."""
    if _NAMES not in st.session_state:
        st.session_state[_NAMES] = attempt(context.localize, context.client.policy_names) or {}
    return dict(st.session_state[_NAMES])


def _write(context: PageContext, draft: PolicyDraft, rule: Rule, texts: tuple[str, str]) -> None:
    localize = context.localize
    if not rule.get("id") or not rule.get("stages"):
        st.warning(localize("rule.incomplete"))
        return
    try:
        content = policy_rule.with_rule(draft.files.get(CONTENT, ""), rule)
    except NotARuleFile:
        st.error(localize("rule.no_list"))
        return
    draft.write(CONTENT, content)
    cases = policy_rule.cases_of(rule, *texts)
    if cases:
        draft.write(CASES, policy_rule.with_cases(draft.files.get(CASES, ""), cases))
    st.session_state[_NOTICE] = localize("rule.written", id=rule["id"], count=len(cases))
    st.rerun(scope="fragment")
