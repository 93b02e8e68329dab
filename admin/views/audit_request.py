"""One request's whole story, its evidence, and the stored bodies for who may see them."""

from typing import Any

import streamlit as st

from admin.client import ControlError
from admin.components import attempt, bullets
from admin.page_context import PageContext
from admin.reasons import Reasons
from admin.request_timeline import TimelineSection, chapters, outcome_of, spoken

_SHOWN = "audit.revealed"
_GOOD, _BAD = "ok", ("access_denied", "content_policy_violation", "content_filter", "unknown_crash")


def draw(here: PageContext, request: str) -> None:
    """Everything that the trail knows about one request."""
    say = here.say
    if st.button(say("story.to_list"), icon=":material/arrow_back:"):
        del st.query_params["request"]
        st.session_state.pop(_SHOWN, None)
        st.rerun()
    st.title(say("story.title"), anchor=False)
    st.code(request, language=None)
    entries = attempt(say, lambda: here.client.story(request))
    if not entries:
        return
    _summary(here, entries)
    told = chapters(entries, say, _reasons(here))
    for pair in (told[0:2], told[2:4], told[4:6]):
        for column, chapter in zip(st.columns(2), pair, strict=True):
            with column:
                _chapter(here, chapter)
    _evidence(here, entries)
    if here.me.may("audit:reveal") and any(entry["has_payload"] for entry in entries):
        _reveal(here, request)


def _reasons(here: PageContext) -> Reasons:
    """Without them the ids stand alone, which is no reason to hide the story."""
    if not here.me.may("policies:read"):
        return Reasons({}, here.say.language)
    try:
        return Reasons(here.client.policies()["files"], here.say.language)
    except ControlError:
        return Reasons({}, here.say.language)


def _summary(here: PageContext, entries: list[dict[str, Any]]) -> None:
    outcome = outcome_of(entries)
    name = here.say.name("outcome", outcome)
    st.badge(name, color="red" if outcome in _BAD else "green" if outcome == _GOOD else "orange")


def _chapter(here: PageContext, chapter: TimelineSection) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader(here.say(chapter.title), anchor=False)
        bullets(chapter.lines)


def _evidence(here: PageContext, entries: list[dict[str, Any]]) -> None:
    say = here.say
    with st.expander(say("story.evidence")):
        st.caption(say("story.evidence_about"))
        st.dataframe(
            [
                {
                    say.bare("story.place"): f"{entry['log']} #{entry['seq']}",
                    say.bare("audit.time"): say.moment(entry["time"] / 1000),
                    say.bare("audit.event"): say.name("event", entry["event"]),
                    say.bare("story.hash"): entry["hash"],
                }
                for entry in entries
            ],
            hide_index=True,
        )
        for entry in entries:
            st.caption(say("story.fields", event=entry["event"]))
            st.json(entry["fields"], expanded=False)


def _reveal(here: PageContext, request: str) -> None:
    say = here.say
    with st.container(border=True):
        st.subheader(say("reveal.title"), anchor=False)
        st.caption(say("reveal.about"))
        with st.form("audit.reveal", border=False):
            reason = st.text_input(say("reveal.reason"), max_chars=500)
            asked = st.form_submit_button(say("reveal.show"))
        if not asked:
            return
        if len(reason.strip()) < 10:
            st.warning(say("reveal.too_short"))
            return
        for payload in attempt(say, lambda: here.client.reveal(request, reason.strip())) or []:
            _payload(here, payload)


def _payload(here: PageContext, payload: dict[str, Any]) -> None:
    say = here.say
    st.markdown(say("reveal.of", event=say.name("event", payload["event"])))
    if payload["erased"]:
        st.info(say("reveal.erased"))
        return
    for part in spoken(payload["body"]):
        if part.role:
            st.caption(say("reveal.role", role=say.name("role", part.role)))
        st.code(part.text, language=None if part.role else "json", wrap_lines=True)
