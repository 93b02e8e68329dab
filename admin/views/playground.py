"""The playground: preview findings, level and decisions for a text without sending it."""

from collections.abc import Sequence
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from admin import highlight
from admin.components import LEVELS, attempt, bullets, heading
from admin.page_context import PageContext
from admin.reasons import Reasons
from admin.views import detection_feedback
from admin.views.policy_change import kept_draft

_RESULT = "try_it.result"
TIERS = ("rules", "classifier", "lists")
_COLORS: dict[str, Literal["green", "blue", "red"]] = {
    "allow": "green",
    "redact": "blue",
    "refuse": "red",
}


def page(context: PageContext) -> None:
    """Draw the form and the result of the last preview."""
    heading(context, "try")
    localize = context.localize
    draft = kept_draft()
    names = attempt(localize, context.client.policy_names) or {}
    with st.form("try_it"):
        text = st.text_area(localize("try.text"), height=160, max_chars=100_000)
        columns = st.columns(3)
        body: dict[str, Any] = {
            "text": text,
            "caller": _name(context, columns[0], "caller", names.get("keys", ())),
            "use_case": _name(context, columns[1], "use_case", names.get("use_cases", ())),
            "model": _name(context, columns[2], "model", names.get("models", ())),
        }
        left, right, last = st.columns([1, 1, 2], vertical_alignment="bottom")
        body["clearance"] = _level(context, left, "try.clearance", "restricted")
        body["floor"] = _level(context, right, "try.floor", "internal")
        if draft is not None and last.checkbox(localize("try.draft"), value=True):
            body["draft"] = draft.body()
        if st.form_submit_button(localize("try.go"), type="primary") and text:
            result = attempt(localize, lambda: context.client.try_text(body))
            st.session_state[_RESULT] = (text, result, body.get("draft", {}).get("files"))
    text, result, files = st.session_state.get(_RESULT) or ("", None, None)
    if result is not None:
        _result(context, text, result, files)


def _name(context: PageContext, column: DeltaGenerator, key: str, names: Sequence[str]) -> str:
    """Draw a choice of a name of the catalogue; empty for none."""
    return str(
        column.selectbox(
            context.localize(f"try.{key}"),
            ["", *names],
            format_func=lambda name: name or context.localize.raw("try.any"),
        )
        or ""
    )


def _level(context: PageContext, column: DeltaGenerator, key: str, default: str) -> str:
    return str(
        column.selectbox(
            context.localize(key),
            LEVELS,
            index=LEVELS.index(default),
            format_func=lambda level: context.localize.name("level", level),
            help=context.localize(f"{key}_help"),
        )
    )


def _result(
    context: PageContext, text: str, result: dict[str, Any], files: dict[str, str] | None
) -> None:
    """Draw a result; ``files`` are those of the draft that was tried, None for the bundle."""
    localize = context.localize
    reasons = Reasons(files, localize.language) if files else _reasons(context)
    if files:
        st.info(localize("try.by_draft"), icon=":material/edit_document:")
    for code in result["against"]:
        st.warning(localize(f"try.{code}"), icon=":material/block:")
    st.subheader(localize("try.findings"), anchor=False)
    types = {
        finding["type"]: localize.name("type", finding["type"]) for finding in result["findings"]
    }
    tiers = {tier: localize.name("tier", tier) for tier in TIERS}
    highlight.draw(highlight.segments(text, result["findings"]), types | tiers, key="try_it.marked")
    if not result["findings"]:
        st.caption(localize("try.nothing"))
    _verdict(context, result, reasons)
    _deployments(context, result["deployments"], reasons)
    st.subheader(localize("try.redacted"), anchor=False)
    st.code(result["redacted"], language=None, wrap_lines=True)
    if result["findings"]:
        _details(context, result, reasons)
    if context.user.may("terms:propose"):
        detection_feedback.draw(context, text, result["findings"])


def _reasons(context: PageContext) -> Reasons:
    listed = (
        attempt(context.localize, context.client.policies)
        if context.user.may("policies:read")
        else None
    )
    return Reasons(listed["files"] if listed else {}, context.localize.language)


def _verdict(context: PageContext, result: dict[str, Any], reasons: Reasons) -> None:
    localize = context.localize
    left, *zones = st.columns(4)
    with left, st.container(border=True, height="stretch"):
        st.caption(localize("try.level"))
        st.markdown(localize("try.level_is", level=localize.name("level", result["level"])))
        lines = [
            localize("try.reason", reason=reasons.of(code) or code) for code in result["reasons"]
        ]
        if result["level"] != result["content_level"]:
            lines.append(
                localize("try.floored", level=localize.name("level", result["content_level"]))
            )
        lines += [localize("try.rule", id=rule, why=reasons.of(rule)) for rule in result["rules"]]
        bullets(lines)
    for column, (zone, decision) in zip(zones, result["decisions"].items(), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.caption(localize("try.zone", zone=localize.name("zone", zone)))
            st.badge(
                localize.name("decision", decision["outcome"]), color=_COLORS[decision["outcome"]]
            )
            policies = decision["policies"]
            bullets([localize("try.policy", id=name, why=reasons.of(name)) for name in policies])


def _deployments(context: PageContext, deployments: list[dict[str, Any]], reasons: Reasons) -> None:
    """Draw what each deployment of the model would get, in its order."""
    localize = context.localize
    if not deployments:
        return
    st.subheader(localize("try.deployments"), anchor=False)
    st.dataframe(
        [
            {
                localize.raw("try.deployment"): one["deployment"],
                localize.raw("try.where"): localize.name("zone", one["zone"]),
                localize.raw("try.provider"): one["provider"],
                localize.raw("try.outcome"): localize.name("decision", one["outcome"]),
                localize.raw("try.why"): "; ".join(
                    reasons.of(name) or name for name in one["policies"]
                ),
            }
            for one in deployments
        ],
        hide_index=True,
    )


def _details(context: PageContext, result: dict[str, Any], reasons: Reasons) -> None:
    localize = context.localize
    st.subheader(localize("try.details"), anchor=False)
    for tier in TIERS:
        listed = [finding for finding in result["findings"] if finding["tier"] == tier]
        if listed:
            st.markdown(localize("try.tier", tier=localize.name("tier", tier), count=len(listed)))
            st.dataframe([_row(context, finding, reasons) for finding in listed], hide_index=True)
    st.caption(localize("try.bundle", digest=result["bundle"]))


def _row(context: PageContext, finding: dict[str, Any], reasons: Reasons) -> dict[str, object]:
    localize = context.localize
    code = finding["reason"]
    level = localize.name("level", finding["level"]) if code else ""
    return {
        localize.raw("try.type"): localize.name("type", finding["type"]),
        localize.raw("try.found"): finding["text"],
        localize.raw("try.score"): finding["score"],
        localize.raw("try.makes"): level,
        localize.raw("try.because"): (reasons.of(code) or code) if code else "",
        localize.raw("try.detector"): finding["detector"],
        localize.raw("try.place"): f"{finding['start']}-{finding['end']}",
    }
