"""The try-it box: what a text would meet, before anyone sends it."""

from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from admin import highlight
from admin.components import LEVELS, attempt, bullets, heading
from admin.page_context import PageContext
from admin.reasons import Reasons
from admin.views import detection_feedback

_RESULT = "try_it.result"
TIERS = ("rules", "classifier", "lists")
_COLORS: dict[str, Literal["green", "blue", "red"]] = {
    "allow": "green",
    "redact": "blue",
    "refuse": "red",
}


def page(here: PageContext) -> None:
    """A form, and what the control plane makes of it."""
    heading(here, "try")
    say = here.say
    with st.form("try_it"):
        text = st.text_area(say("try.text"), height=160, max_chars=100_000)
        left, right, _ = st.columns([1, 1, 2])
        clearance = _level(here, left, "try.clearance", "restricted")
        floor = _level(here, right, "try.floor", "internal")
        if st.form_submit_button(say("try.go"), type="primary") and text:
            result = attempt(
                say, lambda: here.client.try_text(text, clearance=clearance, floor=floor)
            )
            st.session_state[_RESULT] = (text, result)
    text, result = st.session_state.get(_RESULT) or ("", None)
    if result is not None:
        _shown(here, text, result)


def _level(here: PageContext, column: DeltaGenerator, key: str, default: str) -> str:
    return str(
        column.selectbox(
            here.say(key),
            LEVELS,
            index=LEVELS.index(default),
            format_func=lambda level: here.say.name("level", level),
            help=here.say(f"{key}_help"),
        )
    )


def _shown(here: PageContext, text: str, result: dict[str, Any]) -> None:
    say = here.say
    reasons = _reasons(here)
    st.subheader(say("try.findings"), anchor=False)
    types = {finding["type"]: say.name("type", finding["type"]) for finding in result["findings"]}
    tiers = {tier: say.name("tier", tier) for tier in TIERS}
    highlight.draw(highlight.segments(text, result["findings"]), types | tiers, key="try_it.marked")
    if not result["findings"]:
        st.caption(say("try.nothing"))
    _verdict(here, result, reasons)
    st.subheader(say("try.redacted"), anchor=False)
    st.code(result["redacted"], language=None, wrap_lines=True)
    if result["findings"]:
        _details(here, result, reasons)
    if here.me.may("terms:propose"):
        detection_feedback.draw(here, text, result["findings"])


def _reasons(here: PageContext) -> Reasons:
    found = attempt(here.say, here.client.policies) if here.me.may("policies:read") else None
    return Reasons(found["files"] if found else {}, here.say.language)


def _verdict(here: PageContext, result: dict[str, Any], reasons: Reasons) -> None:
    say = here.say
    left, *zones = st.columns(4)
    with left, st.container(border=True, height="stretch"):
        st.caption(say("try.level"))
        st.markdown(say("try.level_is", level=say.name("level", result["level"])))
        lines = [say("try.reason", reason=reasons.of(code) or code) for code in result["reasons"]]
        if result["level"] != result["content_level"]:
            lines.append(say("try.floored", level=say.name("level", result["content_level"])))
        lines += [say("try.rule", id=rule, why=reasons.of(rule)) for rule in result["rules"]]
        bullets(lines)
    for column, (zone, decision) in zip(zones, result["decisions"].items(), strict=True):
        with column, st.container(border=True, height="stretch"):
            st.caption(say("try.zone", zone=say.name("zone", zone)))
            st.badge(say.name("decision", decision["outcome"]), color=_COLORS[decision["outcome"]])
            policies = decision["policies"]
            bullets([say("try.policy", id=name, why=reasons.of(name)) for name in policies])


def _details(here: PageContext, result: dict[str, Any], reasons: Reasons) -> None:
    say = here.say
    st.subheader(say("try.details"), anchor=False)
    for tier in TIERS:
        found = [finding for finding in result["findings"] if finding["tier"] == tier]
        if found:
            st.markdown(say("try.tier", tier=say.name("tier", tier), count=len(found)))
            st.dataframe([_row(here, finding, reasons) for finding in found], hide_index=True)
    st.caption(say("try.bundle", digest=result["bundle"]))


def _row(here: PageContext, finding: dict[str, Any], reasons: Reasons) -> dict[str, object]:
    say = here.say
    code = finding["reason"]
    level = say.name("level", finding["level"]) if code else ""
    return {
        say.bare("try.type"): say.name("type", finding["type"]),
        say.bare("try.found"): finding["text"],
        say.bare("try.score"): finding["score"],
        say.bare("try.makes"): level,
        say.bare("try.because"): (reasons.of(code) or code) if code else "",
        say.bare("try.detector"): finding["detector"],
        say.bare("try.place"): f"{finding['start']}-{finding['end']}",
    }
